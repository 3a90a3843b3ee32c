// Package reconcile makes the variants bucket agree with the uploads bucket, one photo at a time. If an original
// exists, its variants and manifest exist for exactly that version of it. If none exists, neither do they. There are
// two exceptions. If a user removes a photo, every version of its objects is erased, and only the manifest stays, which
// records what was erased: see [photo.Erasure]. If a photo was rejected long ago, its original is deleted and the
// manifest stays: see [EventDiscard].
//
// An event says only which photo to check, and the buckets decide what happens. Events may therefore be repeated,
// reordered or late. The manifest is written last, on the condition that the one that was read has not changed. A
// worker that loses such a race starts again. A photo that cannot be read is not an error: its manifest says that it
// was rejected, and why. An error means that nothing is known to be wrong with the photo and that a retry may help. If
// it wraps [store.ErrUnavailable], other photos would fail too.
//
// A new photo costs a get of the manifest, which does not exist yet, a get of the original, a put for each variant, one
// for the manifest, and a head of the original. The final head catches an original that was deleted or replaced while
// it was rendered. The event of that change may already have been handled, by a worker that found nothing to delete, so
// only the worker that writes afterwards can notice. Every worker that writes or deletes checks the other bucket once
// more before its message is deleted. If it dies before that, the message goes to another worker.
//
// A photo of another recipe keeps the variants of specs that have not changed ([photo.Manifest.Unchanged]): only the
// others are rendered and put. It then costs a get of the manifest, a get of the original, those puts, one for the
// manifest, a list and a head. If no spec is new, a head replaces the get of the original.
//
// A worker that was frozen for longer than its visibility timeout does not know that its message went to another
// worker. So it asks ([Config.Confirm]) before it writes or deletes. If it is frozen between the answer and the write,
// it can leave variants that no manifest names, and ends without another look. A sweep finds those. Its event,
// [EventSweep], has them deleted.
//
// # Manifests that cannot be used, and those of a newer release
//
// A manifest that cannot be used ([photo.ErrManifest]) counts as missing. The worker renders the photo, or deletes its
// variants if the original is gone, on the condition that the manifest still has the ETag that was read.
//
// A manifest of a newer version was written by a worker of a newer release, as during a deployment or before a
// rollback. This release never overwrites or deletes it, and leaves its variants alone:
//
//   - If it names the stored original, the photo is up to date, whatever its recipe. So a redelivered event, a backfill and a
//     sweep change nothing.
//   - If it says that a user has removed the photo, every version of the original and of all variants is deleted, and the
//     manifest stays as it is: nothing is recorded in it.
//   - If the original was replaced or deleted, or the manifest cannot be used by this release, the error is a
//     [photo.ErrNewerManifest]. The message is received again, perhaps by a worker of the newer release. If there is none,
//     the message ends in the dead-letter queue, where it waits for one.
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/internal/develop"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// Outcome is the result of reconciling a photo.
type Outcome string

const (
	Rendered  Outcome = "ready"     // variants and manifest were written
	Rejected  Outcome = "rejected"  // a manifest that says why was written
	Removed   Outcome = "removed"   // the original is gone, and so are its variants; only a "removed" manifest may remain
	Discarded Outcome = "discarded" // the original of a rejected photo was deleted; the manifest remains
	Unchanged Outcome = "unchanged" // everything was up to date
)

// Outcomes lists every Outcome.
var Outcomes = []Outcome{Rendered, Rejected, Removed, Discarded, Unchanged}

// maxAttempts bounds how often a photo is started again after a lost race. After that its message is left to a later
// receive.
const maxAttempts = 5

// Reconciler reconciles photos. It is safe for concurrent use.
type Reconciler struct {
	cfg       Config
	originals store.Originals
	variants  store.Variants
	engine    develop.Engine
	gate      *gate
}

// New returns a Reconciler, or the error of [Config.Validate].
func New(cfg Config, originals store.Originals, variants store.Variants, engine develop.Engine) (*Reconciler, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	return &Reconciler{cfg: cfg, originals: originals, variants: variants, engine: engine, gate: newGate(cfg)}, nil
}

// target is a photo to reconcile, and what is known about earlier attempts.
type target struct {
	ref     photo.Ref
	kind    string          // name of the event; empty if there is none
	event   time.Time       // end of the change that the event reports; zero if it is unknown
	verify  bool            // the bytes of the variants are compared too
	begun   bool            // an attempt, perhaps of another worker, may have left variants that no manifest names
	discard bool            // the original may go if the photo is rejected
	written *photo.Manifest // the manifest that an attempt wrote; the reply may have been lost

	// What [Reconciler.report] says in the end:
	time            timeline
	spans           *spans
	attempts        int             // number of attempts so far
	kept            int             // variants of the latest attempt that need not be rendered
	cause           error           // cause why the latest attempt found the photo rejected or damaged, which the manifest does not have
	finished        *photo.Manifest // manifest that this worker wrote as the outcome; nil if it wrote none
	deletedOriginal bool            // the original of a photo that a user had removed was deleted
}

// Reconcile reconciles one photo.
func (r *Reconciler) Reconcile(ctx context.Context, ref photo.Ref) (Outcome, error) {
	return r.reconcile(ctx, &target{ref: ref})
}

func (r *Reconciler) reconcile(ctx context.Context, t *target) (Outcome, error) {
	t.spans = newSpans(ctx, r.cfg.Tracer, t)
	outcome, err := r.attempts(ctx, t)
	r.report(ctx, t, outcome, err)
	if err != nil {
		return "", fmt.Errorf("photo %s: %w", t.ref, err)
	}
	return outcome, nil
}

// attempts reconciles the photo, and starts again after each lost race.
func (r *Reconciler) attempts(ctx context.Context, t *target) (Outcome, error) {
	for t.attempts < maxAttempts {
		t.attempts++
		outcome, err := r.attempt(ctx, t)
		if !errors.Is(err, store.ErrConflict) {
			return outcome, err
		}
		r.cfg.Metrics.conflicts.Inc()
	}
	return "", fmt.Errorf("lost %d races in a row: %w", maxAttempts, store.ErrConflict)
}

// attempt reconciles the photo, unless it loses a race, which is an ErrConflict.
func (r *Reconciler) attempt(ctx context.Context, t *target) (Outcome, error) {
	r.enter(ctx, t, stageCompare)
	t.spans.startAttempt()
	// The manifest is read before the original, so that the manifest of a later original is never taken for an old one.
	old, object, err := r.readManifestObject(ctx, t.ref)
	if err != nil {
		return "", err
	}
	condition := object.ETag
	if old != nil && old.State == photo.Removed {
		return r.erase(ctx, t, old, object)
	}
	if old != nil && old.Newer() {
		return r.keepNewer(ctx, old)
	}
	if old != nil && old.Discarded() {
		if outcome, done, err := r.keepDiscarded(ctx, old); done || err != nil {
			return outcome, err
		}
	}
	current, known, err := r.current(ctx, t, old)
	switch {
	case err != nil:
		return "", err
	case current && t.discard && old.State == photo.Rejected:
		return r.discard(ctx, t, old, condition)
	case current:
		return r.finishCurrent(ctx, t, old)
	}
	d, err := r.renew(ctx, t, old, known)
	if errors.Is(err, store.ErrNotFound) {
		return r.removeVariants(ctx, t, condition)
	}
	if err != nil {
		return "", err
	}
	if old != nil && !old.Source.SameVersion(d.manifest.Source) {
		r.cfg.Log.Warn("original replaced", "key", t.ref.Key(), "etag", d.manifest.Source.ETag, "before", old.Source.ETag)
	}
	leftovers := condition != "" || t.begun
	if err := r.write(ctx, t, d, condition); err != nil {
		return "", err
	}
	if leftovers {
		if err := r.deleteStale(ctx, t, d.manifest); err != nil {
			return "", err
		}
	}
	if err := r.confirmOriginal(ctx, t, d.manifest); err != nil {
		return "", err
	}
	return t.finish(d.manifest), nil
}

// current reports whether old is up to date, without opening the original. If it is not, known describes the original,
// or is nil if current did not ask: the original must still be that one when it is read.
func (r *Reconciler) current(ctx context.Context, t *target, old *photo.Manifest) (current bool, known *store.Object, err error) {
	if old.RecipeStaleness(r.cfg.Recipe) != photo.UpToDate {
		return false, nil, nil
	}
	head, err := r.originals.Head(ctx, old.Ref().Key())
	if errors.Is(err, store.ErrNotFound) {
		// A head cannot tell a missing object from a missing bucket. The get that follows can.
		return false, nil, nil
	}
	if err != nil {
		return false, nil, fmt.Errorf("head original: %w", err)
	}
	if !old.Current(r.cfg.Recipe, newSource(head)) {
		return false, &head, nil
	}
	complete, err := r.complete(ctx, old, t.verify)
	return complete, &head, err
}

// keepNewer returns [Unchanged] if the manifest m, which a newer release wrote, is about the original that is stored.
// If not, only a worker of that release can write the next one.
func (r *Reconciler) keepNewer(ctx context.Context, m *photo.Manifest) (Outcome, error) {
	r.cfg.Metrics.manifests.WithLabelValues(manifestNewer).Inc()
	head, err := r.originals.Head(ctx, m.Ref().Key())
	change := ""
	switch {
	case errors.Is(err, store.ErrNotFound):
		change = "deleted"
	case err != nil:
		return "", fmt.Errorf("head original: %w", err)
	case !m.Source.SameVersion(newSource(head)):
		change = "replaced"
	default:
		return Unchanged, nil
	}
	return "", fmt.Errorf("the original was %s and the manifest has version %d, above %d: left to a worker of a newer release: %w",
		change, m.Version, photo.ManifestVersion, photo.ErrNewerManifest)
}

// confirmOriginal returns an ErrConflict if the original of m has changed since it was read.
func (r *Reconciler) confirmOriginal(ctx context.Context, t *target, m *photo.Manifest) error {
	r.enter(ctx, t, stageConfirm)
	now, err := r.originals.Head(ctx, m.Ref().Key())
	if errors.Is(err, store.ErrNotFound) || err == nil && !m.Source.SameVersion(newSource(now)) {
		return fmt.Errorf("original changed while it was rendered: %w", store.ErrConflict)
	}
	if err != nil {
		return fmt.Errorf("head original: %w", err)
	}
	return nil
}

// finishCurrent ends the work on a photo whose manifest m is up to date.
func (r *Reconciler) finishCurrent(ctx context.Context, t *target, m *photo.Manifest) (Outcome, error) {
	if t.written != nil && sameManifest(t.written, m) {
		// An earlier attempt wrote it, and only the reply was lost.
		return t.finish(m), nil
	}
	if t.begun {
		if err := r.deleteStale(ctx, t, m); err != nil {
			return "", err
		}
	}
	return Unchanged, nil
}

// finish records that this worker wrote the manifest m, and returns its outcome.
func (t *target) finish(m *photo.Manifest) Outcome {
	t.finished = m
	if m.State == photo.Rejected {
		return Rejected
	}
	return Rendered
}
