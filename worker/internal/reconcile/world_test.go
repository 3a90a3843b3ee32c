package reconcile_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
)

// errDamage is the damage that the fake engine finds in a damaged original.
var errDamage = errors.New("row 2 of 3 is missing")

// fakeEngine renders variants that are the original's bytes after a name. It rejects an original that begins with a
// reason and a colon. An original that begins with heic or avif is one, any other is a JPEG. One that begins with cut
// is truncated, and rejected unless the engine accepts damage. One that begins with blemished is damaged, and never
// rejected.
type fakeEngine struct {
	names              []string
	memory             int64
	inspected, renders atomic.Int32
	damaged            bool   // damaged files are rendered
	blind              bool   // a render does not notice the damage
	during             func() // called during each render, if set
	slow               func() // called during each render of an AVIF, if set
	endless            bool   // each render continues until its context ends
}

func (e *fakeEngine) Inspect(data []byte) (engine.Header, error) {
	e.inspected.Add(1)
	if reason, _, ok := bytes.Cut(data, []byte(":")); ok {
		return engine.Header{}, &engine.Rejection{Refusal: photo.RefusalFor(photo.Reason(reason)), Cause: errors.New("as the test wants it")}
	}
	h := engine.Header{Header: format.Header{Format: photo.JPEG, Width: 4, Height: 3, Orientation: 1}}
	switch {
	case bytes.HasPrefix(data, []byte("heic")):
		h.Format = photo.HEIC
	case bytes.HasPrefix(data, []byte("avif")):
		h.Format, h.Sandboxed = photo.AVIF, true
	}
	return h, nil
}

func (e *fakeEngine) Memory(engine.Header) int64 { return e.memory }

func (e *fakeEngine) Effort(engine.Header) float64 { return 1 }

func (e *fakeEngine) Render(ctx context.Context, data []byte, h engine.Header, mark func(engine.Stage)) (engine.Rendering, error) {
	e.renders.Add(1)
	mark(engine.Decode)
	if e.during != nil {
		e.during()
	}
	if e.slow != nil && h.Sandboxed {
		e.slow()
	}
	for e.endless {
		if err := ctx.Err(); err != nil {
			return engine.Rendering{}, err
		}
	}
	r := engine.Rendering{Preview: engine.Preview{ThumbHash: []byte("blur"), Colour: "#010203"}}
	switch {
	case e.blind:
	case bytes.HasPrefix(data, []byte("cut")) && !e.damaged:
		return engine.Rendering{}, &engine.Rejection{Refusal: photo.Truncated(h.Format), Cause: errDamage}
	case bytes.HasPrefix(data, []byte("cut")), bytes.HasPrefix(data, []byte("blemished")):
		r.Damage = errDamage
	}
	for _, n := range e.names {
		if h.Skips(n) {
			continue
		}
		mark(engine.Resample)
		mark(engine.Encode)
		r.Images = append(r.Images, engine.Image{Name: n, Format: photo.JPEG, Width: 4, Height: 3, Data: append([]byte(n+" of "), data...)})
	}
	return r, nil
}

// world is a reconciler with its buckets and its engine.
type world struct {
	uploads, variants *storetest.Memory
	engine            *fakeEngine
	ref               photo.Ref
	*reconcile.Reconciler
}

func newWorld(t *testing.T, cfg reconcile.Config) *world {
	t.Helper()
	w := &world{uploads: storetest.NewMemory(), variants: storetest.NewMemory(), engine: &fakeEngine{names: []string{"large", "small"}},
		ref: photo.Ref{Board: "cats", ID: photo.NewID()}}
	w.configure(t, cfg)
	return w
}

// configure replaces the reconciler, as a new release does.
func (w *world) configure(t *testing.T, cfg reconcile.Config) {
	t.Helper()
	cfg.Bucket, cfg.ParseEvents = "uploads", parseEvents
	if cfg.Recipe.Name == "" {
		cfg.Recipe.Name = "r1"
	}
	w.engine.damaged = cfg.Recipe.Damaged
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

// bury writes the manifest that the API writes when a user removes the photo, if the stored manifest has this ETag. An
// empty ETag means that there must be none. It reports whether it did.
func (w *world) bury(t *testing.T, etag string) bool {
	t.Helper()
	text, err := photo.Tombstone(w.ref, time.Now()).MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	err = w.variants.Put(t.Context(), w.ref.ManifestKey(), store.Content{Type: photo.ManifestContentType, Body: text, IfMatch: &etag})
	if err != nil && !errors.Is(err, store.ErrConflict) {
		t.Fatal(err)
	}
	return err == nil
}

// manifestETag returns the ETag of the stored manifest, or "".
func (w *world) manifestETag(t *testing.T) string {
	t.Helper()
	object, err := w.variants.Head(t.Context(), w.ref.ManifestKey())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return object.ETag
}

func (w *world) manifest(t *testing.T) *photo.Manifest {
	t.Helper()
	m, err := photo.ParseManifest(w.ref, w.variants.Stored(w.ref.ManifestKey()))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// check checks that the variants bucket agrees with the uploads bucket.
func (w *world) check(t *testing.T) {
	t.Helper()
	original := w.uploads.Stored(w.ref.Key())
	if m, err := photo.ParseManifest(w.ref, w.variants.Stored(w.ref.ManifestKey())); err == nil && m.State == photo.Removed {
		if keys := w.variants.Keys(); original != nil || !slices.Equal(keys, []string{w.ref.ManifestKey()}) {
			t.Errorf("the photo was removed but its original is %q and %v are there", original, keys)
		}
		return
	}
	if original == nil {
		if keys := w.variants.Keys(); len(keys) != 0 {
			t.Errorf("the original is gone but %v are there", keys)
		}
		return
	}
	m := w.manifest(t)
	object, _, err := w.uploads.Get(t.Context(), w.ref.Key(), "")
	if err != nil || m.Source.ETag != object.ETag || m.Source.Bytes != object.Bytes {
		t.Errorf("manifest speaks of %+v, original is %+v, %v", m.Source, object, err)
	}
	if m.State == photo.Ready && len(m.Variants) == 0 {
		t.Error("ready without variants")
	}
	for _, v := range m.Variants {
		if got := string(w.variants.Stored(v.Key)); got != v.Name+" of "+string(original) {
			t.Errorf("variant %s is %q", v.Name, got)
		}
	}
}

// checkNothingElse checks that the variants bucket holds only what the manifest names.
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
