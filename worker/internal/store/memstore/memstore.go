// Package memstore implements the buckets of package store in memory, for rehearsals and for tests.
package memstore

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

// Bucket is a [store.Bucket] in memory. Set its fields before using it.
type Bucket struct {
	// Before, if set, is called at the start of every operation, without a lock. The operation returns its error.
	Before func(ctx context.Context, op, key string) error
	// Body, if set, wraps the body that a Get returns.
	Body func(ctx context.Context, key string, body io.Reader) io.Reader
	// Versioned keeps every version of an object, each with a VersionID of its own. A delete leaves a delete marker.
	Versioned bool

	mu       sync.Mutex
	objects  map[string]stored   // what a request without a version gets
	older    map[string][]stored // versions and markers of a key that a request without a version does not get, oldest first
	versions int
	requests map[string]int
}

type stored struct {
	store.Object
	body   []byte
	listed bool // only what a listing says is known, and not the body
	tags   string
	marker bool
}

// New returns an empty bucket.
func New() *Bucket {
	return &Bucket{objects: map[string]stored{}, older: map[string][]stored{}, requests: map[string]int{}}
}

// Upload stores an original with its metadata and without a digest, as a client does.
func (b *Bucket) Upload(key string, body []byte, metadata map[string]string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.store(key, body, metadata)
	o.SHA256 = ""
	b.objects[key] = o
}

// Preload adds an object as another bucket has it. If the body is nil, the bucket describes and lists the object, but
// does not find it for a Get.
func (b *Bucket) Preload(e store.Entry, body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[e.Key] = stored{Object: e.Object, body: body, listed: body == nil}
}

// store stores an object, whose ETag is the beginning of its digest, and returns it. The caller holds mu.
func (b *Bucket) store(key string, body []byte, metadata map[string]string) stored {
	digest := fmt.Sprintf("%x", sha256.Sum256(body))
	o := store.Object{Bytes: int64(len(body)), ETag: `"` + digest[:32] + `"`, SHA256: digest, Modified: time.Now(), Metadata: metadata}
	if b.Versioned {
		b.hide(key)
		o.VersionID = b.nextVersion()
	}
	b.objects[key] = stored{body: bytes.Clone(body), Object: o}
	return b.objects[key]
}

// SetModified sets when an object was modified.
func (b *Bucket) SetModified(key string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.objects[key]
	o.Modified = at
	b.objects[key] = o
}

// Keys returns every key in order.
func (b *Bucket) Keys() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.objects))
}

// Stored returns an object's bytes, or nil if there is no object or its body is unknown.
func (b *Bucket) Stored(key string) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.objects[key].body
}

// Requests returns how many operations of each kind there were since the last call: "head", "get", "put", "list",
// "list versions", "delete", "delete versions" and "check".
func (b *Bucket) Requests() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	counts := b.requests
	b.requests = map[string]int{}
	return counts
}

// begin counts an operation and returns its error, if it is to fail.
func (b *Bucket) begin(ctx context.Context, op, key string) error {
	b.mu.Lock()
	b.requests[op]++
	b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.Before != nil {
		return b.Before(ctx, op, key)
	}
	return nil
}

// Head implements [store.Bucket].
func (b *Bucket) Head(ctx context.Context, key string) (store.Object, error) {
	if err := b.begin(ctx, "head", key); err != nil {
		return store.Object{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.objects[key]
	if !ok {
		return store.Object{}, fmt.Errorf("head %s: %w", key, store.ErrNotFound)
	}
	return o.Object, nil
}

// Get implements [store.Bucket].
func (b *Bucket) Get(ctx context.Context, key, etag string) (store.Object, io.ReadCloser, error) {
	if err := b.begin(ctx, "get", key); err != nil {
		return store.Object{}, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.objects[key]
	switch {
	case !ok || o.listed:
		return store.Object{}, nil, fmt.Errorf("get %s: %w", key, store.ErrNotFound)
	case etag != "" && o.ETag != etag:
		return store.Object{}, nil, fmt.Errorf("get %s: %w", key, store.ErrConflict)
	}
	var body io.Reader = bytes.NewReader(o.body)
	if b.Body != nil {
		body = b.Body(ctx, key, body)
	}
	return o.Object, io.NopCloser(body), nil
}

// Put implements [store.Bucket].
func (b *Bucket) Put(ctx context.Context, key string, c store.Content) error {
	if err := b.begin(ctx, "put", key); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.IfMatch != nil && b.objects[key].ETag != *c.IfMatch {
		return fmt.Errorf("put %s: %w", key, store.ErrConflict)
	}
	o := b.store(key, c.Body, c.Metadata)
	o.tags = c.Tags
	b.objects[key] = o
	return nil
}

// List implements [store.Bucket]. It counts as one operation, as S3 lists up to 1000 objects in one request.
func (b *Bucket) List(ctx context.Context, prefix, after string) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		if err := b.begin(ctx, "list", prefix); err != nil {
			yield(store.Entry{}, err)
			return
		}
		for _, e := range b.entries(prefix, after) {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (b *Bucket) entries(prefix, after string) []store.Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	var entries []store.Entry
	for _, k := range slices.Sorted(maps.Keys(b.objects)) {
		if o := b.objects[k]; strings.HasPrefix(k, prefix) && k > after {
			entries = append(entries, store.Entry{Key: k, Object: store.Object{Bytes: o.Bytes, ETag: o.ETag, Modified: o.Modified}})
		}
	}
	return entries
}

// DeleteIfMatch implements [store.Bucket].
func (b *Bucket) DeleteIfMatch(ctx context.Context, key, etag string) error {
	if err := b.begin(ctx, "delete", key); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.objects[key].ETag != etag {
		return fmt.Errorf("delete %s: %w", key, store.ErrConflict)
	}
	b.remove(key)
	return nil
}

// Delete implements [store.Bucket].
func (b *Bucket) Delete(ctx context.Context, keys []string) error {
	if err := b.begin(ctx, "delete", strings.Join(keys, " ")); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range keys {
		b.remove(k)
	}
	return nil
}

// Check implements [store.Bucket].
func (b *Bucket) Check(ctx context.Context) error { return b.begin(ctx, "check", "") }
