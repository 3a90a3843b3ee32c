package reconcile

import (
	"context"
	"fmt"
	"time"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// erase removes every version of the objects of a photo that a user has removed. That includes an original that was
// uploaded with a token from before the removal. Only the tombstone m stays, which object describes.
//
// erase records the versions in the tombstone before it deletes them. So the record of an attempt that dies in between
// is complete, and the next one continues it. The tombstone gets its ErasedAt only after everything is deleted: a
// version that cannot be deleted is an error, and leaves the record unfinished.
//
// It need not check the buckets again. No worker renders a photo that has a tombstone. A worker that started earlier
// loses the race for the manifest, and then comes here.
//
// A deleted version has an event of its own, which ends here after a single get if the record is finished.
func (r *Reconciler) erase(ctx context.Context, t *target, m *photo.Manifest, object store.Object) (Outcome, error) {
	if m.Erased() && reportsRemoval(t.kind) && !t.begun {
		return Unchanged, nil
	}
	r.enter(ctx, t, stageRemove)
	found, err := r.findVersions(ctx, t.ref)
	if err != nil {
		return "", err
	}
	t.deletedOriginal = t.deletedOriginal || holdsBytes(found.originals)
	if m.Newer() {
		return r.eraseUnrecorded(ctx, found)
	}
	purged := r.cfg.Purges == nil || m.Erasure != nil && m.Erasure.Purge != nil
	if m.Erased() && purged && !found.hasObjects() {
		// An attempt that has finished the record can leave only older versions of the tombstone itself.
		return Unchanged, r.deleteVersions(ctx, r.variants, found.manifests)
	}
	tombstones := []string{object.VersionID}
	erasure, changed := found.record(m.Erasure)
	if changed {
		if m, object, err = r.putErasure(ctx, m, erasure, object.ETag); err != nil {
			return "", err
		}
		tombstones = append(tombstones, object.VersionID)
	}
	if err := r.deleteFound(ctx, found); err != nil {
		return "", err
	}
	if err := r.finishErasure(ctx, m, erasure, object.ETag); err != nil {
		return "", err
	}
	return Removed, r.deleteTombstones(ctx, t.ref, tombstones)
}

// eraseUnrecorded erases a photo whose tombstone a newer release wrote, and leaves the tombstone as it is.
func (r *Reconciler) eraseUnrecorded(ctx context.Context, found versions) (Outcome, error) {
	if !found.hasObjects() && len(found.manifests) == 0 {
		return Unchanged, nil
	}
	return Removed, r.deleteFound(ctx, found)
}

// putErasure stores the tombstone with this record on the condition that the stored one has this ETag, and reads it
// back.
func (r *Reconciler) putErasure(ctx context.Context, m *photo.Manifest, erasure photo.Erasure, condition string) (*photo.Manifest, store.Object, error) {
	changed := *m
	changed.Erasure = &erasure
	if err := r.putManifest(ctx, m.Ref(), &changed, condition); err != nil {
		return nil, store.Object{}, err
	}
	now, object, err := r.readManifestObject(ctx, m.Ref())
	if err != nil {
		return nil, store.Object{}, err
	}
	if now == nil || now.State != photo.Removed || now.Newer() || now.Erased() {
		return nil, store.Object{}, fmt.Errorf("the tombstone was replaced while the photo was erased: %w", store.ErrConflict)
	}
	return now, object, nil
}

// finishErasure requests a purge if there is a CDN, and then finishes the record of the tombstone. A worker that dies
// in between requests another purge, which does no harm.
func (r *Reconciler) finishErasure(ctx context.Context, m *photo.Manifest, erasure photo.Erasure, condition string) error {
	if r.cfg.Purges != nil && erasure.Purge == nil {
		if err := r.cfg.Purges.RequestPurge(ctx, m.Ref()); err != nil {
			return fmt.Errorf("request a purge: %w", err)
		}
		erasure.Purge = &photo.Purge{RequestedAt: time.Now().UTC()}
	}
	now := time.Now().UTC()
	if erasure.ErasedAt.IsZero() {
		erasure.ErasedAt = now
	}
	if erasure.ListedAt.IsZero() {
		erasure.ListedAt = now
	}
	finished := *m
	finished.Erasure = &erasure
	return r.putManifest(ctx, m.Ref(), &finished, condition)
}

// deleteFound deletes the versions that were found: variants first, so that no reader of a variant finds a photo that
// has no original.
func (r *Reconciler) deleteFound(ctx context.Context, found versions) error {
	if err := r.deleteVersions(ctx, r.variants, append(found.variants, found.manifests...)); err != nil {
		return fmt.Errorf("variants: %w", err)
	}
	if err := r.deleteVersions(ctx, r.originals, found.originals); err != nil {
		return fmt.Errorf("original: %w", err)
	}
	return nil
}

// deleteVersions deletes versions, if there are any.
func (r *Reconciler) deleteVersions(ctx context.Context, bucket store.Eraser, all []store.Version) error {
	if len(all) == 0 {
		return nil
	}
	if err := bucket.DeleteVersions(ctx, all); err != nil {
		return fmt.Errorf("delete versions: %w", err)
	}
	return nil
}

// deleteTombstones deletes the versions of the tombstone that this attempt has replaced. A bucket without versioning
// has none.
func (r *Reconciler) deleteTombstones(ctx context.Context, ref photo.Ref, ids []string) error {
	var replaced []store.Version
	for _, id := range ids {
		if id != "" {
			replaced = append(replaced, store.Version{Key: ref.ManifestKey(), ID: id})
		}
	}
	return r.deleteVersions(ctx, r.variants, replaced)
}
