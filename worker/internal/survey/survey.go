// Package survey goes through the two buckets side by side, a photo at a time. It holds a page of each listing and no
// more, so buckets of any size can be gone through, and what it finds is as of when it came by: whoever acts on it has
// the photo reconciled, which looks again.
package survey

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// Bucket lists a bucket in the order of its keys, as [store.Variants] does.
type Bucket interface {
	List(ctx context.Context, prefix, after string) iter.Seq2[store.Entry, error]
}

// Photo is what the buckets hold of one photo, or a key that is of none.
type Photo struct {
	Ref      photo.Ref
	Original *store.Entry // nil if there is none
	Variants []string     // keys in the variants bucket, among them the manifest's
	Stray    string       // instead of all this: a key of either bucket that is no photo's
}

// HasManifest reports whether the photo has a manifest.
func (p Photo) HasManifest() bool { return slices.Contains(p.Variants, p.Ref.ManifestKey()) }

// Photos returns the photos whose keys begin with prefix and come after the photo whose original has the key after,
// or all if that is "", in the order of the keys. An error ends them.
func Photos(ctx context.Context, uploads, variants Bucket, prefix, after string) iter.Seq2[Photo, error] {
	return func(yield func(Photo, error) bool) {
		afterVariants := after
		if after != "" {
			afterVariants += "0" // comes after a slash, and so after all that the photo has
		}
		left := pull(uploads.List(ctx, prefix, after), "uploads", photo.ParseKey)
		defer left.stop()
		right := pull(variants.List(ctx, prefix, afterVariants), "variants", ofVariant)
		defer right.stop()
		for {
			if err := left.err; err != nil {
				yield(Photo{}, err)
				return
			}
			if err := right.err; err != nil {
				yield(Photo{}, err)
				return
			}
			var p Photo
			switch {
			case !left.ok && !right.ok:
				return
			case left.ok && left.stray:
				p.Stray = left.entry.Key
				left.next()
			case right.ok && right.stray:
				p.Stray = right.entry.Key
				right.next()
			default:
				p = join(left, right)
			}
			// What a listing broke off in is not whole.
			if left.err == nil && right.err == nil && !yield(p, nil) {
				return
			}
		}
	}
}

// join takes the photo that comes first from both listings, which are at photos or at their end.
func join(left, right *cursor) Photo {
	p := Photo{Ref: right.ref}
	// The keys of both buckets begin alike, and all ids have one length: so both listings have one order.
	if left.ok && (!right.ok || left.ref.Key() <= right.ref.Key()) {
		original := left.entry
		p.Ref, p.Original = left.ref, &original
		left.next()
	}
	for right.ok && !right.stray && right.ref == p.Ref {
		p.Variants = append(p.Variants, right.entry.Key)
		right.next()
	}
	return p
}

// cursor is a place in a listing.
type cursor struct {
	bucket string
	parse  func(key string) (photo.Ref, error)
	pull   func() (store.Entry, error, bool)
	stop   func()

	ok    bool // there is an entry
	entry store.Entry
	ref   photo.Ref
	stray bool // the entry is no photo's
	err   error
}

func pull(listing iter.Seq2[store.Entry, error], bucket string, parse func(string) (photo.Ref, error)) *cursor {
	c := &cursor{bucket: bucket, parse: parse}
	c.pull, c.stop = iter.Pull2(listing)
	c.next()
	return c
}

func (c *cursor) next() {
	c.entry, c.err, c.ok = c.pull()
	if c.err != nil {
		c.ok, c.err = false, fmt.Errorf("%s bucket: %w", c.bucket, c.err)
	}
	if c.ok {
		var bad error
		c.ref, bad = c.parse(c.entry.Key)
		c.stray = bad != nil
	}
}

// ofVariant returns the photo that a key in the variants bucket belongs to: everything under its prefix does.
func ofVariant(key string) (photo.Ref, error) {
	parts := strings.SplitN(key, "/", 3)
	if len(parts) < 3 {
		return photo.Ref{}, fmt.Errorf("key %.120q: %w: want {board}/{id}/{variant}", key, photo.ErrName)
	}
	return photo.ParseKey(parts[0] + "/" + parts[1])
}
