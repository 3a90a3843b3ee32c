package store

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

var (
	// ErrNotFound reports that a bucket holds no object under a key.
	ErrNotFound = errors.New("object not found")
	// ErrConflict reports that the condition of a Put or a Get did not hold: someone else wrote the object, or is
	// writing it.
	ErrConflict = errors.New("object changed")
	// ErrUnavailable reports that it is not one object that cannot be had but the store: it gives no answer, it is
	// overloaded, or it lets nobody in. Every other photo would fare the same, so the thing to do is to wait. The
	// end of a context is not it.
	ErrUnavailable = errors.New("storage is unavailable")
)

// Object describes what a bucket holds under a key.
type Object struct {
	Bytes     int64
	ETag      string // with its quotes
	VersionID string // where the bucket is versioned
	SHA256    string // lower-case hexadecimal, of the whole object, where it was stored with one
	Modified  time.Time
	Metadata  map[string]string // user metadata by lower-case name
}

// Entry is an object in a listing, which tells its Bytes, ETag and Modified.
type Entry struct {
	Key string
	Object
}

// Content is an object to be written.
type Content struct {
	Type  string // media type
	Cache string // how long others may keep it, as the header Cache-Control says it
	Body  []byte
	// IfMatch, unless nil, makes the write conditional: on no object being there if it is "", or else on the object
	// that has this ETag still being there.
	IfMatch *string
}

// Originals reads the uploads bucket, and removes what arrives for a photo that a user has removed.
type Originals interface {
	// Head describes an object. The error is an [ErrNotFound] if there is none.
	Head(ctx context.Context, key string) (Object, error)
	// Get describes an object and opens its bytes, which the caller closes. They come from one version of it, and
	// reading fails if they are not those that were stored, or when ctx ends. The error is an [ErrNotFound] if there
	// is none, and an [ErrConflict] if its ETag is not etag, unless that is empty.
	Get(ctx context.Context, key, etag string) (Object, io.ReadCloser, error)
	// Delete is as in [Variants].
	Delete(ctx context.Context, keys []string) error
}

// Variants keeps the variants bucket.
type Variants interface {
	// Get is as in [Originals].
	Get(ctx context.Context, key, etag string) (Object, io.ReadCloser, error)
	// List returns the objects whose keys begin with prefix and come after a key, in their order. An error ends it.
	List(ctx context.Context, prefix, after string) iter.Seq2[Entry, error]
	Writes
}

// Writes change a bucket.
type Writes interface {
	// Put writes an object, whole or not at all. The error is an [ErrConflict] if its condition does not hold.
	Put(ctx context.Context, key string, c Content) error
	// Remove removes the object that has this ETag. The error is an [ErrConflict] if it has another; where there is none
	// it is that or nil.
	Remove(ctx context.Context, key, etag string) error
	// Delete removes the objects under these keys; one that is not there is no error.
	Delete(ctx context.Context, keys []string) error
}
