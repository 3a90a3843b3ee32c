package repair

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// item holds the objects of one photo, or a key that belongs to no photo.
type item struct {
	ref      photo.Ref
	original *store.Entry  // nil if there is none
	variants []store.Entry // objects in the variants bucket, including the manifest
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

// walk lists both buckets side by side. It yields the photos whose originals' keys begin with prefix and sort after the
// key after, in the order of these keys. An error ends it.
//
// It holds one page of the uploads bucket's listing and one page for each shard of the variants bucket, so the buckets
// may be of any size. The buckets may have changed since they were listed.
func walk(ctx context.Context, uploads, variants store.Lister, prefix, after string) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		left := newCursor(uploads.List(ctx, prefix, after), "uploads", photo.ParseKey)
		defer left.stop()
		var right shards
		defer func() { right.stop() }()
		for shard := range photo.Shards() {
			right = append(right, newCursor(listShard(ctx, variants, shard, prefix, after), "variants", photo.ParseVariantKey))
		}
		for {
			if err := cmp.Or(left.err, right.err()); err != nil {
				yield(item{}, err)
				return
			}
			var p item
			first, stray := right.first(), right.stray()
			switch {
			case !left.ok && first == nil && stray == nil:
				return
			case left.ok && left.stray:
				p.stray = left.entry.Key
				left.next()
			case stray != nil:
				p.stray = stray.entry.Key
				stray.next()
			default:
				p = nextPhoto(left, first)
			}
			// A photo at which a listing failed may be incomplete.
			if left.err == nil && right.err() == nil && !yield(p, nil) {
				return
			}
		}
	}
}

// listShard lists a part of the variants bucket: the objects of the photos of one shard that belong to originals whose
// keys begin with prefix and come after the key after. Without a prefix it also lists the keys between this shard and
// the next, and the first shard lists those before it too, so that all shards together list the whole bucket.
func listShard(ctx context.Context, variants store.Lister, shard int,
	prefix, after string) iter.Seq2[store.Entry, error] {
	names := photo.Shards()
	begin := names[shard] + "/"
	from := ""
	switch {
	case after != "":
		from = begin + after + "0" // the character after the slash: it sorts after all variants of the photo
	case prefix == "" && shard > 0:
		from = begin
	}
	if prefix != "" {
		return variants.List(ctx, begin+prefix, from)
	}
	end := "\U0010ffff"
	if shard+1 < len(names) {
		end = names[shard+1] + "/"
	}
	return func(yield func(store.Entry, error) bool) {
		for e, err := range variants.List(ctx, "", from) {
			if err == nil && e.Key >= end || !yield(e, err) {
				return
			}
		}
	}
}

// nextPhoto takes the photo that comes first in the two listings: left lists the originals, right is the shard whose
// photo comes first. Neither is at a stray key.
func nextPhoto(left, right *cursor) item {
	var p item
	// Within a shard, keys sort like those of the originals. No issued id is the beginning of another id. If an invented
	// id is, the slash after it sorts before all characters of an id. So both listings have the same order.
	if left.ok && (right == nil || left.ref.Key() <= right.ref.Key()) {
		original := left.entry
		p.ref, p.original = left.ref, &original
		left.next()
	} else {
		p.ref = right.ref
	}
	for right != nil && right.ok && !right.stray && right.ref == p.ref {
		p.variants = append(p.variants, right.entry)
		right.next()
	}
	return p
}

// shards are the positions in the listings of all shards.
type shards []*cursor

// first returns the cursor whose photo comes first, or nil if there is none.
func (s shards) first() (first *cursor) {
	for _, c := range s {
		if c.ok && !c.stray && (first == nil || c.ref.Key() < first.ref.Key()) {
			first = c
		}
	}
	return first
}

// stray returns a cursor that is at a key which belongs to no photo, or nil if there is none.
func (s shards) stray() *cursor {
	for _, c := range s {
		if c.ok && c.stray {
			return c
		}
	}
	return nil
}

// err returns the error of the first listing that failed.
func (s shards) err() error {
	for _, c := range s {
		if c.err != nil {
			return c.err
		}
	}
	return nil
}

// stop ends all listings.
func (s shards) stop() {
	for _, c := range s {
		c.stop()
	}
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
