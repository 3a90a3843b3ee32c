package reconcile

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// cacheVariant is how long caches keep a variant, which never changes under its key: a browser for an hour, because
// nobody can remove the photo from there, and a CDN for a day, in case nobody purges it.
const cacheVariant = "max-age=3600, s-maxage=86400, immutable"

// write stores the variants, and then the manifest on the condition that the stored one has not changed since it was
// read.
func (r *Reconciler) write(ctx context.Context, t *target, d *developed, condition string) error {
	r.enter(ctx, t, stageUpload)
	if err := r.cfg.Confirm(ctx); err != nil {
		return fmt.Errorf("before writing variants: %w", err)
	}
	t.begun = true
	m := d.manifest
	tags := map[string]string{photo.CacheTagName: t.ref.CacheTags()}
	g, writing := errgroup.WithContext(ctx)
	for i, v := range d.variants {
		img := d.images[i]
		g.Go(func() error {
			if err := r.variants.Put(writing, v.Key, store.Content{Type: v.ContentType, Cache: cacheVariant, Body: img.Data, Metadata: tags}); err != nil {
				return fmt.Errorf("put variant %s: %w", v.Name, err)
			}
			r.cfg.Metrics.variants.WithLabelValues(string(img.Format)).Inc()
			r.cfg.Metrics.bytesOut.WithLabelValues(string(img.Format)).Add(float64(v.Bytes))
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := r.cfg.Confirm(ctx); err != nil {
		return fmt.Errorf("before writing the manifest: %w", err)
	}
	m.Created = time.Now().UTC()
	t.written = m
	return r.putManifest(ctx, t.ref, m, condition)
}

// putManifest stores the manifest if the stored one has the ETag condition, or if there is none and the condition is
// empty.
func (r *Reconciler) putManifest(ctx context.Context, ref photo.Ref, m *photo.Manifest, condition string) error {
	text, err := m.MarshalIndented()
	if err != nil {
		return err
	}
	content := store.Content{Type: photo.ManifestContentType, Cache: "no-cache", Body: text, IfMatch: &condition}
	if m.State == photo.Removed {
		content.Tags = photo.RemovedTagging
	}
	if err := r.variants.Put(ctx, ref.ManifestKey(), content); err != nil {
		return fmt.Errorf("put manifest: %w", err)
	}
	return nil
}

// deleteStale deletes the objects in the variants bucket that the photo's new manifest does not name: variants of
// earlier specs, of an original that was replaced, or of a worker that died before it wrote its manifest.
//
// A worker of another release, with another recipe, may do the same at the same time, and each then takes the other's
// variants for stale. So each checks that its own variants exist and, after a deletion, that the manifest is still its
// own. The last one notices and starts again.
func (r *Reconciler) deleteStale(ctx context.Context, t *target, m *photo.Manifest) error {
	r.enter(ctx, t, stageRemove)
	sizes, err := r.list(ctx, m.Ref())
	if err != nil {
		return err
	}
	if m.CompareStored(sizes) != photo.UpToDate {
		return fmt.Errorf("variants were deleted or replaced by another worker: %w", store.ErrConflict)
	}
	stale := slices.DeleteFunc(withoutManifest(sizes, m.Ref()), m.Names)
	if len(stale) == 0 {
		return nil
	}
	if err := r.cfg.Confirm(ctx); err != nil {
		return fmt.Errorf("before deleting stale variants: %w", err)
	}
	if err := r.variants.Delete(ctx, stale); err != nil {
		return fmt.Errorf("delete stale variants: %w", err)
	}
	now, _, err := r.readManifest(ctx, m.Ref())
	if err != nil {
		return err
	}
	if now == nil || !sameManifest(now, m) {
		return fmt.Errorf("manifest was replaced while stale variants were deleted: %w", store.ErrConflict)
	}
	return nil
}
