package forecast

import (
	"context"
	"io"
	"iter"

	"darkroom/worker/internal/store"
)

// readOnly is the uploads bucket during a rehearsal, which deletes nothing. It counts the requests.
type readOnly struct {
	Originals
	requests Requests
}

// Originals is the uploads bucket, as a rehearsal reads it.
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
