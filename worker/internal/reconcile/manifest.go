package reconcile

import (
	"darkroom/worker/internal/store"

	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// MaxManifest bounds, in bytes, a manifest that is read back.
const MaxManifest = 1 << 20

// cacheVariant lets caches keep a variant, which never changes under its key, and forget it a day after its photo was removed.
const cacheVariant = "max-age=86400, immutable"

// readManifest returns the manifest that is there, or nil, and the condition under which it may be replaced. One that
// cannot be parsed is as good as none, but for the condition.
func (r *Reconciler) readManifest(ctx context.Context, ref photo.Ref) (*photo.Manifest, string, error) {
	object, body, err := r.variants.Get(ctx, ref.ManifestKey(), "")
	if errors.Is(err, store.ErrNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("get manifest: %w", err)
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, MaxManifest))
	if err != nil {
		return nil, "", fmt.Errorf("read manifest: %w", err)
	}
	m, err := photo.ParseManifest(ref, text)
	if err != nil {
		r.cfg.Log.Warn("manifest is replaced", "key", ref.ManifestKey(), "error", err)
		return nil, object.ETag, nil
	}
	return m, object.ETag, nil
}

// list returns the keys that the photo has in the variants bucket.
func (r *Reconciler) list(ctx context.Context, ref photo.Ref) ([]string, error) {
	var keys []string
	for e, err := range r.variants.List(ctx, ref.Prefix(), "") {
		if err != nil {
			return nil, fmt.Errorf("list variants: %w", err)
		}
		keys = append(keys, e.Key)
	}
	return keys, nil
}

// whole reports whether every variant that a manifest promises is there. One that raced a removal may have lost some.
func (r *Reconciler) whole(ctx context.Context, m *photo.Manifest) (bool, error) {
	if len(m.Variants) == 0 {
		return true, nil
	}
	keys, err := r.list(ctx, m.Ref())
	return err == nil && m.Missing(keys) == photo.UpToDate, err
}

// same reports whether two manifests are one, or say the same.
func same(a, b *photo.Manifest) bool {
	return a.Created.Equal(b.Created) && a.Recipe == b.Recipe && a.Source.Same(b.Source)
}

// source pins an original.
func source(o store.Object) photo.Source {
	owner, err := url.PathUnescape(o.Metadata[photo.MetaOwner])
	if err != nil {
		owner = o.Metadata[photo.MetaOwner]
	}
	return photo.Source{Bytes: o.Bytes, ETag: o.ETag, VersionID: o.VersionID, SHA256: o.SHA256, Modified: o.Modified.UTC(), Owner: owner}
}

// write stores the variants and then the manifest, if the one that was read has not changed.
func (r *Reconciler) write(ctx context.Context, j *job, m *photo.Manifest, images []engine.Image, condition string) error {
	r.cfg.Progress(ctx, j.ref.Key(), stageUpload)
	start := time.Now()
	j.begun = true
	g, gctx := errgroup.WithContext(ctx)
	for _, img := range images {
		entry := img.Entry(m.Ref())
		m.Variants = append(m.Variants, entry)
		g.Go(func() error {
			if err := r.variants.Put(gctx, entry.Key, store.Content{Type: entry.ContentType, Cache: cacheVariant, Body: img.Data}); err != nil {
				return fmt.Errorf("put variant %s: %w", entry.Name, err)
			}
			r.cfg.Metrics.variants.WithLabelValues(string(img.Format)).Inc()
			r.cfg.Metrics.bytesOut.WithLabelValues(string(img.Format)).Add(float64(entry.Bytes))
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	m.Created = time.Now().UTC()
	j.written = m
	text, err := m.MarshalIndented()
	if err != nil {
		return err
	}
	if err := r.variants.Put(ctx, m.Ref().ManifestKey(), store.Content{Type: photo.ManifestContentType, Cache: "no-cache", Body: text, IfMatch: &condition}); err != nil {
		return fmt.Errorf("put manifest: %w", err)
	}
	r.cfg.staged(stageUpload, start, j.spans)
	return nil
}

// dropStale deletes what the photo has in the variants bucket beside what its new manifest names: variants of
// specifications that are no more, of an original that was replaced, or of a worker that died over them.
//
// A worker of another release, whose recipe is another, may do the same at the same time, and each then takes what
// the other has made for stale. So each looks whether its own are there, and, after a deletion, whether the manifest
// is still its own: whoever comes last sees it and starts again.
func (r *Reconciler) dropStale(ctx context.Context, m *photo.Manifest) error {
	keys, err := r.list(ctx, m.Ref())
	if err != nil {
		return err
	}
	if m.Missing(keys) != photo.UpToDate {
		return fmt.Errorf("variants were deleted by another: %w", store.ErrConflict)
	}
	stale := slices.DeleteFunc(keys, func(k string) bool {
		return k == m.Ref().ManifestKey() || slices.ContainsFunc(m.Variants, func(v photo.Variant) bool { return v.Key == k })
	})
	if len(stale) == 0 {
		return nil
	}
	if err := r.variants.Delete(ctx, stale); err != nil {
		return fmt.Errorf("delete stale variants: %w", err)
	}
	now, _, err := r.readManifest(ctx, m.Ref())
	if err != nil {
		return err
	}
	if now == nil || !same(now, m) {
		return fmt.Errorf("manifest was replaced while stale variants were deleted: %w", store.ErrConflict)
	}
	return nil
}
