package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"darkroom/deploy/local/samples"
	"darkroom/worker/photo"
)

// objects is a bucket that is checked.
type objects interface {
	Get(ctx context.Context, key string) (body []byte, etag string, err error)
	List(ctx context.Context, prefix string) ([]string, error)
}

// checker compares the objects of S3 with the uploads.
type checker struct {
	originals, variants objects
	prefix              string        // every key with this prefix must belong to an upload
	boxes               []samples.Box // expected variants; nil: those of the manifest
	step                func()        // called after each photo; may be nil

	mu        sync.Mutex
	findings  []finding
	manifests map[photo.ID]*photo.Manifest // only photos that have a manifest
}

// checkers is how many photos are checked concurrently.
const checkers = 8

// variantKeys returns the keys in the variants bucket that belong, or seem to belong, to originals with the prefix.
func (c *checker) variantKeys(ctx context.Context) ([]string, error) {
	keys, err := c.variants.List(ctx, c.prefix)
	if err != nil || c.prefix == "" {
		return keys, err
	}
	for _, shard := range photo.Shards() {
		more, err := c.variants.List(ctx, shard+"/"+c.prefix)
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}
	return keys, nil
}

// run checks every photo and every key, and collects findings. It fails only if it cannot list the
// buckets, or S3 does not answer.
func (c *checker) run(ctx context.Context, uploads []*upload) error {
	originals, err := c.originals.List(ctx, c.prefix)
	if err != nil {
		return err
	}
	keys, err := c.variantKeys(ctx)
	if err != nil {
		return err
	}
	c.manifests = map[photo.ID]*photo.Manifest{}
	below := map[photo.Ref][]string{}
	known := map[photo.Ref]bool{}
	for _, u := range uploads {
		known[u.ref] = true
	}
	for _, key := range keys {
		ref, err := photo.ParseVariantKey(key)
		if err != nil || !known[ref] {
			c.report(unexpected, key, "belongs to no upload")
			continue
		}
		below[ref] = append(below[ref], key)
	}
	for _, key := range originals {
		if ref, err := photo.ParseKey(key); err != nil || !known[ref] {
			c.report(unexpected, key, "original belongs to no upload")
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(checkers)
	for _, u := range uploads {
		g.Go(func() error {
			if c.step != nil {
				defer c.step()
			}
			return c.photo(ctx, u, slices.Contains(originals, u.ref.Key()), below[u.ref])
		})
	}
	return g.Wait()
}

func (c *checker) report(f fault, key, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.findings = append(c.findings, finding{f, key, fmt.Sprintf(format, args...)})
}

// unreadable reports an object that S3 has but does not deliver, and says whether err is of that kind.
func (c *checker) unreadable(key string, err error) bool {
	if !errors.Is(err, errUnreadable) {
		return false
	}
	c.report(corrupt, key, "%v", err)
	return true
}

// photo checks one photo. there says whether its original exists; keys are its keys in the variants bucket.
func (c *checker) photo(ctx context.Context, u *upload, there bool, keys []string) error {
	if u.removed() && there {
		c.report(unexpected, u.ref.Key(), "the original was deleted but exists")
	}
	if u.removal.requests > 0 {
		return c.tombstone(ctx, u, keys)
	}
	if u.remove {
		for _, key := range keys {
			c.report(stale, key, "its original was deleted")
		}
		return nil
	}
	body, etag, err := c.originals.Get(ctx, u.ref.Key())
	switch {
	case errors.Is(err, errNoObject):
		c.report(lost, u.ref.Key(), "the original is missing")
		return nil
	case c.unreadable(u.ref.Key(), err):
		// The manifest and the variants are checked all the same.
	case err != nil:
		return err
	case !bytes.Equal(body, u.want.Bytes):
		c.report(corrupt, u.ref.Key(), "the original differs from the upload")
	}
	readable := err == nil
	m, err := c.readManifest(ctx, u, "the manifest is missing")
	if m == nil {
		return err
	}
	c.mu.Lock()
	c.manifests[u.ref.ID] = m
	c.mu.Unlock()
	if readable && (m.Source.ETag != etag || m.Source.Bytes != int64(len(body))) {
		c.report(stale, u.ref.ManifestKey(), "describes an original of %d bytes with ETag %s, but it has %d bytes and ETag %s", m.Source.Bytes, m.Source.ETag, len(body), etag)
		return nil
	}
	return c.manifest(ctx, u, m, keys)
}

// readManifest returns the manifest of a photo, or nil after it has reported what is wrong with it.
func (c *checker) readManifest(ctx context.Context, u *upload, missing string) (*photo.Manifest, error) {
	text, _, err := c.variants.Get(ctx, u.ref.ManifestKey())
	switch {
	case errors.Is(err, errNoObject):
		c.report(lost, u.ref.Key(), "%s", missing)
		return nil, nil
	case c.unreadable(u.ref.ManifestKey(), err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	m, err := photo.ParseManifest(u.ref, text)
	if err != nil {
		c.report(corrupt, u.ref.ManifestKey(), "%v", err)
		return nil, nil
	}
	return m, nil
}

// tombstone checks what is left of a photo that was removed with the API: a manifest that says so.
func (c *checker) tombstone(ctx context.Context, u *upload, keys []string) error {
	for _, key := range keys {
		if key != u.ref.ManifestKey() {
			c.report(stale, key, "its photo was removed")
		}
	}
	m, err := c.readManifest(ctx, u, "the manifest that says removed is missing")
	if m != nil && m.State != photo.Removed {
		c.report(stale, u.ref.ManifestKey(), "says %s, but the photo was removed", outcome(m.State, m.Reason))
	}
	return err
}

// manifest compares a manifest with the photo, and the variants with the manifest.
func (c *checker) manifest(ctx context.Context, u *upload, m *photo.Manifest, keys []string) error {
	if m.State != u.want.State || m.Reason != u.want.Reason {
		c.report(wrong, u.ref.ManifestKey(), "says %s, must be %s", outcome(m.State, m.Reason), outcome(u.want.State, u.want.Reason))
	}
	if u.want.State == photo.Ready && (m.Photo == nil || m.Photo.Width != u.want.Width || m.Photo.Height != u.want.Height) {
		c.report(wrong, u.ref.ManifestKey(), "says %+v, but the picture is %dx%d", m.Photo, u.want.Width, u.want.Height)
	}
	promised := []string{u.ref.ManifestKey()}
	boxes := slices.Clone(c.boxes)
	for _, v := range m.Variants {
		promised = append(promised, v.Key)
		i := slices.IndexFunc(boxes, func(b samples.Box) bool { return b.Name == v.Name })
		switch {
		case c.boxes == nil:
		case i < 0:
			c.report(wrong, v.Key, "unexpected variant %s", v.Name)
		default:
			want := boxes[i].Size(u.want.Width, u.want.Height)
			if abs(want.X-v.Width) > 1 || abs(want.Y-v.Height) > 1 {
				c.report(wrong, v.Key, "is %dx%d, must be %dx%d", v.Width, v.Height, want.X, want.Y)
			}
			boxes = slices.Delete(boxes, i, i+1)
		}
		if err := c.variant(ctx, u, v); err != nil {
			return err
		}
	}
	if m.State == photo.Ready {
		for _, b := range boxes {
			c.report(wrong, u.ref.ManifestKey(), "has no variant %s", b.Name)
		}
	}
	for _, key := range keys {
		if !slices.Contains(promised, key) {
			c.report(stale, key, "the manifest does not list it")
		}
	}
	return nil
}

// variant checks the bytes and the pixels of a variant.
func (c *checker) variant(ctx context.Context, u *upload, v photo.Variant) error {
	body, _, err := c.variants.Get(ctx, v.Key)
	if errors.Is(err, errNoObject) {
		c.report(lost, v.Key, "the manifest lists it, but it is missing")
		return nil
	}
	if c.unreadable(v.Key, err) {
		return nil
	}
	if err != nil {
		return err
	}
	if sum := sha(body); int64(len(body)) != v.Bytes || sum != v.SHA256 {
		c.report(corrupt, v.Key, "has %d bytes and SHA-256 %s, the manifest says %d bytes and %s", len(body), sum, v.Bytes, v.SHA256)
		return nil
	}
	size, err := u.want.Check(body)
	switch {
	case err != nil:
		c.report(corrupt, v.Key, "%v", err)
	case size.X != v.Width || size.Y != v.Height:
		c.report(corrupt, v.Key, "decodes to %dx%d, the manifest says %dx%d", size.X, size.Y, v.Width, v.Height)
	}
	return nil
}

// outcome returns a state and, if there is one, its reason.
func outcome(s photo.State, r photo.Reason) string {
	if r != "" {
		return fmt.Sprintf("%s: %s", s, r)
	}
	return string(s)
}

// sha returns the SHA-256 in lower-case hexadecimal.
func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func abs(n int) int { return max(n, -n) }
