package memstore

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"darkroom/worker/internal/store"
)

// nextVersion returns an id for a version. The caller holds mu.
func (b *Bucket) nextVersion() string {
	b.versions++
	return fmt.Sprint("v", b.versions)
}

// hide makes the object of a key, if there is one, an older version. The caller holds mu.
func (b *Bucket) hide(key string) {
	if o, ok := b.objects[key]; ok {
		b.older[key] = append(b.older[key], o)
		delete(b.objects, key)
	}
}

// remove deletes the object of a key, as a request without a version does. The caller holds mu.
func (b *Bucket) remove(key string) {
	if !b.Versioned {
		delete(b.objects, key)
		return
	}
	b.hide(key)
	b.older[key] = append(b.older[key], stored{marker: true, Object: store.Object{VersionID: b.nextVersion()}})
}

// Tags returns the tags of an object.
func (b *Bucket) Tags(key string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.objects[key].tags
}

// Versions returns every version and delete marker of the keys that begin with prefix, in order.
func (b *Bucket) Versions(prefix string) []store.Version {
	b.mu.Lock()
	defer b.mu.Unlock()
	keys := maps.Clone(b.older)
	for k := range b.objects {
		keys[k] = nil
	}
	var all []store.Version
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if !strings.HasPrefix(k, prefix) {
			continue
		}
		current, ok := b.objects[k]
		for i, o := range b.older[k] {
			all = append(all, version(k, o, !ok && i == len(b.older[k])-1))
		}
		if ok {
			all = append(all, version(k, current, true))
		}
	}
	return all
}

// version describes what is stored under a key.
func version(key string, o stored, latest bool) store.Version {
	return store.Version{Key: key, ID: cmp.Or(o.VersionID, "null"), Marker: o.marker, Latest: latest, Bytes: o.Bytes, ETag: o.ETag}
}

// ListVersions implements [store.Bucket].
func (b *Bucket) ListVersions(ctx context.Context, prefix string) iter.Seq2[store.Version, error] {
	return func(yield func(store.Version, error) bool) {
		if err := b.begin(ctx, "list versions", prefix); err != nil {
			yield(store.Version{}, err)
			return
		}
		for _, v := range b.Versions(prefix) {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// DeleteVersions implements [store.Bucket].
func (b *Bucket) DeleteVersions(ctx context.Context, versions []store.Version) error {
	keys := make([]string, len(versions))
	for i, v := range versions {
		keys[i] = v.Key
	}
	if err := b.begin(ctx, "delete versions", strings.Join(keys, " ")); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range versions {
		b.deleteVersion(v)
	}
	return nil
}

// deleteVersion deletes one version, after which the one before it is current. The caller holds mu.
func (b *Bucket) deleteVersion(v store.Version) {
	isVersion := func(o stored) bool { return cmp.Or(o.VersionID, "null") == v.ID }
	if o, ok := b.objects[v.Key]; ok && isVersion(o) {
		delete(b.objects, v.Key)
	}
	left := slices.DeleteFunc(b.older[v.Key], isVersion)
	if _, ok := b.objects[v.Key]; !ok && len(left) > 0 && !left[len(left)-1].marker {
		b.objects[v.Key] = left[len(left)-1]
		left = left[:len(left)-1]
	}
	if b.older[v.Key] = left; len(left) == 0 {
		delete(b.older, v.Key)
	}
}
