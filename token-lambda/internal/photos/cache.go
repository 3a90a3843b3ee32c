package photos

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
)

// Backend is what a [Cache] reads: S3. Its methods return an [*api.OutageError] if another attempt may succeed.
type Backend interface {
	// Manifest returns the manifest of ref. If it still has the ETag known, which may be empty, it is Unchanged. The
	// error wraps [photo.ErrManifest] if there is a manifest that cannot be used. The ETag is known even then, unless
	// S3 refuses to read the object.
	Manifest(ctx context.Context, ref photo.Ref, known string) (StoredManifest, error)
	// Original is described at [api.Store].
	Original(ctx context.Context, ref photo.Ref) (*photo.Source, error)
	// List is described at [api.Store].
	List(ctx context.Context, board photo.Board, cursor string, limit int) (api.Page, error)
	// Remove is described at [api.Store].
	Remove(ctx context.Context, ref photo.Ref) error
}

// StoredManifest is a manifest in S3.
type StoredManifest struct {
	Manifest  *photo.Manifest // nil if there is none, if it cannot be used, or if it is unchanged
	ETag      string          // with its quotes; empty if there is none
	Bytes     int64           // size
	Unchanged bool            // it still has the ETag that the caller knows
}

const (
	// CacheBytes is the size of the manifests that a cache keeps: 16 MiB, about 8,000 photos with three variants.
	CacheBytes = 16 << 20
	// entryBytes is roughly what a cached manifest takes in addition to its own bytes.
	entryBytes = 512
	// Fresh is how long a list uses a cached manifest without asking S3 whether it has changed.
	Fresh = time.Minute
)

// Cache is the [api.Store] of this package. It keeps the manifests that were used last, within a limit on their size,
// and is safe for concurrent use. The caller decides who may see a photo: the cache answers for exactly the photo that
// it is asked about.
//
// A manifest that is read by itself takes one request to S3, with the ETag of the cached one: S3 decides. A listing
// shows the ETag of each original. So a list takes a cached manifest about that version without a request, if it was
// read within the last minute. An original that was removed is not in the listing, and one that was replaced has
// another ETag. For up to a minute, a list can miss that a worker has rendered the same original again.
//
// S3 charges a conditional request like any other: 0.40 USD a million. A million listings cost 5 USD, and a listing of
// the manifests would have to cover 32 prefixes. So a million pages of 20 photos cost 13 USD, and 5 USD if they are
// opened again within a minute.
type Cache struct {
	next Backend

	mu      sync.Mutex
	entries map[photo.Ref]*list.Element // values are *cached
	order   *list.List                  // most recently used first
	bytes   int64                       // size of all entries
	limit   int64
}

// cached is a manifest in the cache.
type cached struct {
	ref   photo.Ref
	m     *photo.Manifest
	etag  string
	bytes int64
	read  time.Time // when S3 was last asked
}

// NewCache returns an empty cache in front of next.
func NewCache(next Backend) *Cache {
	return &Cache{next: next, entries: map[photo.Ref]*list.Element{}, order: list.New(), limit: CacheBytes}
}

// Manifest implements [api.Store].
func (c *Cache) Manifest(ctx context.Context, ref photo.Ref, original *photo.Source) (*photo.Manifest, error) {
	start := time.Now() // what S3 says may be as old as this
	known, ok := c.get(ref)
	if ok && original != nil && start.Sub(known.read) < Fresh && known.m.Source.SameVersion(*original) {
		return known.m, nil
	}
	stored, err := c.next.Manifest(ctx, ref, known.etag)
	switch {
	case errors.Is(err, photo.ErrManifest):
		c.drop(ref)
		return nil, err
	case err != nil:
		return nil, err
	case stored.Unchanged:
		known.read = start
		c.put(known)
		return known.m, nil
	case stored.Manifest == nil:
		c.drop(ref)
		return nil, nil
	}
	c.put(cached{ref: ref, m: stored.Manifest, etag: stored.ETag, bytes: stored.Bytes + entryBytes, read: start})
	return stored.Manifest, nil
}

// Original implements [api.Store].
func (c *Cache) Original(ctx context.Context, ref photo.Ref) (*photo.Source, error) {
	return c.next.Original(ctx, ref)
}

// List implements [api.Store].
func (c *Cache) List(ctx context.Context, board photo.Board, cursor string, limit int) (api.Page, error) {
	return c.next.List(ctx, board, cursor, limit)
}

// Remove implements [api.Store].
func (c *Cache) Remove(ctx context.Context, ref photo.Ref) error {
	defer c.drop(ref) // also after a failure, which may have written the manifest
	return c.next.Remove(ctx, ref)
}

func (c *Cache) get(ref photo.Ref) (cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[ref]
	if !ok {
		return cached{}, false
	}
	c.order.MoveToFront(e)
	return *e.Value.(*cached), true
}

func (c *Cache) put(m cached) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(c.entries[m.ref])
	c.entries[m.ref] = c.order.PushFront(&m)
	c.bytes += m.bytes
	for c.bytes > c.limit {
		c.remove(c.order.Back())
	}
}

func (c *Cache) drop(ref photo.Ref) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(c.entries[ref])
}

// remove takes an entry out, if it is not nil. The caller holds mu.
func (c *Cache) remove(e *list.Element) {
	if e == nil {
		return
	}
	m := c.order.Remove(e).(*cached)
	delete(c.entries, m.ref)
	c.bytes -= m.bytes
}
