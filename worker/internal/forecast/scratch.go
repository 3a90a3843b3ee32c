package forecast

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"darkroom/worker/internal/store"
)

// scratch is a bucket in memory for the variants of one photo. What a rehearsal writes goes there and nowhere else. It
// counts the requests that S3 would charge for.
type scratch struct {
	mu       sync.Mutex
	objects  map[string]scratchObject
	requests Requests
}

// scratchObject is an object, or what a listing says about it.
type scratchObject struct {
	store.Object
	body   []byte
	listed bool // the body is unknown
}

func newScratch() *scratch { return &scratch{objects: map[string]scratchObject{}} }

// preload adds an object that exists before the rehearsal. A nil body is unknown.
func (b *scratch) preload(e store.Entry, body []byte) {
	b.objects[e.Key] = scratchObject{Object: e.Object, body: body, listed: body == nil}
}

// Head implements [store.Bucket].
func (b *scratch) Head(ctx context.Context, key string) (store.Object, error) {
	if err := ctx.Err(); err != nil {
		return store.Object{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests.Get++
	o, ok := b.objects[key]
	if !ok {
		return store.Object{}, fmt.Errorf("head %s: %w", key, store.ErrNotFound)
	}
	return o.Object, nil
}

// Get implements [store.Bucket]. It returns no body of an object that only a listing has shown.
func (b *scratch) Get(ctx context.Context, key, etag string) (store.Object, io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return store.Object{}, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests.Get++
	o, ok := b.objects[key]
	switch {
	case !ok || o.listed:
		return store.Object{}, nil, fmt.Errorf("get %s: %w", key, store.ErrNotFound)
	case etag != "" && etag != o.ETag:
		return store.Object{}, nil, fmt.Errorf("get %s: %w", key, store.ErrConflict)
	}
	return o.Object, io.NopCloser(bytes.NewReader(o.body)), nil
}

// List implements [store.Bucket].
func (b *scratch) List(ctx context.Context, prefix, after string) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		b.mu.Lock()
		b.requests.List++
		objects := maps.Clone(b.objects)
		b.mu.Unlock()
		if ctx.Err() != nil {
			yield(store.Entry{}, ctx.Err())
			return
		}
		for _, key := range slices.Sorted(maps.Keys(objects)) {
			if strings.HasPrefix(key, prefix) && key > after && !yield(store.Entry{Key: key, Object: objects[key].Object}, nil) {
				return
			}
		}
	}
}

// Put implements [store.Bucket].
func (b *scratch) Put(ctx context.Context, key string, c store.Content) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests.Put++
	if c.IfMatch != nil && b.objects[key].ETag != *c.IfMatch {
		return fmt.Errorf("put %s: %w", key, store.ErrConflict)
	}
	digest := fmt.Sprintf("%x", sha256.Sum256(c.Body)) // an S3 client calculates it too
	b.objects[key] = scratchObject{body: bytes.Clone(c.Body), Object: store.Object{Bytes: int64(len(c.Body)),
		ETag: `"` + digest + `"`, SHA256: digest, Modified: time.Now(), Metadata: c.Metadata}}
	return nil
}

// Delete implements [store.Bucket]. S3 does not charge for it.
func (b *scratch) Delete(ctx context.Context, keys []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, key := range keys {
		delete(b.objects, key)
	}
	return nil
}

// DeleteIfMatch implements [store.Bucket].
func (b *scratch) DeleteIfMatch(ctx context.Context, key, etag string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if o, ok := b.objects[key]; ok && o.ETag != etag {
		return fmt.Errorf("delete %s: %w", key, store.ErrConflict)
	}
	delete(b.objects, key)
	return nil
}

// ListVersions implements [store.Bucket]. The bucket has no versioning.
func (b *scratch) ListVersions(ctx context.Context, prefix string) iter.Seq2[store.Version, error] {
	return func(yield func(store.Version, error) bool) {
		for e, err := range b.List(ctx, prefix, "") {
			if !yield(store.Version{Key: e.Key, ID: unversioned, Latest: true, Bytes: e.Bytes, ETag: e.ETag}, err) {
				return
			}
		}
	}
}

// DeleteVersions implements [store.Bucket].
func (b *scratch) DeleteVersions(ctx context.Context, versions []store.Version) error {
	var keys []string
	for _, v := range versions {
		if v.ID == unversioned {
			keys = append(keys, v.Key)
		}
	}
	return b.Delete(ctx, keys)
}

// unversioned is the version of every object in a bucket without versioning.
const unversioned = "null"

// Check implements [store.Bucket]. A bucket in memory is always ready.
func (b *scratch) Check(ctx context.Context) error { return ctx.Err() }

// readOnly is the uploads bucket during a rehearsal, which deletes no original. It counts the requests.
type readOnly struct {
	Originals
	requests Requests
}

// Originals is the uploads bucket.
type Originals interface {
	// Head and Get are described at [store.Originals].
	Head(ctx context.Context, key string) (store.Object, error)
	Get(ctx context.Context, key, etag string) (store.Object, io.ReadCloser, error)
}

// Head implements [store.Originals].
func (r *readOnly) Head(ctx context.Context, key string) (store.Object, error) {
	r.requests.Get++
	return r.Originals.Head(ctx, key)
}

// Get implements [store.Originals].
func (r *readOnly) Get(ctx context.Context, key, etag string) (store.Object, io.ReadCloser, error) {
	r.requests.Get++
	return r.Originals.Get(ctx, key, etag)
}

// ListVersions implements [store.Originals]. A rehearsal erases nothing, and lists no version.
func (r *readOnly) ListVersions(context.Context, string) iter.Seq2[store.Version, error] {
	return func(func(store.Version, error) bool) {}
}

// DeleteVersions implements [store.Originals] and deletes nothing.
func (r *readOnly) DeleteVersions(context.Context, []store.Version) error { return nil }

// DeleteIfMatch implements [store.Originals] and deletes nothing.
func (r *readOnly) DeleteIfMatch(context.Context, string, string) error { return nil }
