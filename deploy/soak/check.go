package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"darkroom/deploy/local/samples"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// fault is a way in which the outcome is not what the uploads make it.
type fault string

const (
	lost       fault = "lost"       // an object that must be there is not
	corrupt    fault = "corrupt"    // an object does not hold what it must
	stale      fault = "stale"      // an object speaks of an original, or of a version of one, that is no longer there
	unexpected fault = "unexpected" // no upload explains an object
	wrong      fault = "wrong"      // another state, reason or set of variants than the photo must have
)

var allFaults = []fault{lost, corrupt, stale, unexpected, wrong}

// finding is one fault and where it is.
type finding struct {
	fault fault
	key   string
	text  string
}

func (f finding) String() string { return fmt.Sprintf("%s  %s: %s", f.fault, f.key, f.text) }

// objects is a bucket to look into.
type objects interface {
	Get(ctx context.Context, key string) (body []byte, etag string, err error)
	List(ctx context.Context, prefix string) ([]string, error)
}

// check holds what S3 has against the uploads.
type check struct {
	originals, variants objects
	prefix              string        // of the keys that must all be explained by uploads
	boxes               []samples.Box // the variants that there must be; nil: those of the manifest
	step                func()        // called after each photo; may be nil

	mu       sync.Mutex
	findings []finding
	made     map[photo.ID]*photo.Manifest // of the photos that have one
}

// checkers is how many photos are looked at at once.
const checkers = 8

// run looks at every photo and at every key. The error is that it could not look; what is wrong with what it saw are
// its findings.
func (c *check) run(ctx context.Context, uploads []*upload) error {
	originals, err := c.originals.List(ctx, c.prefix)
	if err != nil {
		return err
	}
	keys, err := c.variants.List(ctx, c.prefix)
	if err != nil {
		return err
	}
	c.made = map[photo.ID]*photo.Manifest{}
	below := map[photo.Ref][]string{}
	known := map[photo.Ref]bool{}
	for _, u := range uploads {
		known[u.ref] = true
	}
	for _, key := range keys {
		i := strings.LastIndexByte(key, '/')
		ref, err := photo.ParseKey(key[:max(i, 0)])
		if err != nil || !known[ref] {
			c.found(unexpected, key, "no upload explains it")
			continue
		}
		below[ref] = append(below[ref], key)
	}
	for _, key := range originals {
		if ref, err := photo.ParseKey(key); err != nil || !known[ref] {
			c.found(unexpected, key, "no upload explains this original")
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

func (c *check) found(f fault, key, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.findings = append(c.findings, finding{f, key, fmt.Sprintf(format, args...)})
}

// photo looks at one photo: whether its original is there, and its keys in the variants bucket.
func (c *check) photo(ctx context.Context, u *upload, there bool, keys []string) error {
	if u.remove {
		if there {
			c.found(unexpected, u.ref.Key(), "the original was removed and is there")
		}
		for _, key := range keys {
			c.found(stale, key, "its original was removed")
		}
		return nil
	}
	body, etag, err := c.originals.Get(ctx, u.ref.Key())
	switch {
	case errors.Is(err, errNoObject):
		c.found(lost, u.ref.Key(), "the original is not there")
		return nil
	case err != nil:
		return err
	case !bytes.Equal(body, u.want.Bytes):
		c.found(corrupt, u.ref.Key(), "the original has other bytes than were sent")
	}
	text, _, err := c.variants.Get(ctx, u.ref.ManifestKey())
	switch {
	case errors.Is(err, errNoObject):
		c.found(lost, u.ref.Key(), "there is no manifest")
		return nil
	case err != nil:
		return err
	}
	m, err := photo.ParseManifest(u.ref, text)
	if err != nil {
		c.found(corrupt, u.ref.ManifestKey(), "%v", err)
		return nil
	}
	c.mu.Lock()
	c.made[u.ref.ID] = m
	c.mu.Unlock()
	if m.Source.ETag != etag || m.Source.Bytes != int64(len(body)) {
		c.found(stale, u.ref.ManifestKey(), "speaks of an original of %d bytes with the ETag %s, there is one of %d with %s", m.Source.Bytes, m.Source.ETag, len(body), etag)
		return nil
	}
	return c.manifest(ctx, u, m, keys)
}

// manifest holds a manifest against the photo, and the variants against the manifest.
func (c *check) manifest(ctx context.Context, u *upload, m *photo.Manifest, keys []string) error {
	if m.State != u.want.State || m.Reason != u.want.Reason {
		c.found(wrong, u.ref.ManifestKey(), "says %s, must be %s", outcome(m.State, m.Reason), outcome(u.want.State, u.want.Reason))
	}
	if u.want.State == photo.Ready && (m.Photo == nil || m.Photo.Width != u.want.Width || m.Photo.Height != u.want.Height) {
		c.found(wrong, u.ref.ManifestKey(), "says %+v of a picture of %dx%d", m.Photo, u.want.Width, u.want.Height)
	}
	promised := []string{u.ref.ManifestKey()}
	boxes := slices.Clone(c.boxes)
	for _, v := range m.Variants {
		promised = append(promised, v.Key)
		i := slices.IndexFunc(boxes, func(b samples.Box) bool { return b.Name == v.Name })
		switch {
		case c.boxes == nil:
		case i < 0:
			c.found(wrong, v.Key, "there must be no variant %s", v.Name)
		default:
			want := boxes[i].Size(u.want.Width, u.want.Height)
			if abs(want.X-v.Width) > 1 || abs(want.Y-v.Height) > 1 {
				c.found(wrong, v.Key, "is %dx%d, must be %dx%d", v.Width, v.Height, want.X, want.Y)
			}
			boxes = slices.Delete(boxes, i, i+1)
		}
		if err := c.variant(ctx, u, v); err != nil {
			return err
		}
	}
	if m.State == photo.Ready {
		for _, b := range boxes {
			c.found(wrong, u.ref.ManifestKey(), "has no variant %s", b.Name)
		}
	}
	for _, key := range keys {
		if !slices.Contains(promised, key) {
			c.found(stale, key, "the manifest does not name it")
		}
	}
	return nil
}

// variant reads a variant to its last pixel.
func (c *check) variant(ctx context.Context, u *upload, v photo.Variant) error {
	body, _, err := c.variants.Get(ctx, v.Key)
	if errors.Is(err, errNoObject) {
		c.found(lost, v.Key, "the manifest names it and it is not there")
		return nil
	}
	if err != nil {
		return err
	}
	if sum := sha(body); int64(len(body)) != v.Bytes || sum != v.SHA256 {
		c.found(corrupt, v.Key, "%d bytes with the SHA-256 %s, the manifest says %d with %s", len(body), sum, v.Bytes, v.SHA256)
		return nil
	}
	size, err := u.want.Check(body)
	switch {
	case err != nil:
		c.found(corrupt, v.Key, "%v", err)
	case size.X != v.Width || size.Y != v.Height:
		c.found(corrupt, v.Key, "decodes to %dx%d, the manifest says %dx%d", size.X, size.Y, v.Width, v.Height)
	}
	return nil
}

// asker answers for the API.
type asker interface {
	State(ctx context.Context, url string) (contract.Upload, error)
}

// answers holds what the API says of each photo against what it must say.
func (c *check) answers(ctx context.Context, api asker, uploads []*upload) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(checkers)
	for _, u := range uploads {
		g.Go(func() error {
			out, err := api.State(ctx, u.status)
			if err != nil {
				return fmt.Errorf("photo %s: %w", u.ref, err)
			}
			want := outcome(u.want.State, u.want.Reason)
			if u.remove {
				want = string(photo.Awaiting)
			}
			if got := outcome(out.State, out.Reason); got != want {
				c.found(wrong, u.ref.Key(), "the API says %s, must be %s", got, want)
			}
			return nil
		})
	}
	return g.Wait()
}

func outcome(s photo.State, r photo.Reason) string {
	if r != "" {
		return fmt.Sprintf("%s: %s", s, r)
	}
	return string(s)
}

// sha is the SHA-256 in lower-case hexadecimal.
func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func abs(n int) int { return max(n, -n) }
