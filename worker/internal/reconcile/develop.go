package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"darkroom/worker/internal/develop"
	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// developed is the result of reading and rendering an original.
type developed struct {
	manifest *photo.Manifest
	images   []engine.Image  // the files to store
	variants []photo.Variant // how the manifest lists them, in the same order
}

// develop reads the original and renders it, except for the variants that reuse keeps. If known is not nil, the
// original must still be that one. The error wraps [store.ErrNotFound] if there is no original.
func (r *Reconciler) develop(ctx context.Context, t *target, known *store.Object, reuse reusable) (*developed, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	object, body, err := r.openOriginal(ctx, t, known)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	t.cause = nil
	t.spans.begin(object.Metadata[photo.MetaTraceparent])
	m := newManifest(t.ref, object)
	kept := reuse.variantsFor(m.Source)
	t.kept = len(kept)
	result, err := r.render(ctx, t, object, newStallReader(body, r.cfg.StallTimeout, cancel), m, kept)
	switch {
	case err != nil && errors.Is(context.Cause(ctx), store.ErrStalled):
		return nil, fmt.Errorf("read original: no byte for %v: %w", r.cfg.StallTimeout, store.ErrStalled)
	case err != nil:
		return nil, err
	case result.Rejection != nil:
		t.cause = result.Rejection.Cause
		r.logPanic(m, result.Rejection)
	default:
		t.cause = cmp.Or(result.Damage, result.Lost, result.LostHDR)
		if len(kept) > 0 && reuse.old.Damaged() && !m.Damaged() {
			m.MarkDamaged(r.cfg.Recipe)
		}
	}
	return &developed{m, result.Images, result.Variants}, nil
}

// openOriginal opens the original, which must be known if that is not nil.
func (r *Reconciler) openOriginal(ctx context.Context, t *target, known *store.Object) (store.Object, io.ReadCloser, error) {
	r.enter(ctx, t, stageOpen)
	etag := ""
	if known != nil {
		etag = known.ETag
	}
	object, body, err := r.originals.Get(ctx, t.ref.Key(), etag)
	if err != nil {
		return store.Object{}, nil, fmt.Errorf("get original: %w", err)
	}
	// The get does not ask for a version by its id, because only the current version matters. The ETag alone does not
	// distinguish versions: a copy of the same bytes has the same ETag.
	if known != nil && !newSource(*known).SameVersion(newSource(object)) {
		body.Close()
		return store.Object{}, nil, fmt.Errorf("get original: %w", store.ErrConflict)
	}
	return object, body, nil
}

// render downloads the original and develops it, except for the variants to keep. It completes m.
func (r *Reconciler) render(ctx context.Context, t *target, object store.Object, body io.Reader, m *photo.Manifest, kept []photo.Variant) (develop.Result, error) {
	limits := r.cfg.limitsFor(object, t.ref)
	if err := checkBytes(object.Bytes, limits); err != nil {
		rejection, err := develop.Reject(m, r.cfg.Recipe, err)
		return develop.Result{Rejection: rejection}, err
	}
	data, discard, err := r.download(ctx, t, object, body)
	if err != nil {
		return develop.Result{}, err
	}
	defer discard()
	r.enter(ctx, t, stageInspect)
	return develop.Photo(ctx, r.engine, data, m, develop.Options{
		Recipe:  r.cfg.Recipe,
		Kept:    kept,
		Timeout: r.cfg.RenderTimeout,
		Check:   func(h engine.Header) error { return checkHeader(h, limits) },
		Admit: func(ctx context.Context, h engine.Header, memory int64) (func(), error) {
			leave, err := r.gate.admit(ctx, h, memory, func(stage string) { r.enter(ctx, t, stage) })
			if err != nil {
				return nil, err
			}
			r.cfg.Metrics.rendering.Inc()
			return func() {
				r.cfg.Metrics.rendering.Dec()
				r.cfg.Metrics.pixelsIn.Add(float64(h.Width) * float64(h.Height))
				leave()
			}, nil
		},
		Mark: func(s engine.Stage) { r.enter(ctx, t, string(s)) },
	})
}
