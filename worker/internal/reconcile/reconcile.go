// Package reconcile makes the variants bucket agree with the uploads bucket, a photo at a time: where an original
// exists, its variants and manifest exist for exactly that version of it; where none exists, neither do they. But where
// the manifest says that a user has removed the photo, it stays, and nothing else does: see [photo.Removed].
//
// Whatever an event says, the operation is the same and S3 decides what it does, so events may be repeated, reordered
// or late. The manifest is written last and conditionally on the one that was read; who loses such a race looks
// again from the start. A photo that cannot be read is not an error: its manifest says rejected, and why. An error
// means that nothing is known to be wrong with the photo and that trying again may help; an [store.ErrUnavailable] among
// them, that trying another photo would not.
//
// A new photo costs a read of the manifest that is not there, a GET of the original, a PUT for each variant and one
// for the manifest, and a HEAD of the original. The last is what makes the end right when the original is removed or
// replaced while it is rendered: the event of that may have been handled already, by a worker that found nothing to
// remove, and then only who writes afterwards can know. Whoever writes or deletes looks at the other bucket once more
// before its message is deleted; a worker that dies before it has looked leaves the message to another.
package reconcile

import (
	"darkroom/worker/internal/store"

	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// Engine makes variants. Its errors that are a [engine.Rejection] are the photo's fault.
type Engine interface {
	Inspect(data []byte) (engine.Header, error)
	Memory(h engine.Header) int64
	Render(data []byte, h engine.Header, mark func(engine.Stage)) ([]engine.Image, engine.Preview, error)
}

// Outcome says what a reconcile found to do.
type Outcome string

const (
	Made      Outcome = "ready"     // variants and manifest were written
	Rejected  Outcome = "rejected"  // a manifest that says why was written
	Removed   Outcome = "removed"   // there is no original any more, no variant, and no manifest but one that says removed
	Unchanged Outcome = "unchanged" // everything was as it should be
)

// Outcomes lists every Outcome.
var Outcomes = []Outcome{Made, Rejected, Removed, Unchanged}

// attempts bounds how often a lost race is run again before the message is left to a later receive.
const attempts = 5

// Reconciler reconciles photos. It is safe for concurrent use.
type Reconciler struct {
	cfg       Config
	originals store.Originals
	variants  store.Variants
	engine    Engine
	gate      *gate
	stalls    stalls
}

// New returns a reconciler over two buckets.
func New(cfg Config, originals store.Originals, variants store.Variants, engine Engine) (*Reconciler, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	return &Reconciler{cfg: cfg, originals: originals, variants: variants, engine: engine, gate: newGate(cfg)}, nil
}

// job is one photo to reconcile.
type job struct {
	ref     photo.Ref
	event   time.Time // when S3 finished the change; zero if that is not known
	spans   *spans
	begun   bool            // an attempt, perhaps another worker's, may have left variants that no manifest names
	written *photo.Manifest // by an attempt, which may not have heard that it was
}

// Reconcile brings one photo to its state.
func (r *Reconciler) Reconcile(ctx context.Context, ref photo.Ref) (Outcome, error) {
	return r.reconcile(ctx, &job{ref: ref})
}

func (r *Reconciler) reconcile(ctx context.Context, j *job) (Outcome, error) {
	j.spans = newSpans(ctx, r.cfg.Tracer, j.ref, j.event)
	for range attempts {
		outcome, err := r.once(ctx, j)
		switch {
		case errors.Is(err, store.ErrConflict):
			r.cfg.Metrics.conflicts.Inc()
			continue
		case err != nil && errors.Is(ctx.Err(), context.Canceled):
			r.cfg.Metrics.photos.WithLabelValues(outcomeInterrupted).Inc()
			j.spans.end(outcomeInterrupted, nil)
			return "", fmt.Errorf("photo %s: %w", j.ref, err)
		case err != nil:
			r.cfg.Metrics.photos.WithLabelValues(outcomeError).Inc()
			j.spans.end(outcomeError, err)
			return "", fmt.Errorf("photo %s: %w", j.ref, err)
		}
		r.cfg.Metrics.photos.WithLabelValues(string(outcome)).Inc()
		j.spans.end(string(outcome), nil)
		return outcome, nil
	}
	r.cfg.Metrics.photos.WithLabelValues(outcomeError).Inc()
	j.spans.end(outcomeError, store.ErrConflict)
	return "", fmt.Errorf("photo %s: lost %d races in a row: %w", j.ref, attempts, store.ErrConflict)
}

func (r *Reconciler) once(ctx context.Context, j *job) (Outcome, error) {
	r.cfg.Progress(ctx, j.ref.Key(), "compares")
	// The manifest is read before the original, so that a manifest of a later original is never taken for an old one.
	old, condition, err := r.readManifest(ctx, j.ref)
	if err != nil {
		return "", err
	}
	if old != nil && old.State == photo.Removed {
		return r.bury(ctx, j.ref)
	}
	var known *store.Object // what the original must still be when it is read
	if old.RecipeStaleness(r.cfg.Recipe) == photo.UpToDate {
		// Most likely the photo is done: that can be seen without opening it.
		head, err := r.originals.Head(ctx, j.ref.Key())
		switch {
		case errors.Is(err, store.ErrNotFound):
			// Also of a bucket that is not there a HEAD says no more than this. The GET tells them apart.
		case err != nil:
			return "", fmt.Errorf("head original: %w", err)
		case !old.Current(r.cfg.Recipe, source(head)):
			known = &head
		default:
			whole, err := r.whole(ctx, old)
			if err != nil {
				return "", err
			}
			if whole {
				return r.found(ctx, j, old)
			}
			known = &head
		}
	}
	m, images, err := r.render(ctx, j, known)
	if errors.Is(err, store.ErrNotFound) {
		return r.remove(ctx, j.ref, condition)
	}
	if err != nil {
		return "", err
	}
	if old != nil && !old.Source.Same(m.Source) {
		r.cfg.Log.Warn("an original was replaced", "key", j.ref.Key(), "etag", m.Source.ETag, "before", old.Source.ETag)
	}
	leftovers := condition != "" || j.begun
	if err := r.write(ctx, j, m, images, condition); err != nil {
		return "", err
	}
	if leftovers {
		if err := r.dropStale(ctx, m); err != nil {
			return "", err
		}
	}
	now, err := r.originals.Head(ctx, j.ref.Key())
	if errors.Is(err, store.ErrNotFound) || err == nil && !m.Source.Same(source(now)) {
		return "", fmt.Errorf("original changed while it was rendered: %w", store.ErrConflict)
	}
	if err != nil {
		return "", fmt.Errorf("head original: %w", err)
	}
	return r.finished(j, m), nil
}

// found ends a job for which there is nothing left to make.
func (r *Reconciler) found(ctx context.Context, j *job, m *photo.Manifest) (Outcome, error) {
	if j.written != nil && same(j.written, m) {
		// The PUT of it was done and the answer lost.
		return r.finished(j, m), nil
	}
	if j.begun {
		if err := r.dropStale(ctx, m); err != nil {
			return "", err
		}
	}
	return Unchanged, nil
}

// finished tells of a manifest that this job wrote.
func (r *Reconciler) finished(j *job, m *photo.Manifest) Outcome {
	if !j.event.IsZero() {
		// S3's clock is another.
		r.cfg.Metrics.observe(r.cfg.Metrics.eventToManifest, max(0, m.Created.Sub(j.event)), j.spans.example)
	}
	if m.State != photo.Rejected {
		return Made
	}
	r.cfg.Metrics.rejections.WithLabelValues(string(m.Reason)).Inc()
	j.spans.rejected(m.Reason)
	r.cfg.Log.Info("photo rejected", "key", j.ref.Key(), "reason", m.Reason, "detail", m.Detail)
	return Rejected
}

// render reads the original, which must be known if that is not nil, and makes its variants and its manifest. The
// error is an ErrNotFound if there is no original.
func (r *Reconciler) render(ctx context.Context, j *job, known *store.Object) (*photo.Manifest, []engine.Image, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	etag := ""
	if known != nil {
		etag = known.ETag
	}
	object, body, err := r.originals.Get(ctx, j.ref.Key(), etag)
	if err != nil {
		return nil, nil, fmt.Errorf("get original: %w", err)
	}
	defer body.Close()
	// The bytes are of the version that the answer names. It is not asked for by its id: what counts is the current
	// one, and an ETag is the same for a copy of the same bytes.
	if known != nil && !source(*known).Same(source(object)) {
		return nil, nil, fmt.Errorf("get original: %w", store.ErrConflict)
	}
	j.spans.begin(object.Metadata[photo.MetaTraceparent])
	m := &photo.Manifest{Version: photo.ManifestVersion, Board: j.ref.Board, ID: j.ref.ID, Recipe: r.cfg.Recipe.Name, Source: source(object), State: photo.Ready}
	images, err := r.gate.render(ctx, r.engine, object, newPatience(body, r.cfg.StallTimeout, cancel), m, j.spans)
	var rejection *engine.Rejection
	switch {
	case errors.As(err, &rejection):
		r.reject(m, rejection)
	case errors.Is(context.Cause(ctx), store.ErrStalled):
		return nil, nil, fmt.Errorf("read original: no byte for %v: %w", r.cfg.StallTimeout, r.stalls.of(j.ref.Key()))
	case err != nil:
		return nil, nil, err
	}
	r.stalls.clear()
	return m, images, nil
}

// reject makes a manifest say why there are no variants.
func (r *Reconciler) reject(m *photo.Manifest, why *engine.Rejection) {
	m.Reject(why.Reason, why.Detail, r.cfg.Recipe)
	if !why.Panicked {
		return
	}
	format := formatUnknown
	if m.Photo != nil {
		format = m.Photo.Format
	}
	r.cfg.Metrics.panics.WithLabelValues(string(format)).Inc()
	r.cfg.Log.Error("a decoder panicked", "key", m.Ref().Key(), "version", m.Source.VersionID, "format", format, "detail", why.Detail)
}
