package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// discard deletes the original of a rejected photo, whose manifest old is up to date. The manifest stays, so that the
// uploader can still read why. discard first records the time in the manifest, so later events find out why there is no
// original.
func (r *Reconciler) discard(ctx context.Context, t *target, old *photo.Manifest, condition string) (Outcome, error) {
	if err := r.cfg.Confirm(ctx); err != nil {
		return "", fmt.Errorf("before deleting the original: %w", err)
	}
	m := *old
	m.OriginalDiscarded = time.Now().UTC()
	if err := r.putManifest(ctx, t.ref, &m, condition); err != nil {
		return "", err
	}
	return r.deleteDiscarded(ctx, &m)
}

// keepDiscarded handles a photo whose manifest outlives its original. If the original is still there, because a worker
// died before it deleted it, keepDiscarded deletes it. It reports false if there is another original, which is then
// rendered like any other.
func (r *Reconciler) keepDiscarded(ctx context.Context, m *photo.Manifest) (outcome Outcome, done bool, err error) {
	head, err := r.originals.Head(ctx, m.Ref().Key())
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Unchanged, true, nil
	case err != nil:
		return "", false, fmt.Errorf("head original: %w", err)
	case !m.Source.SameVersion(newSource(head)):
		return "", false, nil
	}
	outcome, err = r.deleteDiscarded(ctx, m)
	return outcome, true, err
}

// deleteDiscarded deletes the original of m, but no other original that has replaced it.
func (r *Reconciler) deleteDiscarded(ctx context.Context, m *photo.Manifest) (Outcome, error) {
	if err := r.originals.DeleteIfMatch(ctx, m.Ref().Key(), m.Source.ETag); err != nil {
		return "", fmt.Errorf("delete original: %w", err)
	}
	r.cfg.Log.Info("deleted the original of a rejected photo", "key", m.Ref().Key(), "reason", m.Reason, "modified", m.Source.Modified)
	return Discarded, nil
}
