package reconcile_test

import (
	"context"
	"errors"
	"testing"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// TestPhotoRemovedByUserStaysRemoved covers the worker's part of a removal, and a later upload with an old token.
func TestPhotoRemovedByUserStaysRemoved(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	if !w.bury(t, w.manifestETag(t)) {
		t.Fatal("the manifest has another ETag")
	}
	w.reconcile(t, reconcile.Removed) // the original still exists, as if the API had died before it deleted it
	w.check(t)
	if m := w.manifest(t); m.State != photo.Removed {
		t.Fatalf("manifest says %s", m.State)
	}
	renders := w.engine.renders.Load()
	w.uploads.Upload(w.ref.Key(), []byte("again"), nil)
	w.reconcile(t, reconcile.Removed)
	w.check(t)
	if w.uploads.Stored(w.ref.Key()) != nil || w.engine.renders.Load() != renders {
		t.Error("an original uploaded with an old token exists, or was rendered")
	}
	w.configure(t, reconcile.Config{Recipe: photo.Recipe{Name: "r2"}})
	w.reconcile(t, reconcile.Unchanged)
	w.check(t)
}

// TestFailedRemovalIsRetried: an error leaves the message in the queue.
func TestFailedRemovalIsRetried(t *testing.T) {
	for _, op := range []string{"list versions", "delete versions"} {
		w := newWorld(t, reconcile.Config{})
		w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
		w.bury(t, "")
		failed := errors.New("not now")
		w.uploads.Before = func(_ context.Context, o, _ string) error {
			if o == op {
				return failed
			}
			return nil
		}
		if _, err := w.Reconcile(t.Context(), w.ref); !errors.Is(err, failed) {
			t.Errorf("%s fails: %v", op, err)
		}
		w.uploads.Before = nil
		w.reconcile(t, reconcile.Removed)
		w.check(t)
	}
}
