package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// TestRequests counts the requests of a photo. worker/README.md has their price.
func TestRequests(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	check := func(what string, uploads, variants map[string]int) {
		t.Helper()
		if got := w.uploads.Requests(); !maps.Equal(got, uploads) {
			t.Errorf("%s: %v to the uploads bucket, want %v", what, got, uploads)
		}
		if got := w.variants.Requests(); !maps.Equal(got, variants) {
			t.Errorf("%s: %v to the variants bucket, want %v", what, got, variants)
		}
	}
	type counts = map[string]int
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	check("a new photo", counts{"get": 1, "head": 1}, counts{"get": 1, "put": 2 + 1})
	w.reconcile(t, reconcile.Unchanged)
	check("its event again", counts{"head": 1}, counts{"get": 1, "list": 1})
	w.configure(t, reconcile.Config{Recipe: photo.Recipe{Name: "r2"}})
	w.reconcile(t, reconcile.Rendered)
	check("another recipe", counts{"get": 1, "head": 1}, counts{"get": 1, "put": 2 + 1, "list": 1})
	w.uploads.Delete(t.Context(), []string{w.ref.Key()})
	w.uploads.Requests()
	w.reconcile(t, reconcile.Removed)
	check("its removal", counts{"head": 2, "get": 1}, counts{"get": 1, "list": 1, "delete": 2})
	w.reconcile(t, reconcile.Unchanged)
	check("its removal again", counts{"get": 1}, counts{"get": 1, "list": 1})
	w.uploads.Upload(w.ref.Key(), []byte("truncated:"), nil)
	w.reconcile(t, reconcile.Rejected)
	check("a photo that is rejected", counts{"get": 1, "head": 1}, counts{"get": 1, "put": 1})
	w.reconcile(t, reconcile.Unchanged)
	check("and again", counts{"head": 1}, counts{"get": 1})
}

func TestLateWorkerDoesNotReplaceANewerManifest(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.engine.during = sync.OnceFunc(func() {
		w.uploads.Upload(w.ref.Key(), []byte("b"), nil)
		other := newWorld(t, reconcile.Config{})
		r, err := reconcile.New(reconcile.Config{Bucket: "uploads", ParseEvents: parseEvents, Recipe: photo.Recipe{Name: "r1"}}, w.uploads, w.variants, other.engine)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Reconcile(t.Context(), w.ref); err != nil {
			t.Error(err)
		}
		w.check(t)
		w.variants.Before = func(_ context.Context, op, key string) error {
			if key == w.ref.ManifestKey() && op != "put" {
				w.check(t) // never about a
			}
			return nil
		}
	})
	w.reconcile(t, reconcile.Unchanged)
	w.check(t)
	w.checkNothingElse(t)
	if n := w.engine.renders.Load(); n != 1 {
		t.Errorf("rendered %d times, want once: the other worker had made b", n)
	}
}

// answerLost is a bucket that stores the first manifest but answers that its condition did not hold. That happens if an
// answer is lost and the client repeats the request.
type answerLost struct {
	store.Variants
	manifest string
	once     sync.Once
}

func (b *answerLost) Put(ctx context.Context, key string, c store.Content) error {
	err := b.Variants.Put(ctx, key, c)
	if key == b.manifest {
		b.once.Do(func() { err = store.ErrConflict })
	}
	return err
}

func TestManifestWithLostAnswerIsOurs(t *testing.T) {
	for original, want := range map[string]reconcile.Outcome{"a": reconcile.Rendered, "truncated:": reconcile.Rejected} {
		reg := prometheus.NewRegistry()
		w := newWorld(t, reconcile.Config{})
		w.uploads.Upload(w.ref.Key(), []byte(original), nil)
		r, err := reconcile.New(reconcile.Config{Bucket: "uploads", ParseEvents: parseEvents, Recipe: photo.Recipe{Name: "r1"}, Metrics: reconcile.NewMetrics(reg)},
			w.uploads, &answerLost{Variants: w.variants, manifest: w.ref.ManifestKey()}, w.engine)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Message(t.Context(), event(w.ref.Key())); err != nil {
			t.Fatal(err)
		}
		w.check(t)
		if n := counts(t, reg, "darkroom_photos_total")[string(want)]; n != 1 {
			t.Errorf("%s: counted %v times as %s, want once", original, n, want)
		}
		if n := w.engine.renders.Load(); n > 1 {
			t.Errorf("rendered %d times", n)
		}
		if n := samples(t, reg, "darkroom_event_to_manifest_seconds"); n != 1 {
			t.Errorf("%d photos in the time to the manifest, want 1", n)
		}
	}
}

// TestOriginalChangesBeforeItIsRead replaces the original between the head and the get.
func TestOriginalChangesBeforeItIsRead(t *testing.T) {
	for name, tc := range map[string]struct {
		bytes  string
		opened int // 0 if the ETag differs
	}{"other bytes": {"c", 1}, "the same bytes in another version": {"b", 2}} {
		t.Run(name, func(t *testing.T) {
			reg := prometheus.NewRegistry()
			w := newWorld(t, reconcile.Config{Metrics: reconcile.NewMetrics(reg)})
			w.uploads.Versioned = true
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			w.reconcile(t, reconcile.Rendered)
			w.uploads.Upload(w.ref.Key(), []byte("b"), nil)
			change := sync.OnceFunc(func() { w.uploads.Upload(w.ref.Key(), []byte(tc.bytes), nil) })
			opened := 0
			w.uploads.Body = func(_ context.Context, _ string, r io.Reader) io.Reader { opened++; return r }
			w.uploads.Before = func(_ context.Context, op, _ string) error {
				if op == "get" {
					change()
				}
				return nil
			}
			w.reconcile(t, reconcile.Rendered)
			if opened != tc.opened {
				t.Errorf("%d bodies were opened, want %d", opened, tc.opened)
			}
			w.check(t)
			w.checkNothingElse(t)
			if n := counts(t, reg, "darkroom_reconcile_conflicts_total")[""]; n != 1 {
				t.Errorf("%v conflicts, want 1: what is read is what was looked at", n)
			}
			if n := w.engine.renders.Load(); n != 2 {
				t.Errorf("rendered %d times, want 2", n)
			}
			if m := w.manifest(t); m.Source.VersionID != "v3" {
				t.Errorf("manifest speaks of version %s", m.Source.VersionID)
			}
		})
	}
}

// TestMissingBucketRemovesNothing: a head cannot tell a missing bucket from a missing object.
func TestMissingBucketRemovesNothing(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	gone := fmt.Errorf("%w: NoSuchBucket", store.ErrUnavailable)
	w.uploads.Before = func(_ context.Context, op, _ string) error {
		if op == "head" {
			return store.ErrNotFound
		}
		return gone
	}
	if _, err := w.Reconcile(t.Context(), w.ref); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want the error", err)
	}
	w.uploads.Before = nil
	w.check(t)
}

// TestIncompleteDownloadIsNotDecoded reads bodies that end early, are too long, or fail at their end, as they do if the
// checksum does not match.
func TestIncompleteDownloadIsNotDecoded(t *testing.T) {
	wrong := errors.New("checksum did not match")
	for name, spoil := range map[string]func(io.Reader) io.Reader{
		"short":          func(r io.Reader) io.Reader { return io.LimitReader(r, 2) },
		"long":           func(r io.Reader) io.Reader { return io.MultiReader(r, &failing{io.ErrNoProgress, []byte("x")}) },
		"wrong checksum": func(r io.Reader) io.Reader { return io.MultiReader(r, &failing{err: wrong}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{})
			w.uploads.Upload(w.ref.Key(), []byte("whole"), nil)
			w.uploads.Body = func(_ context.Context, _ string, r io.Reader) io.Reader { return spoil(r) }
			_, err := w.Reconcile(t.Context(), w.ref)
			if err == nil || errors.Is(err, store.ErrUnavailable) {
				t.Errorf("got %v, want a failure of this photo", err)
			}
			if n := w.engine.inspected.Load(); n != 0 || len(w.variants.Keys()) != 0 {
				t.Errorf("inspected %d times, wrote %v", n, w.variants.Keys())
			}
			w.uploads.Body = nil
			w.reconcile(t, reconcile.Rendered)
			w.check(t)
		})
	}
}

type failing struct {
	err  error
	last []byte
}

func (f *failing) Read(p []byte) (int, error) {
	n := copy(p, f.last)
	f.last = f.last[n:]
	return n, f.err
}

func TestVariantsOfOlderRecipeAreDeleted(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	// A worker that died left it behind, so no manifest names it.
	w.variants.Upload(w.ref.VariantKey("huge", "0123456789abcdef", photo.WebP), []byte("old"), nil)
	other := photo.Ref{Board: w.ref.Board, ID: photo.NewID()}
	w.variants.Upload(other.ManifestKey(), []byte("{}"), nil)
	w.engine.names = []string{"large"}
	w.configure(t, reconcile.Config{Recipe: photo.Recipe{Name: "r2"}})
	w.reconcile(t, reconcile.Rendered)
	w.check(t)
	if w.variants.Stored(other.ManifestKey()) == nil {
		t.Error("another photo's manifest is gone")
	}
	if err := w.variants.Delete(t.Context(), []string{other.ManifestKey()}); err != nil {
		t.Fatal(err)
	}
	w.checkNothingElse(t)
}
