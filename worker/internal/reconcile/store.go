package reconcile

import (
	"context"
	"errors"
	"io"
	"time"
)

var (
	// ErrNotFound reports that a bucket holds no object under a key.
	ErrNotFound = errors.New("object not found")
	// ErrConflict reports that the condition of a Put did not hold: someone else wrote the object, or is writing it.
	ErrConflict = errors.New("object changed")
)

// Object describes what a bucket holds under a key.
type Object struct {
	Bytes     int64
	ETag      string // with its quotes
	VersionID string // where the bucket is versioned
	Modified  time.Time
	Metadata  map[string]string // user metadata by lower-case name
}

// Content is an object to be written.
type Content struct {
	Type string // media type
	Body []byte
	// IfMatch, unless nil, makes the write conditional: on no object being there if it is "", or else on the object
	// that has this ETag still being there.
	IfMatch *string
}

// Originals reads the uploads bucket.
type Originals interface {
	// Head describes an object. The error is an [ErrNotFound] if there is none.
	Head(ctx context.Context, key string) (Object, error)
	// Get describes an object and opens its bytes, which the caller closes. Reading fails if they are not those
	// that were stored. The error is an [ErrNotFound] if there is none.
	Get(ctx context.Context, key string) (Object, io.ReadCloser, error)
}

// Variants keeps the variants bucket.
type Variants interface {
	// Get is as in [Originals].
	Get(ctx context.Context, key string) (Object, io.ReadCloser, error)
	// Put writes an object, whole or not at all. The error is an [ErrConflict] if its condition does not hold.
	Put(ctx context.Context, key string, c Content) error
	// List returns the keys that begin with prefix.
	List(ctx context.Context, prefix string) ([]string, error)
	// Delete removes the objects under these keys; one that is not there is no error.
	Delete(ctx context.Context, keys []string) error
}
