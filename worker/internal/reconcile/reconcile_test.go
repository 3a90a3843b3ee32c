package reconcile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

func TestNewOriginal(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	var puts []string
	var mu sync.Mutex
	w.variants.Before = func(_ context.Context, op, key string) error {
		mu.Lock()
		defer mu.Unlock()
		if op == "put" {
			puts = append(puts, key)
		}
		return nil
	}
	w.uploads.Upload(w.ref.Key(), []byte("a"), map[string]string{photo.MetaOwner: "ann%20b", photo.MetaName: "%C3%A9.jpg", photo.MetaMetadata: "album=a+b"})
	w.reconcile(t, reconcile.Rendered)
	w.check(t)
	if len(puts) != 3 || puts[2] != w.ref.ManifestKey() {
		t.Errorf("wrote %v, want the manifest last", puts)
	}
	m := w.manifest(t)
	for _, v := range m.Variants {
		if o, err := w.variants.Head(t.Context(), v.Key); err != nil || o.Metadata[photo.CacheTagName] != w.ref.CacheTags() {
			t.Errorf("variant %s has the metadata %v, %v", v.Key, o.Metadata, err)
		}
	}
	if m.State != photo.Ready || len(m.Variants) != 2 || m.Source.Owner != "ann b" || m.Source.Name != "é.jpg" || !maps.Equal(m.Source.Metadata, map[string]string{"album": "a b"}) || m.Photo.Width != 4 || m.Photo.ThumbHash != "Ymx1cg==" || m.Photo.Colour != "#010203" || m.Created.IsZero() {
		t.Errorf("manifest %+v", m)
	}
	w.checkNothingElse(t)
	w.reconcile(t, reconcile.Unchanged)
	if n := w.engine.renders.Load(); n != 1 {
		t.Errorf("rendered %d times, want once", n)
	}
}

// TestCauseIsLogged: what the decoder found is for the log. The manifest says what the uploader can do.
func TestCauseIsLogged(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, reconcile.Config{Recipe: photo.Recipe{Name: "r1", MaxBytes: 100}, Memory: 1000, Log: slog.New(slog.NewTextHandler(&log, nil))})
	w.uploads.Upload(w.ref.Key(), []byte("corrupt:"), nil)
	w.reconcile(t, reconcile.Rejected)
	if !strings.Contains(log.String(), `cause="as the test wants it"`) {
		t.Errorf("the log lacks the cause: %s", &log)
	}
	if m := w.manifest(t); m.Detail != photo.RefusalFor(photo.ReasonCorrupt).Detail() {
		t.Errorf("the uploader reads %q", m.Detail)
	}
}

func TestRejectedPhoto(t *testing.T) {
	w := newWorld(t, reconcile.Config{Recipe: photo.Recipe{Name: "r1", MaxBytes: 100}, Memory: 1000})
	w.uploads.Upload(w.ref.Key(), []byte("truncated:"), nil)
	w.reconcile(t, reconcile.Rejected)
	w.check(t)
	if m := w.manifest(t); m.State != photo.Rejected || m.Reason != photo.ReasonTruncated || m.Detail == "" || len(m.Variants) != 0 {
		t.Errorf("manifest %+v", m)
	}
	w.reconcile(t, reconcile.Unchanged)

	w.uploads.Upload(w.ref.Key(), bytes.Repeat([]byte("x"), 101), nil)
	w.reconcile(t, reconcile.Rejected)
	if m := w.manifest(t); m.Reason != photo.ReasonTooLarge {
		t.Errorf("reason %q, want too-large", m.Reason)
	}
	w.uploads.Upload(w.ref.Key(), []byte("x"), nil)
	w.engine.memory = 751 // a quarter of the memory is for originals
	w.reconcile(t, reconcile.Rejected)
	if m := w.manifest(t); m.Reason != photo.ReasonTooManyPixels {
		t.Errorf("reason %q, want too-many-pixels", m.Reason)
	}
	w.engine.memory = 750
	w.uploads.Upload(w.ref.Key(), []byte("y"), nil)
	w.reconcile(t, reconcile.Rendered)
	w.check(t)
}

func TestDeletedOriginal(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	other := photo.Ref{Board: "cats", ID: photo.NewID()}
	w.variants.Upload(other.ManifestKey(), []byte("{}"), nil)
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	if err := w.uploads.Delete(t.Context(), []string{w.ref.Key()}); err != nil {
		t.Fatal(err)
	}
	w.reconcile(t, reconcile.Removed)
	if keys := w.variants.Keys(); !slices.Equal(keys, []string{other.ManifestKey()}) {
		t.Errorf("left: %v", keys)
	}
	w.reconcile(t, reconcile.Unchanged)
}

func TestReplacedOriginalAndChangedRecipe(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	w.uploads.Upload(w.ref.Key(), []byte("b"), nil)
	w.reconcile(t, reconcile.Rendered)
	w.check(t)
	before := w.manifest(t)
	w.engine.names = []string{"large", "thumb"}
	w.configure(t, reconcile.Config{Recipe: photo.Recipe{Name: "r2"}})
	w.reconcile(t, reconcile.Rendered)
	w.check(t)
	if now := w.manifest(t); !now.Source.Modified.Equal(before.Source.Modified) || !now.Created.After(before.Created) {
		t.Errorf("uploaded %v and updated %v; before, %v and %v", now.Source.Modified, now.Created, before.Source.Modified, before.Created)
	}
	w.checkNothingElse(t) // small is gone, and so are the variants of the first original
}

func TestMissingVariantIsRenderedAgain(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	if err := w.variants.Delete(t.Context(), []string{w.manifest(t).Variants[1].Key}); err != nil {
		t.Fatal(err)
	}
	w.reconcile(t, reconcile.Rendered)
	w.check(t)
}

func TestUnreadableManifestIsReplaced(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.variants.Upload(w.ref.ManifestKey(), []byte("{"), nil)
	w.reconcile(t, reconcile.Rendered)
	w.check(t)
}

func TestOriginalChangesDuringRender(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"removed":  func(w *world) { w.uploads.Delete(context.Background(), []string{w.ref.Key()}) },
		"replaced": func(w *world) { w.uploads.Upload(w.ref.Key(), []byte("b"), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{})
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			w.engine.during = sync.OnceFunc(func() { change(w) })
			if _, err := w.Reconcile(t.Context(), w.ref); err != nil {
				t.Fatal(err)
			}
			w.check(t)
		})
	}
}

func TestOriginalArrivesDuringRemoval(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.variants.Upload(w.ref.ManifestKey(), []byte("{}"), nil)
	w.variants.Upload(w.ref.VariantKey("large", "00", photo.JPEG), []byte("old"), nil)
	come := sync.OnceFunc(func() { w.uploads.Upload(w.ref.Key(), []byte("a"), nil) })
	w.variants.Before = func(_ context.Context, op, key string) error {
		if op == "delete" {
			come()
		}
		return nil
	}
	w.reconcile(t, reconcile.Rendered)
	w.check(t)
}

// TestRacingWorkers reconciles one key in many goroutines while it changes, and checks the final state.
func TestRacingWorkers(t *testing.T) {
	for seed := range 20 {
		w := newWorld(t, reconcile.Config{Renders: 8})
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if (i+seed)%3 == 0 {
					w.uploads.Delete(t.Context(), []string{w.ref.Key()})
				} else {
					w.uploads.Upload(w.ref.Key(), fmt.Append(nil, i), nil)
				}
				// Every change has an event. A worker that loses too many races receives it again.
				for {
					_, err := w.Reconcile(t.Context(), w.ref)
					if err == nil {
						return
					}
					if !errors.Is(err, store.ErrConflict) {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if w.uploads.Stored(w.ref.Key()) == nil {
			w.check(t)
			continue
		}
		if m := w.manifest(t); m.State != photo.Ready {
			t.Errorf("seed %d: %+v", seed, m)
		}
		w.check(t)
	}
}
