// Package check compares what a system holds after a run with what was uploaded to it.
package check

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
	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/system"
	"darkroom/worker/photo"
)

// objects reads the objects of a bucket.
type objects interface {
	Get(ctx context.Context, key string) (body []byte, etag string, err error)
	List(ctx context.Context, prefix string) ([]string, error)
}

// Checker compares the objects of S3 with the uploads.
type Checker struct {
	Originals, Variants objects
	Prefix              string        // every key with this prefix must belong to an upload
	Boxes               []samples.Box // expected variants; if nil, any variants are right that the manifest lists
	Step                func()        // called after each photo; may be nil

	mu        sync.Mutex
	Findings  []Finding
	Manifests map[photo.ID]*photo.Manifest // key: photo ID; photos without a manifest have no entry
}

// Parallel is the number of photos that are checked concurrently.
const Parallel = 8

// variantKeys returns the keys in the variants bucket that belong, or seem to belong, to originals with the prefix.
func (c *Checker) variantKeys(ctx context.Context) ([]string, error) {
	keys, err := c.Variants.List(ctx, c.Prefix)
	if err != nil || c.Prefix == "" {
		return keys, err
	}
	for _, shard := range photo.Shards() {
		more, err := c.Variants.List(ctx, shard+"/"+c.Prefix)
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}
	return keys, nil
}

// Run checks every photo and every key, and collects findings. It fails only if it cannot list the buckets, or if S3
// does not respond.
func (c *Checker) Run(ctx context.Context, uploads []*load.Upload) error {
	originals, err := c.Originals.List(ctx, c.Prefix)
	if err != nil {
		return err
	}
	keys, err := c.variantKeys(ctx)
	if err != nil {
		return err
	}
	c.Manifests = map[photo.ID]*photo.Manifest{}
	byPhoto := map[photo.Ref][]string{}
	known := map[photo.Ref]bool{}
	for _, u := range uploads {
		known[u.Ref] = true
	}
	for _, key := range keys {
		ref, err := photo.ParseVariantKey(key)
		if err != nil || !known[ref] {
			c.report(Unexpected, key, "belongs to no upload")
			continue
		}
		byPhoto[ref] = append(byPhoto[ref], key)
	}
	for _, key := range originals {
		if ref, err := photo.ParseKey(key); err != nil || !known[ref] {
			c.report(Unexpected, key, "original belongs to no upload")
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(Parallel)
	for _, u := range uploads {
		g.Go(func() error {
			if c.Step != nil {
				defer c.Step()
			}
			return c.checkPhoto(ctx, u, slices.Contains(originals, u.Ref.Key()), byPhoto[u.Ref])
		})
	}
	return g.Wait()
}

// report adds a finding.
func (c *Checker) report(f Fault, key, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Findings = append(c.Findings, Finding{f, key, fmt.Sprintf(format, args...)})
}

// reportUnreadable adds a finding if err says that S3 has an object but does not deliver it. It reports whether it did.
func (c *Checker) reportUnreadable(key string, err error) bool {
	if !errors.Is(err, system.ErrUnreadable) {
		return false
	}
	c.report(Corrupt, key, "%v", err)
	return true
}

// checkPhoto checks one photo. exists says whether its original exists; keys are its keys in the variants bucket.
func (c *Checker) checkPhoto(ctx context.Context, u *load.Upload, exists bool, keys []string) error {
	if u.Removed() && exists {
		c.report(Unexpected, u.Ref.Key(), "the original was deleted but exists")
	}
	if u.Removal.Requests > 0 {
		return c.checkTombstone(ctx, u, keys)
	}
	if u.Remove {
		for _, key := range keys {
			c.report(Stale, key, "its original was deleted")
		}
		return nil
	}
	body, etag, err := c.Originals.Get(ctx, u.Ref.Key())
	switch {
	case errors.Is(err, system.ErrNoObject):
		c.report(Lost, u.Ref.Key(), "the original is missing")
		return nil
	case c.reportUnreadable(u.Ref.Key(), err):
		// Go on: check the manifest and the variants.
	case err != nil:
		return err
	case !bytes.Equal(body, u.Want.Bytes):
		c.report(Corrupt, u.Ref.Key(), "the original differs from the upload")
	}
	readable := err == nil
	m, err := c.readManifest(ctx, u, "the manifest is missing")
	if m == nil {
		return err
	}
	c.mu.Lock()
	c.Manifests[u.Ref.ID] = m
	c.mu.Unlock()
	if readable && (m.Source.ETag != etag || m.Source.Bytes != int64(len(body))) {
		c.report(Stale, u.Ref.ManifestKey(), "describes an original of %d bytes with ETag %s, but it has %d bytes and ETag %s", m.Source.Bytes, m.Source.ETag, len(body), etag)
		return nil
	}
	return c.checkManifest(ctx, u, m, keys)
}

// readManifest returns the manifest of a photo. If the manifest is missing or invalid, it adds a finding and returns nil;
// missing is the text of the finding if there is none.
func (c *Checker) readManifest(ctx context.Context, u *load.Upload, missing string) (*photo.Manifest, error) {
	text, _, err := c.Variants.Get(ctx, u.Ref.ManifestKey())
	switch {
	case errors.Is(err, system.ErrNoObject):
		c.report(Lost, u.Ref.Key(), "%s", missing)
		return nil, nil
	case c.reportUnreadable(u.Ref.ManifestKey(), err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	m, err := photo.ParseManifest(u.Ref, text)
	if err != nil {
		c.report(Corrupt, u.Ref.ManifestKey(), "%v", err)
		return nil, nil
	}
	return m, nil
}

// checkTombstone checks that of a photo removed with the API only a manifest is left, which says removed.
func (c *Checker) checkTombstone(ctx context.Context, u *load.Upload, keys []string) error {
	for _, key := range keys {
		if key != u.Ref.ManifestKey() {
			c.report(Stale, key, "its photo was removed")
		}
	}
	m, err := c.readManifest(ctx, u, "the manifest that says removed is missing")
	if m != nil && m.State != photo.Removed {
		c.report(Stale, u.Ref.ManifestKey(), "says %s, but the photo was removed", Outcome(m.State, m.Reason))
	}
	return err
}

// checkManifest compares a manifest with the photo, and the variants with the manifest.
func (c *Checker) checkManifest(ctx context.Context, u *load.Upload, m *photo.Manifest, keys []string) error {
	if m.State != u.Want.State || m.Reason != u.Want.Reason {
		c.report(Wrong, u.Ref.ManifestKey(), "says %s, must be %s", Outcome(m.State, m.Reason), Outcome(u.Want.State, u.Want.Reason))
	}
	if u.Want.State == photo.Ready && (m.Photo == nil || m.Photo.Width != u.Want.Width || m.Photo.Height != u.Want.Height) {
		c.report(Wrong, u.Ref.ManifestKey(), "says %+v, but the picture is %dx%d", m.Photo, u.Want.Width, u.Want.Height)
	}
	listed := []string{u.Ref.ManifestKey()}
	boxes := slices.Clone(c.Boxes)
	for _, v := range m.Variants {
		listed = append(listed, v.Key)
		i := slices.IndexFunc(boxes, func(b samples.Box) bool { return b.Name == v.Name })
		switch {
		case c.Boxes == nil:
		case i < 0:
			c.report(Wrong, v.Key, "unexpected variant %s", v.Name)
		default:
			want := boxes[i].Size(u.Want.Width, u.Want.Height)
			if abs(want.X-v.Width) > 1 || abs(want.Y-v.Height) > 1 {
				c.report(Wrong, v.Key, "is %dx%d, must be %dx%d", v.Width, v.Height, want.X, want.Y)
			}
			boxes = slices.Delete(boxes, i, i+1)
		}
		if err := c.checkVariant(ctx, u, v); err != nil {
			return err
		}
	}
	if m.State == photo.Ready {
		for _, b := range boxes {
			c.report(Wrong, u.Ref.ManifestKey(), "has no variant %s", b.Name)
		}
	}
	for _, key := range keys {
		if !slices.Contains(listed, key) {
			c.report(Stale, key, "the manifest does not list it")
		}
	}
	return nil
}

// checkVariant checks the bytes and the pixels of a variant.
func (c *Checker) checkVariant(ctx context.Context, u *load.Upload, v photo.Variant) error {
	body, _, err := c.Variants.Get(ctx, v.Key)
	if errors.Is(err, system.ErrNoObject) {
		c.report(Lost, v.Key, "the manifest lists it, but it is missing")
		return nil
	}
	if c.reportUnreadable(v.Key, err) {
		return nil
	}
	if err != nil {
		return err
	}
	if sum := sha(body); int64(len(body)) != v.Bytes || sum != v.SHA256 {
		c.report(Corrupt, v.Key, "has %d bytes and SHA-256 %s, the manifest says %d bytes and %s", len(body), sum, v.Bytes, v.SHA256)
		return nil
	}
	size, err := u.Want.Check(body)
	switch {
	case err != nil:
		c.report(Corrupt, v.Key, "%v", err)
	case size.X != v.Width || size.Y != v.Height:
		c.report(Corrupt, v.Key, "decodes to %dx%d, the manifest says %dx%d", size.X, size.Y, v.Width, v.Height)
	}
	return nil
}

// Outcome formats a state and, if there is one, its reason.
func Outcome(s photo.State, r photo.Reason) string {
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
