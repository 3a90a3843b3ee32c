package reconcile_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// TestRenderThatTakesTooLong: the photo is rejected at the first attempt, and rendered once there is more time for it.
func TestRenderThatTakesTooLong(t *testing.T) {
	w := newWorld(t, reconcile.Config{RenderTimeout: time.Millisecond})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.engine.endless = true
	w.reconcile(t, reconcile.Rejected)
	if m := w.manifest(t); m.Reason != photo.ReasonTooExpensive || m.Limits == nil || m.Limits.RenderMillis != 1 {
		t.Errorf("manifest %+v with the limits %+v", m, m.Limits)
	}
	w.reconcile(t, reconcile.Unchanged)
	if n := w.engine.renders.Load(); n != 1 {
		t.Errorf("%d renders, want 1", n)
	}
	w.configure(t, reconcile.Config{RenderTimeout: time.Hour})
	w.engine.endless = false
	w.reconcile(t, reconcile.Rendered)
	w.check(t)
}

// TestStoppedRenderWritesNothing: a photo whose render is stopped, by a drain or by the job timeout, is neither
// rejected nor rendered.
func TestStoppedRenderWritesNothing(t *testing.T) {
	stop := errors.New("stop")
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.engine.endless = true
	for name, end := range map[string]func(ctx context.Context) (context.Context, context.CancelFunc){
		"drain": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			w.engine.during = func() { cancel(stop) }
			return ctx, func() { cancel(nil) }
		},
		"job timeout": func(ctx context.Context) (context.Context, context.CancelFunc) {
			w.engine.during = nil
			return context.WithTimeoutCause(ctx, time.Millisecond, stop)
		},
	} {
		ctx, cancel := end(t.Context())
		outcome, err := w.Reconcile(ctx, w.ref)
		if err == nil || context.Cause(ctx) != stop {
			t.Errorf("%s: outcome %q, %v", name, outcome, err)
		}
		cancel()
		if keys := w.variants.Keys(); len(keys) != 0 {
			t.Errorf("%s: left %v", name, keys)
		}
	}
}
