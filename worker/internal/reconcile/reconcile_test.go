package reconcile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/reconcile/storetest"
	"darkroom/worker/internal/variant"
	"darkroom/worker/photo"
)

// engine is a fake whose variants are the original's bytes with a name before them. An original that begins with a
// reason and a colon is rejected for that reason.
type engine struct {
	names   []string
	memory  int64
	renders atomic.Int32
	during  func() // called in the middle of each render, if set
}

func (e *engine) Inspect(data []byte) (variant.Header, error) {
	if reason, _, ok := bytes.Cut(data, []byte(":")); ok {
		return variant.Header{}, &variant.Rejection{Reason: photo.Reason(reason), Detail: "as the test wants it"}
	}
	return variant.Header{Format: photo.JPEG, Width: 4, Height: 3, Orientation: 1}, nil
}

func (e *engine) Memory(variant.Header) int64 { return e.memory }

func (e *engine) Render(data []byte, h variant.Header) ([]variant.Image, error) {
	e.renders.Add(1)
	if e.during != nil {
		e.during()
	}
	var images []variant.Image
	for _, n := range e.names {
		images = append(images, variant.Image{Name: n, Format: photo.JPEG, Width: 4, Height: 3, Data: append([]byte(n+" of "), data...)})
	}
	return images, nil
}

// world is a reconciler and what it works on.
type world struct {
	uploads, variants *storetest.Memory
	engine            *engine
	ref               photo.Ref
	*reconcile.Reconciler
}

func newWorld(t *testing.T, cfg reconcile.Config) *world {
	t.Helper()
	w := &world{uploads: storetest.NewMemory(), variants: storetest.NewMemory(), engine: &engine{names: []string{"large", "small"}},
		ref: photo.Ref{Board: "cats", ID: photo.NewID()}}
	w.configure(t, cfg)
	return w
}

// configure replaces the reconciler, as a new release does.
func (w *world) configure(t *testing.T, cfg reconcile.Config) {
	t.Helper()
	cfg.Bucket = "uploads"
	if cfg.Recipe == "" {
		cfg.Recipe = "r1"
	}
	r, err := reconcile.New(cfg, w.uploads, w.variants, w.engine)
	if err != nil {
		t.Fatal(err)
	}
	w.Reconciler = r
}

func (w *world) reconcile(t *testing.T, want reconcile.Outcome) {
	t.Helper()
	got, err := w.Reconcile(t.Context(), w.ref)
	if err != nil || got != want {
		t.Fatalf("Reconcile = %q, %v, want %q", got, err, want)
	}
}

func (w *world) manifest(t *testing.T) *photo.Manifest {
	t.Helper()
	m, err := photo.ParseManifest(w.ref, w.variants.Body(w.ref.ManifestKey()))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// check compares the variants bucket with what the uploads bucket asks for.
func (w *world) check(t *testing.T) {
	t.Helper()
	original := w.uploads.Body(w.ref.Key())
	if original == nil {
		if keys := w.variants.Keys(); len(keys) != 0 {
			t.Errorf("the original is gone but %v are there", keys)
		}
		return
	}
	m := w.manifest(t)
	object, _, err := w.uploads.Get(t.Context(), w.ref.Key())
	if err != nil || m.Source.ETag != object.ETag || m.Source.Bytes != object.Bytes {
		t.Errorf("manifest speaks of %+v, original is %+v, %v", m.Source, object, err)
	}
	for _, v := range m.Variants {
		if got := string(w.variants.Body(v.Key)); got != v.Name+" of "+string(original) {
			t.Errorf("variant %s is %q", v.Name, got)
		}
	}
}

// checkNothingElse compares the keys of the variants bucket with the manifest.
func (w *world) checkNothingElse(t *testing.T) {
	t.Helper()
	want := []string{w.ref.ManifestKey()}
	for _, v := range w.manifest(t).Variants {
		want = append(want, v.Key)
	}
	slices.Sort(want)
	if keys := w.variants.Keys(); !slices.Equal(keys, want) {
		t.Errorf("bucket has %v, want %v", keys, want)
	}
}

func TestOriginalBecomesVariantsAndManifest(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	var puts []string
	var mu sync.Mutex
	w.variants.Before = func(op, key string) error {
		mu.Lock()
		defer mu.Unlock()
		if op == "put" {
			puts = append(puts, key)
		}
		return nil
	}
	w.uploads.Upload(w.ref.Key(), []byte("a"), map[string]string{photo.MetaOwner: "ann%20b"})
	w.reconcile(t, reconcile.Made)
	w.check(t)
	if len(puts) != 3 || puts[2] != w.ref.ManifestKey() {
		t.Errorf("wrote %v, want the manifest last", puts)
	}
	m := w.manifest(t)
	if m.State != photo.Ready || len(m.Variants) != 2 || m.Source.Owner != "ann b" || m.Photo.Width != 4 || m.Created.IsZero() {
		t.Errorf("manifest %+v", m)
	}
	w.checkNothingElse(t)
	w.reconcile(t, reconcile.Unchanged)
	if n := w.engine.renders.Load(); n != 1 {
		t.Errorf("rendered %d times, want once", n)
	}
}

func TestRejectedPhoto(t *testing.T) {
	w := newWorld(t, reconcile.Config{MaxBytes: 100, Memory: 1000})
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
	w.reconcile(t, reconcile.Made)
	w.check(t)
}

func TestRemovedOriginalTakesEverythingWithIt(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	other := photo.Ref{Board: "cats", ID: photo.NewID()}
	w.variants.Upload(other.ManifestKey(), []byte("{}"), nil)
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Made)
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
	w.reconcile(t, reconcile.Made)
	w.uploads.Upload(w.ref.Key(), []byte("b"), nil)
	w.reconcile(t, reconcile.Made)
	w.check(t)
	w.engine.names = []string{"large", "thumb"}
	w.configure(t, reconcile.Config{Recipe: "r2"})
	w.reconcile(t, reconcile.Made)
	w.check(t)
	w.checkNothingElse(t) // small is gone, and so is what was made of the first original
}

func TestLostVariantIsMadeAgain(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Made)
	if err := w.variants.Delete(t.Context(), []string{w.manifest(t).Variants[1].Key}); err != nil {
		t.Fatal(err)
	}
	w.reconcile(t, reconcile.Made)
	w.check(t)
}

func TestUnreadableManifestIsReplaced(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.variants.Upload(w.ref.ManifestKey(), []byte("{"), nil)
	w.reconcile(t, reconcile.Made)
	w.check(t)
}

func TestOriginalThatChangesUnderTheRender(t *testing.T) {
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

func TestOriginalThatComesUnderTheRemoval(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.variants.Upload(w.ref.ManifestKey(), []byte("{}"), nil)
	w.variants.Upload(w.ref.VariantKey("large", "00", photo.JPEG), []byte("old"), nil)
	come := sync.OnceFunc(func() { w.uploads.Upload(w.ref.Key(), []byte("a"), nil) })
	w.variants.Before = func(op, key string) error {
		if op == "delete" {
			come()
		}
		return nil
	}
	w.reconcile(t, reconcile.Made)
	w.check(t)
}

func TestErrorsKeepTheMessageAndLaterReceivesMend(t *testing.T) {
	for _, failing := range []string{"get uploads", "get variants", "put variants", "head uploads"} {
		t.Run(failing, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{})
			broken := errors.New("slow down")
			var healed atomic.Bool
			fail := func(bucket string) func(op, key string) error {
				return func(op, key string) error {
					if !healed.Load() && failing == op+" "+bucket {
						return broken
					}
					return nil
				}
			}
			w.uploads.Before, w.variants.Before = fail("uploads"), fail("variants")
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			if err := w.Message(t.Context(), event(w.ref.Key())); !errors.Is(err, broken) {
				t.Fatalf("got %v, want the bucket's error", err)
			} else if !strings.Contains(err.Error(), w.ref.Key()) {
				t.Errorf("error %q does not name the photo", err)
			}
			healed.Store(true)
			if err := w.Message(t.Context(), event(w.ref.Key())); err != nil {
				t.Fatal(err)
			}
			w.check(t)
		})
	}
}

// TestRacingWorkers reconciles one key from many sides while it changes, and looks at what is there in the end.
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
				// An event follows every change; a worker that loses too many races receives it again.
				for {
					_, err := w.Reconcile(t.Context(), w.ref)
					if err == nil {
						return
					}
					if !errors.Is(err, reconcile.ErrConflict) {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if w.uploads.Body(w.ref.Key()) == nil {
			w.check(t)
			continue
		}
		if m := w.manifest(t); m.State != photo.Ready {
			t.Errorf("seed %d: %+v", seed, m)
		}
		w.check(t)
	}
}

func event(keys ...string) string {
	var records []string
	for _, k := range keys {
		key, _ := json.Marshal(k) // a string always marshals
		records = append(records, fmt.Sprintf(`{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-01-02T03:04:05Z","eventName":"ObjectCreated:Put",
			"s3":{"bucket":{"name":"uploads"},"object":{"key":%s}}}`, key))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

func TestMessage(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	a, b := photo.Ref{Board: "cats", ID: photo.NewID()}, photo.Ref{Board: "dogs", ID: photo.NewID()}
	w.uploads.Upload(a.Key(), []byte("a"), nil)
	w.uploads.Upload(b.Key(), []byte("b"), nil)
	if err := w.Message(t.Context(), event(a.Key(), b.Key())); err != nil {
		t.Fatal(err)
	}
	if w.variants.Body(a.ManifestKey()) == nil || w.variants.Body(b.ManifestKey()) == nil {
		t.Errorf("not both photos of one message were made: %v", w.variants.Keys())
	}
	if err := w.Message(t.Context(), `{"Event":"s3:TestEvent","Bucket":"uploads"}`); err != nil {
		t.Errorf("test event: %v", err)
	}
	for name, body := range map[string]string{
		"garbage":        "hello",
		"no photo's key": event("readme.txt"),
		"other bucket":   strings.Replace(event(a.Key()), `"uploads"`, `"elsewhere"`, 1),
	} {
		if err := w.Message(t.Context(), body); !errors.Is(err, reconcile.ErrBadMessage) {
			t.Errorf("%s: %v, want ErrBadMessage", name, err)
		}
	}
}

func TestBadRecordDoesNotHideTheOthers(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	if err := w.Message(t.Context(), event("readme.txt", w.ref.Key())); !errors.Is(err, reconcile.ErrBadMessage) {
		t.Errorf("got %v, want ErrBadMessage", err)
	}
	w.check(t)
}

func TestRendersAndMemoryAreBounded(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg    reconcile.Config
		memory int64
	}{
		"renders": {reconcile.Config{Renders: 2}, 1},
		"memory":  {reconcile.Config{Renders: 100, MaxBytes: 100, Memory: 1000}, 750 / 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.cfg)
			w.engine.memory = tc.memory
			var now, most atomic.Int32
			w.engine.during = func() {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				for range 100 {
					most.Load()
				}
			}
			var wg sync.WaitGroup
			for range 20 {
				ref := photo.Ref{Board: "cats", ID: photo.NewID()}
				w.uploads.Upload(ref.Key(), []byte("a"), nil)
				wg.Go(func() {
					if _, err := w.Reconcile(t.Context(), ref); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := most.Load(); n > 2 || n == 0 {
				t.Errorf("%d at once, want at most 2", n)
			}
		})
	}
}

func TestConfigValidate(t *testing.T) {
	good := reconcile.Config{Bucket: "b", Recipe: "r"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*reconcile.Config){
		"no bucket":       func(c *reconcile.Config) { c.Bucket = "" },
		"no recipe":       func(c *reconcile.Config) { c.Recipe = "" },
		"negative bytes":  func(c *reconcile.Config) { c.MaxBytes = -1 },
		"negative render": func(c *reconcile.Config) { c.Renders = -1 },
		"little memory":   func(c *reconcile.Config) { c.Memory = 1 << 20 },
	} {
		c := good
		spoil(&c)
		if err := c.Validate(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
