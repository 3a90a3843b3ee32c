package repair

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// item is what the buckets hold of one photo, or a key that belongs to none.
type item struct {
	ref      photo.Ref
	original *store.Entry  // nil if there is none
	variants []store.Entry // what the variants bucket holds, the manifest included
	stray    string        // set instead of the other fields: a key of either bucket that belongs to no photo
}

// hasManifest reports whether the photo has a manifest.
func (p item) hasManifest() bool { return p.manifest() != nil }

// manifest returns the manifest of a listing, or nil.
func (p item) manifest() *store.Entry {
	key := p.ref.ManifestKey()
	for i := range p.variants {
		if p.variants[i].Key == key {
			return &p.variants[i]
		}
	}
	return nil
}

// sizes returns the size of each object in the variants bucket, by key.
func (p item) sizes() map[string]int64 {
	sizes := make(map[string]int64, len(p.variants))
	for _, e := range p.variants {
		sizes[e.Key] = e.Bytes
	}
	return sizes
}

// walk lists both buckets side by side and returns the photos whose keys begin with prefix and come after the original
// with the key after, in the order of their keys. An error ends it.
//
// It holds one page of each listing, so the buckets may be of any size. What it returns may have changed since.
func walk(ctx context.Context, uploads, variants store.Lister, prefix, after string) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		afterVariants := after
		if after != "" {
			afterVariants += "0" // the character after the slash: it sorts after all variants of the photo
		}
		left := newCursor(uploads.List(ctx, prefix, after), "uploads", photo.ParseKey)
		defer left.stop()
		right := newCursor(variants.List(ctx, prefix, afterVariants), "variants", parseVariantKey)
		defer right.stop()
		for {
			if err := left.err; err != nil {
				yield(item{}, err)
				return
			}
			if err := right.err; err != nil {
				yield(item{}, err)
				return
			}
			var p item
			switch {
			case !left.ok && !right.ok:
				return
			case left.ok && left.stray:
				p.stray = left.entry.Key
				left.next()
			case right.ok && right.stray:
				p.stray = right.entry.Key
				right.next()
			default:
				p = nextPhoto(left, right)
			}
			// A photo at which a listing failed may be incomplete.
			if left.err == nil && right.err == nil && !yield(p, nil) {
				return
			}
		}
	}
}

// nextPhoto takes the photo that comes first from both listings. Neither is at a stray key.
func nextPhoto(left, right *cursor) item {
	p := item{ref: right.ref}
	// The keys of both buckets begin in the same way, and all ids have the same length. So both listings have one order.
	if left.ok && (!right.ok || left.ref.Key() <= right.ref.Key()) {
		original := left.entry
		p.ref, p.original = left.ref, &original
		left.next()
	}
	for right.ok && !right.stray && right.ref == p.ref {
		p.variants = append(p.variants, right.entry)
		right.next()
	}
	return p
}

// cursor is a position in a listing.
type cursor struct {
	bucket string // for errors
	parse  func(key string) (photo.Ref, error)
	pull   func() (store.Entry, error, bool)
	stop   func()

	ok    bool // there is an entry
	entry store.Entry
	ref   photo.Ref
	stray bool // the entry belongs to no photo
	err   error
}

func newCursor(listing iter.Seq2[store.Entry, error], bucket string, parse func(string) (photo.Ref, error)) *cursor {
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
		var err error
		c.ref, err = c.parse(c.entry.Key)
		c.stray = err != nil
	}
}

// parseVariantKey returns the photo that a key in the variants bucket belongs to. Everything under its prefix does.
func parseVariantKey(key string) (photo.Ref, error) {
	parts := strings.SplitN(key, "/", 3)
	if len(parts) < 3 {
		return photo.Ref{}, fmt.Errorf("key %.120q: %w: want {board}/{id}/{variant}", key, photo.ErrName)
	}
	return photo.ParseKey(parts[0] + "/" + parts[1])
}
