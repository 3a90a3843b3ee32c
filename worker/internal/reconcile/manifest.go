package reconcile

import (
	"context"
	"errors"
	"fmt"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

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
