// Package storetest has a bucket in memory, for tests of code that uses package store, and the conformance suite that
// every implementation of a bucket passes.
package storetest

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
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

// Memory is a [store.Bucket] in memory. Set its fields before using it.
type Memory struct {
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
	tags   string
	marker bool
}

// NewMemory returns an empty bucket.
func NewMemory() *Memory {
	return &Memory{objects: map[string]stored{}, older: map[string][]stored{}, requests: map[string]int{}}
}

// Upload stores an original with its metadata, as a client does.
func (b *Memory) Upload(key string, body []byte, metadata map[string]string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.store(key, body, metadata)
}

func (b *Memory) store(key string, body []byte, metadata map[string]string) {
	o := store.Object{Bytes: int64(len(body)), ETag: fmt.Sprintf(`"%x"`, md5.Sum(body)), Modified: time.Now(), Metadata: metadata}
	if b.Versioned {
		b.hide(key)
		o.VersionID = b.nextVersion()
	}
	b.objects[key] = stored{body: bytes.Clone(body), Object: o}
}

// SetModified sets when an object was modified.
func (b *Memory) SetModified(key string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.objects[key]
	o.Modified = at
	b.objects[key] = o
}

// Keys returns every key in order.
func (b *Memory) Keys() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.objects))
}

// Stored returns an object's bytes, or nil.
func (b *Memory) Stored(key string) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.objects[key].body
}

// Requests returns how many operations of each kind there were since the last call.
func (b *Memory) Requests() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	counts := b.requests
	b.requests = map[string]int{}
	return counts
}

func (b *Memory) before(ctx context.Context, op, key string) error {
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
func (b *Memory) Head(ctx context.Context, key string) (store.Object, error) {
	if err := b.before(ctx, "head", key); err != nil {
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
func (b *Memory) Get(ctx context.Context, key, etag string) (store.Object, io.ReadCloser, error) {
	if err := b.before(ctx, "get", key); err != nil {
		return store.Object{}, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.objects[key]
	switch {
	case !ok:
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
func (b *Memory) Put(ctx context.Context, key string, c store.Content) error {
	if err := b.before(ctx, "put", key); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.IfMatch != nil && b.objects[key].ETag != *c.IfMatch {
		return fmt.Errorf("put %s: %w", key, store.ErrConflict)
	}
	b.store(key, c.Body, c.Metadata)
	o := b.objects[key]
	sum := sha256.Sum256(c.Body)
	o.SHA256 = hex.EncodeToString(sum[:])
	o.tags = c.Tags
	b.objects[key] = o
	return nil
}

// List implements [store.Bucket]. It counts as one operation, as S3 lists up to 1000 objects in one request.
func (b *Memory) List(ctx context.Context, prefix, after string) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		if err := b.before(ctx, "list", prefix); err != nil {
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

func (b *Memory) entries(prefix, after string) []store.Entry {
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
func (b *Memory) DeleteIfMatch(ctx context.Context, key, etag string) error {
	if err := b.before(ctx, "delete", key); err != nil {
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
func (b *Memory) Delete(ctx context.Context, keys []string) error {
	if err := b.before(ctx, "delete", strings.Join(keys, " ")); err != nil {
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
func (b *Memory) Check(ctx context.Context) error { return b.before(ctx, "check", "") }
