package reconcile_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// TestLostMessageChangesNothing has the message go to another worker before each point at which a worker asks.
func TestLostMessageChangesNothing(t *testing.T) {
	lost := errors.New("message is lost")
	for name, tc := range map[string]struct {
		prepare func(t *testing.T, w *world)
		points  int // how often the worker asks before it is done
		handle  func(w *world) func(context.Context, string) error
	}{
		"new photo": {func(t *testing.T, w *world) {}, 2, func(w *world) func(context.Context, string) error { return w.Message }},
		"original replaced": {func(t *testing.T, w *world) {
			w.reconcile(t, reconcile.Rendered)
			w.uploads.Upload(w.ref.Key(), []byte("b"), nil)
		}, 3, func(w *world) func(context.Context, string) error { return w.Message }},
		"original deleted": {func(t *testing.T, w *world) {
			w.reconcile(t, reconcile.Rendered)
			if err := w.uploads.Delete(t.Context(), []string{w.ref.Key()}); err != nil {
				t.Fatal(err)
			}
		}, 1, func(w *world) func(context.Context, string) error { return w.Message }},
		"leftovers": {func(t *testing.T, w *world) {
			w.reconcile(t, reconcile.Rendered)
			w.variants.Upload(w.ref.VariantKey("large", "00", photo.JPEG), nil, nil)
		}, 1, func(w *world) func(context.Context, string) error { return w.Redelivered }},
	} {
		t.Run(name, func(t *testing.T) {
			for point := 1; point <= tc.points+1; point++ {
				w := newWorld(t, reconcile.Config{})
				w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
				tc.prepare(t, w)
				asked := 0
				var then map[string]string
				w.configure(t, reconcile.Config{Confirm: func(context.Context) error {
					if asked++; asked == point {
						then = w.stored()
						return lost
					}
					return nil
				}})
				err := tc.handle(w)(t.Context(), event(w.ref.Key()))
				if point > tc.points {
					if err != nil || asked != tc.points {
						t.Errorf("asked %d times, want %d, then %v", asked, tc.points, err)
					}
					w.check(t)
					continue
				}
				if !errors.Is(err, lost) || !maps.Equal(w.stored(), then) {
					t.Errorf("point %d: %v, and the bucket changed from %v to %v", point, err, then, w.stored())
				}
			}
		})
	}
}
