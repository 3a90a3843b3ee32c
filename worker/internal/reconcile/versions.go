package reconcile

import (
	"context"
	"fmt"
	"time"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// versions are the versions and delete markers of a removed photo that are to be deleted.
type versions struct {
	originals []store.Version
	variants  []store.Version
	manifests []store.Version // versions of the manifest, without the current tombstone
}

// findVersions lists the versions of a photo in both buckets.
func (r *Reconciler) findVersions(ctx context.Context, ref photo.Ref) (versions, error) {
	var found versions
	for v, err := range r.variants.ListVersions(ctx, ref.Prefix()) {
		switch {
		case err != nil:
			return versions{}, fmt.Errorf("list the versions of the variants: %w", err)
		case v.Key != ref.ManifestKey():
			found.variants = append(found.variants, v)
		case !v.Latest:
			found.manifests = append(found.manifests, v)
		}
	}
	for v, err := range r.originals.ListVersions(ctx, ref.Key()) {
		switch {
		case err != nil:
			return versions{}, fmt.Errorf("list the versions of the original: %w", err)
		case v.Key == ref.Key(): // another key may begin with this one
			found.originals = append(found.originals, v)
		}
	}
	return found, nil
}

// hasObjects reports whether there is a version or a delete marker of another object than the manifest.
func (f versions) hasObjects() bool { return len(f.originals)+len(f.variants) > 0 }

// holdsBytes reports whether one of the versions is not a delete marker.
func holdsBytes(all []store.Version) bool {
	for _, v := range all {
		if !v.Marker {
			return true
		}
	}
	return false
}

// record returns the record of an erasure with the versions that were found. It also reports whether the record must be
// stored before they are deleted.
//
// The versions of the manifest count only while nothing was listed before. Later ones are versions of the tombstone.
func (f versions) record(old *photo.Erasure) (e photo.Erasure, changed bool) {
	if old != nil {
		e = *old
	}
	fresh := erased(photo.VariantsBucket, f.variants)
	if e.ListedAt.IsZero() {
		fresh = append(fresh, erased(photo.VariantsBucket, f.manifests)...)
	}
	cached := len(fresh) > 0
	fresh = append(fresh, erased(photo.UploadsBucket, f.originals)...)
	if len(fresh) == 0 {
		return e, false
	}
	e.Objects = append([]photo.ErasedObject(nil), e.Objects...)
	changed = e.Add(fresh...)
	if e.ListedAt.IsZero() {
		e.ListedAt, changed = time.Now().UTC(), true
	}
	if !e.ErasedAt.IsZero() {
		e.ErasedAt, changed = time.Time{}, true
	}
	if cached && e.Purge != nil {
		e.Purge, changed = nil, true
	}
	return e, changed
}

// erased returns the entries of a record for the versions of a bucket that hold bytes.
func erased(bucket string, all []store.Version) (objects []photo.ErasedObject) {
	for _, v := range all {
		if !v.Marker {
			objects = append(objects, photo.ErasedObject{Bucket: bucket, Key: v.Key, VersionID: v.ID, ETag: v.ETag, Bytes: v.Bytes})
		}
	}
	return objects
}
