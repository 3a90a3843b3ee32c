// Package storetest holds what tests of the reconciler's buckets share: a bucket in memory and the conformance suite
// that every implementation passes.
package storetest

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"darkroom/worker/internal/reconcile"
)

// Bucket is what the reconciler asks of its two buckets together.
type Bucket interface {
	reconcile.Originals
	reconcile.Variants
}

// Memory is a bucket in memory.
type Memory struct {
	// Before, if set, is called without a lock at the start of every operation; its error is the operation's.
	// It is set before the bucket is used.
	Before func(op, key string) error

	mu      sync.Mutex
	objects map[string]stored
}

type stored struct {
	reconcile.Object
	body []byte
}

// NewMemory returns an empty bucket.
func NewMemory() *Memory { return &Memory{objects: map[string]stored{}} }

// Upload stores an original with its metadata, as a client does.
func (b *Memory) Upload(key string, body []byte, metadata map[string]string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.store(key, body, metadata)
}

func (b *Memory) store(key string, body []byte, metadata map[string]string) {
	b.objects[key] = stored{body: bytes.Clone(body), Object: reconcile.Object{
		Bytes: int64(len(body)), ETag: fmt.Sprintf(`"%x"`, md5.Sum(body)), Modified: time.Now(), Metadata: metadata}}
}

// Keys returns every key in order.
func (b *Memory) Keys() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.objects))
}

// Body returns an object's bytes, or nil.
func (b *Memory) Body(key string) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.objects[key].body
}

func (b *Memory) before(ctx context.Context, op, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.Before != nil {
		return b.Before(op, key)
	}
	return nil
}

// Head implements reconcile.Originals.
func (b *Memory) Head(ctx context.Context, key string) (reconcile.Object, error) {
	if err := b.before(ctx, "head", key); err != nil {
		return reconcile.Object{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.objects[key]
	if !ok {
		return reconcile.Object{}, fmt.Errorf("head %s: %w", key, reconcile.ErrNotFound)
	}
	return o.Object, nil
}

// Get implements reconcile.Originals and reconcile.Variants.
func (b *Memory) Get(ctx context.Context, key string) (reconcile.Object, io.ReadCloser, error) {
	if err := b.before(ctx, "get", key); err != nil {
		return reconcile.Object{}, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.objects[key]
	if !ok {
		return reconcile.Object{}, nil, fmt.Errorf("get %s: %w", key, reconcile.ErrNotFound)
	}
	return o.Object, io.NopCloser(bytes.NewReader(o.body)), nil
}

// Put implements reconcile.Variants.
func (b *Memory) Put(ctx context.Context, key string, c reconcile.Content) error {
	if err := b.before(ctx, "put", key); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.IfMatch != nil && b.objects[key].ETag != *c.IfMatch {
		return fmt.Errorf("put %s: %w", key, reconcile.ErrConflict)
	}
	b.store(key, c.Body, nil)
	return nil
}

// List implements reconcile.Variants.
func (b *Memory) List(ctx context.Context, prefix string) ([]string, error) {
	if err := b.before(ctx, "list", prefix); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(b.Keys(), func(k string) bool { return !strings.HasPrefix(k, prefix) }), nil
}

// Delete implements reconcile.Variants.
func (b *Memory) Delete(ctx context.Context, keys []string) error {
	for _, k := range keys {
		if err := b.before(ctx, "delete", k); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range keys {
		delete(b.objects, k)
	}
	return nil
}
