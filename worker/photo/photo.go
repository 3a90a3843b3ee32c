// Package photo is the contract between Darkroom's programs: how a photo is named, where S3 holds its bytes, and what
// its manifest says. The token Lambda and the worker share these types and nothing else.
//
// A photo belongs to a [Board] and has an [ID]; together they are a [Ref], which names every object of the photo:
//
//	uploads bucket    {board}/{id}                                  the original, as the client sent it
//	variants bucket   {shard}/{board}/{id}/{variant}-{hash}.{ext}   the resized copies
//	variants bucket   {shard}/{board}/{id}/manifest.json            the outcome, written last
//
// The originals of a board sort by time, so S3 takes all that arrive at a moment in one partition: at least 3,500 a
// second (https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html). A photo has several
// objects in the variants bucket. The shard spreads these over 32 prefixes: it is the first character of the id's
// random part.
//
// The state of a photo follows from S3 alone: see [State]. [Manifest.Current] says whether a photo is up to date.
// [ParseManifest] says which manifests can be used, and what happens to one that a newer release wrote.
package photo

import (
	"errors"
	"fmt"
	"strings"
)

// ErrName reports a board, an id or a key that does not follow the naming rules of this package.
var ErrName = errors.New("invalid name")

// Board names a collection of photos. It has 1 to 63 characters of a-z, 0-9 and hyphen, and begins and ends with a
// letter or a digit. It therefore needs no escaping in an object key, a URL path or an event notification.
type Board string

// maxBoard is the length of the longest name of a board.
const maxBoard = 63

// ParseBoard returns s as a Board. The error wraps [ErrName].
func ParseBoard(s string) (Board, error) {
	if !isBoard(s) {
		return "", fmt.Errorf("board %.80q: %w: want 1 to 63 of a-z, 0-9 and hyphen, beginning and ending with a letter or digit", s, ErrName)
	}
	return Board(s), nil
}

// isBoard reports whether s can be the name of a board.
func isBoard(s string) bool {
	if len(s) < 1 || len(s) > maxBoard || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// Ref identifies one photo.
type Ref struct {
	Board Board
	ID    ID
}

// ParseKey returns the photo whose original has this key in the uploads bucket. The error wraps [ErrName].
func ParseKey(key string) (Ref, error) {
	b, i, ok := strings.Cut(key, "/")
	if !ok {
		return Ref{}, fmt.Errorf("key %.120q: %w: want {board}/{id}", key, ErrName)
	}
	board, err := ParseBoard(b)
	if err != nil {
		return Ref{}, fmt.Errorf("key %.120q: %w", key, err)
	}
	id, err := ParseID(i)
	if err != nil {
		return Ref{}, fmt.Errorf("key %.120q: %w", key, err)
	}
	return Ref{Board: board, ID: id}, nil
}

// Key returns the key of the original in the uploads bucket.
func (r Ref) Key() string { return string(r.Board) + "/" + string(r.ID) }

// Shards lists the first parts of all keys in the variants bucket, in their order.
func Shards() []string { return strings.Split(digits, "") }

// Prefix returns the beginning of every key that the photo has in the variants bucket.
func (r Ref) Prefix() string { return r.ID.shard() + "/" + r.Key() + "/" }

// ParseVariantKey returns the photo that a key in the variants bucket belongs to: everything under the photo's prefix
// does. The error wraps [ErrName].
func ParseVariantKey(key string) (Ref, error) {
	parts := strings.SplitN(key, "/", 4)
	if len(parts) < 4 {
		return Ref{}, fmt.Errorf("key %.120q: %w: want {shard}/{board}/{id}/{variant}", key, ErrName)
	}
	ref, err := ParseKey(parts[1] + "/" + parts[2])
	if err == nil && parts[0] != ref.ID.shard() {
		err = fmt.Errorf("key %.120q: %w: want the shard %s", key, ErrName, ref.ID.shard())
	}
	return ref, err
}

// ManifestKey returns the key of the manifest in the variants bucket.
func (r Ref) ManifestKey() string { return r.Prefix() + ManifestName }

// VariantKey returns the key in the variants bucket of the variant with this name, this SHA-256 in hexadecimal and this
// format. The first 16 digits of the hash are part of the key, so the object under a key never changes. A worker that
// is late with an older original cannot overwrite what a manifest names, and caches may keep a variant forever.
func (r Ref) VariantKey(name, sha256 string, f Format) string {
	return r.Prefix() + name + "-" + sha256[:min(16, len(sha256))] + "." + f.Ext()
}

// String returns the key of the original.
func (r Ref) String() string { return r.Key() }
