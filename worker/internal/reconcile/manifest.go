package reconcile

import (
	"context"
	"errors"
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

// newManifest returns the manifest of an original, without what rendering adds.
func newManifest(ref photo.Ref, o store.Object) *photo.Manifest {
	return &photo.Manifest{Version: photo.ManifestVersion, Board: ref.Board, ID: ref.ID, Source: newSource(o)}
}

// newSource describes an original.
func newSource(o store.Object) photo.Source {
	owner, labels := photo.ParseUserMetadata(o.Metadata)
	return photo.Source{Bytes: o.Bytes, ETag: o.ETag, VersionID: o.VersionID, SHA256: o.SHA256, Modified: o.Modified.UTC(),
		Owner: owner, Labels: labels}
}

// sameManifest reports whether two manifests were written by the same attempt.
func sameManifest(a, b *photo.Manifest) bool {
	return a.Created.Equal(b.Created) && a.Recipe == b.Recipe && a.Source.SameVersion(b.Source)
}

// readManifest returns the stored manifest, or nil if there is none, and the condition for replacing it. A manifest
// that cannot be used counts as none, but has a condition. If a newer release wrote that one, the error is a
// [photo.ErrNewerManifest].
func (r *Reconciler) readManifest(ctx context.Context, ref photo.Ref) (*photo.Manifest, string, error) {
	m, object, err := r.readManifestObject(ctx, ref)
	return m, object.ETag, err
}

// readManifestObject is readManifest, and describes the object that it has read. Without a manifest, that is the zero
// Object.
func (r *Reconciler) readManifestObject(ctx context.Context, ref photo.Ref) (*photo.Manifest, store.Object, error) {
	object, body, err := r.variants.Get(ctx, ref.ManifestKey(), "")
	if errors.Is(err, store.ErrNotFound) {
		return nil, store.Object{}, nil
	}
	if err != nil {
		return nil, store.Object{}, fmt.Errorf("get manifest: %w", err)
	}
	defer body.Close()
	m, err := photo.ReadManifest(ref, body)
	switch {
	case errors.Is(err, photo.ErrNewerManifest):
		r.cfg.Metrics.manifests.WithLabelValues(manifestNewer).Inc()
		return nil, store.Object{}, fmt.Errorf("left to a worker of a newer release: %w", err)
	case errors.Is(err, photo.ErrManifest):
		r.cfg.Metrics.manifests.WithLabelValues(manifestUnreadable).Inc()
		r.cfg.Log.Warn("a manifest cannot be used and is replaced", "key", ref.ManifestKey(), "error", err)
		return nil, object, nil
	case err != nil:
		return nil, store.Object{}, err
	}
	return m, object, nil
}

// list returns the size of each object of the photo in the variants bucket, by key.
func (r *Reconciler) list(ctx context.Context, ref photo.Ref) (map[string]int64, error) {
	sizes := map[string]int64{}
	for e, err := range r.variants.List(ctx, ref.Prefix(), "") {
		if err != nil {
			return nil, fmt.Errorf("list variants: %w", err)
		}
		sizes[e.Key] = e.Bytes
	}
	return sizes, nil
}

// complete reports whether every variant that a manifest names exists and has the size that it names. A worker that
// raced a removal may have lost some. If verify is true, complete also reads them all and compares their bytes.
func (r *Reconciler) complete(ctx context.Context, m *photo.Manifest, verify bool) (bool, error) {
	if len(m.Variants) == 0 {
		return true, nil
	}
	sizes, err := r.list(ctx, m.Ref())
	if err != nil {
		return false, err
	}
	if problem := m.CompareStored(sizes); problem != photo.UpToDate {
		r.cfg.Log.Warn("rendering a photo again", "key", m.Ref().Key(), "reason", problem)
		return false, nil
	}
	for _, v := range m.Variants {
		if !verify {
			break
		}
		same, err := sameBytes(ctx, r.variants, v)
		if err != nil {
			return false, err
		}
		if !same {
			r.cfg.Log.Warn("rendering a photo again", "key", m.Ref().Key(), "reason", photo.OtherDigest, "variant", v.Key)
			return false, nil
		}
	}
	return true, nil
}

// sameBytes reads a variant and reports whether it has the digest that its manifest names. It reports false for a
// variant that is gone.
func sameBytes(ctx context.Context, variants store.Reader, v photo.Variant) (bool, error) {
	digest, err := store.Digest(ctx, variants, v.Key)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("variant %s: %w", v.Name, err)
	}
	return digest == v.SHA256, nil
}

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
