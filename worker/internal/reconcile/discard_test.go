package reconcile_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
)

// named returns a message with one event of this name about the photo.
func (w *world) named(name string) string {
	return formatEvent(name, "uploads", w.ref.Key(), time.Time{})
}

// handle handles a message with one event of the photo.
func (w *world) handle(t *testing.T, name string) {
	t.Helper()
	if err := w.Message(t.Context(), w.named(name)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// rejected returns a world whose photo was rejected.
func rejected(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("corrupt:a"), nil)
	w.reconcile(t, reconcile.Rejected)
	return w
}

// checkDiscarded checks that the original is gone and that the manifest still says why the photo was rejected.
func (w *world) checkDiscarded(t *testing.T) {
	t.Helper()
	if m := w.manifest(t); m.State != photo.Rejected || m.Reason != photo.ReasonCorrupt || m.Detail == "" || !m.Discarded() {
		t.Errorf("the manifest says %+v", m)
	}
	if w.uploads.Stored(w.ref.Key()) != nil {
		t.Error("the original is still there")
	}
}

// TestDiscard: the original goes, the manifest stays, and no later event changes that.
func TestDiscard(t *testing.T) {
	w := rejected(t)
	w.handle(t, reconcile.EventDiscard)
	w.checkDiscarded(t)
	before := w.manifestETag(t)
	for _, name := range []string{"ObjectRemoved:Delete", "ObjectCreated:Put", reconcile.EventSweep, reconcile.EventDiscard} {
		w.handle(t, name)
		w.checkDiscarded(t)
	}
	w.configure(t, reconcile.Config{Recipe: photo.Recipe{Name: "r2"}}) // another recipe, for which nothing can be rendered again
	w.reconcile(t, reconcile.Unchanged)
	if w.manifestETag(t) != before {
		t.Error("the manifest was written again")
	}
	if !w.bury(t, before) {
		t.Fatal("the manifest has another ETag")
	}
	w.reconcile(t, reconcile.Removed)
	w.check(t)
}

// TestDiscardSparesOthers: an event deletes an original only if the photo is rejected and would be rejected again.
func TestDiscardSparesOthers(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"ready":    func(w *world) { w.uploads.Upload(w.ref.Key(), []byte("a"), nil); w.reconcile(t, reconcile.Rendered) },
		"replaced": func(w *world) { w.uploads.Upload(w.ref.Key(), []byte("b"), nil) },
		"rejected no more": func(w *world) {
			w.uploads.Upload(w.ref.Key(), []byte("cut"), nil)
			w.reconcile(t, reconcile.Rejected)
			w.configure(t, reconcile.Config{Recipe: photo.Recipe{Name: "r1", Damaged: true}})
		},
		"without its manifest":  func(w *world) { _ = w.variants.Delete(t.Context(), []string{w.ref.ManifestKey()}) },
		"replaced in mid-write": func(w *world) { w.variants.Before = replaceOnce(w) },
	} {
		w := rejected(t)
		change(w)
		w.handle(t, reconcile.EventDiscard)
		if w.uploads.Stored(w.ref.Key()) == nil {
			t.Errorf("%s: the original was deleted", name)
		}
		w.check(t)
	}
	w := rejected(t)
	w.handle(t, reconcile.EventSweep)
	if w.uploads.Stored(w.ref.Key()) == nil {
		t.Error("an event of a sweep deleted the original")
	}
}

// replaceOnce replaces the original before the next put.
func replaceOnce(w *world) func(context.Context, string, string) error {
	done := false
	return func(_ context.Context, op, _ string) error {
		if op == "put" && !done {
			done = true
			w.uploads.Upload(w.ref.Key(), []byte("c"), nil)
		}
		return nil
	}
}

// TestDiscardIsRepeated: a worker dies at each of its requests, and the message is received again.
func TestDiscardIsRepeated(t *testing.T) {
	for _, c := range []struct {
		op     string
		bucket func(*world) *storetest.Memory
	}{
		{"get", func(w *world) *storetest.Memory { return w.variants }},
		{"put", func(w *world) *storetest.Memory { return w.variants }},
		{"head", func(w *world) *storetest.Memory { return w.uploads }},
		{"delete", func(w *world) *storetest.Memory { return w.uploads }},
	} {
		w := rejected(t)
		died := errors.New("died")
		c.bucket(w).Before = func(_ context.Context, op, _ string) error {
			if op == c.op {
				return died
			}
			return nil
		}
		text := w.named(reconcile.EventDiscard)
		if err := w.Message(t.Context(), text); !errors.Is(err, died) {
			t.Errorf("%s: %v", c.op, err)
		}
		c.bucket(w).Before = nil
		if err := w.Redelivered(t.Context(), text); err != nil {
			t.Errorf("%s, received again: %v", c.op, err)
		}
		w.checkDiscarded(t)
	}
}
