// Package store is the contract of the buckets that hold photos: what an object is, which operations a bucket has and
// which errors they return. Package s3store implements it over Amazon S3, package storetest in memory.
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
	// ErrConflict reports that the condition of a get, put or delete did not hold: someone else has written or deleted
	// the object, or is writing it.
	ErrConflict = errors.New("object changed")
	// ErrUnavailable reports a failure of the storage and not of one object: it does not answer, it is overloaded, or it
	// refuses the credentials. Every other object would fail in the same way, so the caller should wait. The end of a
	// context is not an ErrUnavailable.
	ErrUnavailable = errors.New("storage is unavailable")
	// ErrRefused reports that the storage denied an operation: for a permission, for the key that encrypts, or with an
	// answer that is not the storage's own. The reason may concern this object alone or all objects: the caller should
	// wait if several objects in a row are refused.
	ErrRefused = errors.New("storage refused")
	// ErrStalled is the cause with which a reader cancels the context of a [Reader.Get] whose body has delivered no byte
	// for too long. Unlike other cancellations it counts as a failure of the storage. As with ErrRefused, one object may
	// stall, or all.
	ErrStalled = errors.New("download stalled")
)

// Object describes what a bucket holds under a key.
type Object struct {
	Bytes     int64             // size
	ETag      string            // with its quotes
	VersionID string            // empty in a bucket without versioning
	SHA256    string            // lower-case hexadecimal; empty if the object was stored without one
	Modified  time.Time         // last modification
	Metadata  map[string]string // user metadata by lower-case name
}

// Entry is an object of a listing. Only the fields Bytes, ETag and Modified of its Object are set.
type Entry struct {
	Key string
	Object
}

// Content is an object to write.
type Content struct {
	Type  string // media type
	Cache string // value of the Cache-Control header; empty for none
	Body  []byte
	// Metadata is the user metadata by lower-case name: printable ASCII of at most 2 KB with the names.
	Metadata map[string]string
	// IfMatch makes the write conditional. It holds the ETag that the existing object must have, or "" if there must be
	// no object. Nil writes unconditionally.
	IfMatch *string
	// Tags are the tags of the object as a URL query, such as a=b&c=d; empty for none.
	Tags string
}

// Version is one version of an object, or a delete marker.
type Version struct {
	Key    string
	ID     string // never empty: "null" for an object that was stored without versioning
	Marker bool   // a delete marker, which hides the versions before it and has no bytes
	Latest bool   // the version, or the marker, that a request without a version gets
	Bytes  int64
	ETag   string // with its quotes; empty for a marker
}

// Originals is the uploads bucket as a worker uses it: it reads originals, deletes those of photos that were rejected
// long ago, and erases those of photos that a user has removed.
type Originals interface {
	// Head describes an object. The error wraps [ErrNotFound] if there is none.
	Head(ctx context.Context, key string) (Object, error)
	// Get is described at [Reader].
	Get(ctx context.Context, key, etag string) (Object, io.ReadCloser, error)
	// DeleteIfMatch is described at [Writer].
	DeleteIfMatch(ctx context.Context, key, etag string) error
	Eraser
}

// Variants is the variants bucket as a worker uses it.
type Variants interface {
	Reader
	Writer
	Eraser
}

// Eraser removes the versions of objects, after which nobody can read them. In a bucket with versioning, a [Writer]
// deletes no version.
type Eraser interface {
	VersionLister
	// DeleteVersions deletes these versions and delete markers for good. One that is gone already is no error. If it
	// deletes the marker of an object and versions of it, the versions go first: at no time can a request without a
	// version read one. An error that wraps [ErrRefused] may mean that a permission is missing, or that a lock protects a
	// version.
	DeleteVersions(ctx context.Context, versions []Version) error
}

// VersionLister lists the versions in a bucket.
type VersionLister interface {
	// ListVersions returns every version and delete marker of the objects whose keys begin with prefix, in the byte order
	// of their keys. A bucket without versioning has one version of each object. An error is the last element.
	ListVersions(ctx context.Context, prefix string) iter.Seq2[Version, error]
}

// Reader reads a bucket.
type Reader interface {
	// Get describes an object and opens its bytes, which the caller closes. All bytes come from one version of the
	// object. Reading fails if they differ from those that were stored, and when ctx ends. The error wraps [ErrNotFound]
	// if there is no object, and [ErrConflict] if etag is not empty and the object has another ETag.
	Get(ctx context.Context, key, etag string) (Object, io.ReadCloser, error)
	Lister
}

// Lister lists a bucket.
type Lister interface {
	// List returns the objects whose keys begin with prefix and sort after the key after, in the byte order of their
	// keys. An error is the last element.
	List(ctx context.Context, prefix, after string) iter.Seq2[Entry, error]
}

// Writer changes a bucket.
type Writer interface {
	// Put writes an object, whole or not at all. The error wraps [ErrConflict] if the condition of c does not hold.
	Put(ctx context.Context, key string, c Content) error
	// DeleteIfMatch deletes an object that has this ETag. In a bucket with versioning, its versions stay. The error wraps
	// [ErrConflict] if it has another ETag. If there is no object, the error is nil or wraps ErrConflict.
	DeleteIfMatch(ctx context.Context, key, etag string) error
	// Delete deletes objects. A key without an object is no error. In a bucket with versioning, the versions stay.
	Delete(ctx context.Context, keys []string) error
}

// Bucket has every operation. Implementations are Buckets; users ask for [Originals], [Variants] or less.
type Bucket interface {
	// Head is described at [Originals].
	Head(ctx context.Context, key string) (Object, error)
	Reader
	Writer
	Eraser
	// Check tries the operations that a job needs, and leaves the bucket as it was. It returns an error if a job would
	// fail: the storage is unavailable, the bucket does not exist, or a permission is missing.
	Check(ctx context.Context) error
}
