// Package leftovers finds what can still be read of a photo that a user has removed: in any version in the two buckets,
// and in the caches of a CDN.
package leftovers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// Leftover is one thing that still answers.
type Leftover struct {
	Where string // "uploads", "variants" or "cdn"
	Key   string
	What  string // a version with its id and size, a delete marker, or the answer of the CDN
}

// Report lists what is left of a photo.
type Report struct {
	Tombstone *photo.Manifest // nil if the photo has none
	Left      []Leftover
	Asked     int // number of requests to the CDN
}

// Clean reports whether nothing answers.
func (r Report) Clean() bool { return len(r.Left) == 0 }

// Recorded reports whether anything shows that the photo existed: its tombstone, or an object that is left.
func (r Report) Recorded() bool { return r.Tombstone != nil || len(r.Left) > 0 }

// Buckets are the two buckets.
type Buckets struct {
	Uploads  store.VersionLister
	Variants interface {
		store.Reader
		store.VersionLister
	}
}

// Find lists every version of the photo's objects, except the current tombstone. With a base URL of a CDN, it also asks
// the CDN for every object in the variants bucket that the tombstone or the listing names.
func Find(ctx context.Context, b Buckets, client *http.Client, cdn string, ref photo.Ref) (Report, error) {
	var r Report
	var err error
	if r.Tombstone, err = tombstone(ctx, b.Variants, ref); err != nil {
		return r, err
	}
	keys := map[string]bool{}
	for v, err := range b.Uploads.ListVersions(ctx, ref.Key()) {
		if err != nil {
			return r, fmt.Errorf("list the versions of the original: %w", err)
		}
		if v.Key == ref.Key() {
			r.Left = append(r.Left, leftover("uploads", v))
		}
	}
	for v, err := range b.Variants.ListVersions(ctx, ref.Prefix()) {
		if err != nil {
			return r, fmt.Errorf("list the versions of the variants: %w", err)
		}
		keys[v.Key] = true
		if v.Key != ref.ManifestKey() || !v.Latest || r.Tombstone == nil {
			r.Left = append(r.Left, leftover("variants", v))
		}
	}
	if cdn == "" {
		return r, nil
	}
	if r.Tombstone != nil && r.Tombstone.Erasure != nil {
		for _, o := range r.Tombstone.Erasure.Objects {
			if o.Bucket == photo.VariantsBucket {
				keys[o.Key] = true
			}
		}
	}
	delete(keys, ref.ManifestKey()) // a CDN does not serve it
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		r.Asked++
		left, err := ask(ctx, client, cdn, key)
		if err != nil {
			return r, err
		}
		if left != nil {
			r.Left = append(r.Left, *left)
		}
	}
	return r, nil
}

// tombstone returns the tombstone of the photo, or nil if it has none.
func tombstone(ctx context.Context, variants store.Reader, ref photo.Ref) (*photo.Manifest, error) {
	_, body, err := variants.Get(ctx, ref.ManifestKey(), "")
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get manifest: %w", err)
	}
	defer body.Close()
	m, err := photo.ReadManifest(ref, body)
	switch {
	case errors.Is(err, photo.ErrManifest):
		return nil, nil // no tombstone, so Find lists it as a leftover
	case err != nil:
		return nil, err
	case m.State != photo.Removed:
		return nil, nil
	}
	return m, nil
}

// leftover describes a version.
func leftover(bucket string, v store.Version) Leftover {
	if v.Marker {
		return Leftover{bucket, v.Key, "delete marker " + v.ID}
	}
	return Leftover{bucket, v.Key, fmt.Sprintf("version %s of %d bytes", v.ID, v.Bytes)}
}

// ask asks the CDN for a variant. It returns nil if the CDN has none and answers 403, 404 or 410. CloudFront answers 403
// for an absent object if it may not list the bucket.
func ask(ctx context.Context, client *http.Client, cdn, key string) (*Leftover, error) {
	target := strings.TrimSuffix(cdn, "/") + "/" + (&url.URL{Path: key}).EscapedPath()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("ask the CDN for %s: %w", key, err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the CDN for %s: %w", key, err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		return nil, fmt.Errorf("ask the CDN for %s: %w", key, err)
	}
	switch resp.StatusCode {
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return nil, nil
	case http.StatusOK, http.StatusPartialContent:
		return &Leftover{"cdn", key, fmt.Sprintf("%d bytes, age %s s, %s", n, cmp.Or(resp.Header.Get("Age"), "0"), cmp.Or(resp.Header.Get("X-Cache"), "cache unknown"))}, nil
	}
	return nil, fmt.Errorf("ask the CDN for %s: the answer is %s, want 200 or 206 if it has the variant, 403, 404 or 410 if not", key, resp.Status)
}
