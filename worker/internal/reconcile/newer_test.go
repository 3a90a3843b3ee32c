package reconcile_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// upgrade makes the stored manifest one that a newer release has written, with a field that this release does not know,
// and a variant that only that field names. It returns the manifest's text.
func (w *world) upgrade(t *testing.T, change func(m *photo.Manifest)) []byte {
	t.Helper()
	m := w.manifest(t)
	m.Version = photo.ManifestVersion + 1
	m.Recipe = "of a newer release"
	if change != nil {
		change(m)
	}
	text, err := m.MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("{"), []byte(`{"renditions": {"huge": "huge-00.jxl"},`), 1)
	w.variants.Upload(w.ref.ManifestKey(), text, nil)
	w.variants.Upload(w.ref.Prefix()+"huge-00.jxl", []byte("huge"), nil)
	return text
}

// stored returns what the variants bucket holds.
func (w *world) stored() map[string]string {
	objects := map[string]string{}
	for _, k := range w.variants.Keys() {
		objects[k] = string(w.variants.Stored(k))
	}
	return objects
}

// TestNewerManifestIsKept: whatever happens to a photo that a newer release has rendered, an older worker changes
// nothing. An event that it cannot handle stays in the queue.
func TestNewerManifestIsKept(t *testing.T) {
	sweep := func(w *world) string {
		return formatEvent(reconcile.EventSweep, "uploads", w.ref.Key(), time.Time{})
	}
	verify := func(w *world) string {
		return formatEvent(reconcile.EventVerify, "uploads", w.ref.Key(), time.Time{})
	}
	created := func(w *world) string { return event(w.ref.Key()) }
	replace := func(t *testing.T, w *world) { w.uploads.Upload(w.ref.Key(), []byte("b"), nil) }
	remove := func(t *testing.T, w *world) {
		if err := w.uploads.Delete(t.Context(), []string{w.ref.Key()}); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name    string
		happens func(t *testing.T, w *world)
		change  func(m *photo.Manifest)
		body    func(w *world) string
		left    bool // left to a worker of the newer release
	}{
		{"the event again", nil, nil, created, false},
		{"a sweep", nil, nil, sweep, false},
		{"a backfill that verifies", nil, nil, verify, false},
		{"a variant is missing", func(t *testing.T, w *world) {
			if err := w.variants.Delete(t.Context(), []string{w.manifest(t).Variants[0].Key}); err != nil {
				t.Fatal(err)
			}
		}, nil, created, false},
		{"original replaced", replace, nil, created, true},
		{"original deleted", remove, nil, created, true},
		{"original deleted, a sweep", remove, nil, sweep, true},
		{"a state that is unknown", nil, func(m *photo.Manifest) { m.State = "archived" }, created, true},
		{"a state that is unknown, original deleted", remove, func(m *photo.Manifest) { m.State = "archived" }, sweep, true},
	} {
		for _, delivery := range []string{"first", "again"} {
			t.Run(tc.name+", "+delivery, func(t *testing.T) {
				reg := prometheus.NewRegistry()
				w := newWorld(t, reconcile.Config{Metrics: reconcile.NewMetrics(reg)})
				w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
				w.reconcile(t, reconcile.Rendered)
				if tc.happens != nil {
					tc.happens(t, w)
				}
				w.upgrade(t, tc.change)
				before, renders := w.stored(), w.engine.renders.Load()
				originals := w.uploads.Keys()
				handle := w.Message
				if delivery == "again" {
					handle = w.Redelivered
				}
				err := handle(t.Context(), tc.body(w))
				if errors.Is(err, photo.ErrNewerManifest) != tc.left || !tc.left && err != nil {
					t.Errorf("got %v, want an ErrNewerManifest: %v", err, tc.left)
				}
				if tc.left && (errors.Is(err, reconcile.ErrBadMessage) || !strings.Contains(err.Error(), w.ref.Key())) {
					t.Errorf("error %q: want the photo, and no bad message", err)
				}
				if after := w.stored(); !maps.Equal(before, after) || len(w.uploads.Keys()) != len(originals) {
					t.Errorf("changed %v to %v", before, after)
				}
				if n := w.engine.renders.Load() - renders; n != 0 {
					t.Errorf("rendered %d times", n)
				}
				if n := counts(t, reg, "darkroom_manifest_problems_total"); n["newer"] != 1 || n["unreadable"] != 0 {
					t.Errorf("counted %v", n)
				}
			})
		}
	}
}

// TestNewerReleaseRemovesPhoto: the removal by a user holds, and its manifest stays as the newer release wrote it.
func TestNewerReleaseRemovesPhoto(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	text := w.upgrade(t, func(m *photo.Manifest) { *m = *photo.Tombstone(m.Ref(), m.Created); m.Version++ })
	w.reconcile(t, reconcile.Removed)
	if got := w.stored(); len(got) != 1 || got[w.ref.ManifestKey()] != string(text) || w.uploads.Stored(w.ref.Key()) != nil {
		t.Errorf("left %v and %v", got, w.uploads.Keys())
	}
}

// TestNewerReleaseWinsRace: the manifest of a newer release that appears while an older worker renders stays.
func TestNewerReleaseWinsRace(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	w.configure(t, reconcile.Config{Recipe: photo.Recipe{Name: "r2"}})
	var text []byte
	w.engine.during = sync.OnceFunc(func() { text = w.upgrade(t, nil) })
	w.reconcile(t, reconcile.Unchanged)
	if got := w.variants.Stored(w.ref.ManifestKey()); !bytes.Equal(got, text) {
		t.Errorf("manifest %s", got)
	}
}

// TestUnusableManifestIsReplaced covers every kind of them, with an original and without.
func TestUnusableManifestIsReplaced(t *testing.T) {
	for name, spoil := range map[string]func(text []byte) []byte{
		"empty":         func([]byte) []byte { return nil },
		"not JSON":      func([]byte) []byte { return []byte("<html>") },
		"other photo":   func(b []byte) []byte { return bytes.Replace(b, []byte("cats"), []byte("dogs"), 1) },
		"unknown state": func(b []byte) []byte { return bytes.Replace(b, []byte(`"ready"`), []byte(`"done"`), 1) },
		"version 0":     func(b []byte) []byte { return bytes.Replace(b, []byte(`"version": 1`), []byte(`"version": 0`), 1) },
		"too large":     func(b []byte) []byte { return append(b, bytes.Repeat([]byte(" "), photo.MaxManifestBytes)...) },
	} {
		t.Run(name, func(t *testing.T) {
			reg := prometheus.NewRegistry()
			w := newWorld(t, reconcile.Config{Metrics: reconcile.NewMetrics(reg)})
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			w.reconcile(t, reconcile.Rendered)
			good := w.variants.Stored(w.ref.ManifestKey())
			w.variants.Upload(w.ref.ManifestKey(), spoil(good), nil)
			w.reconcile(t, reconcile.Rendered)
			w.check(t)
			w.checkNothingElse(t)
			if n := counts(t, reg, "darkroom_manifest_problems_total"); n["unreadable"] != 1 {
				t.Errorf("counted %v", n)
			}
			w.variants.Upload(w.ref.ManifestKey(), spoil(good), nil)
			if err := w.uploads.Delete(t.Context(), []string{w.ref.Key()}); err != nil {
				t.Fatal(err)
			}
			w.reconcile(t, reconcile.Removed)
			w.check(t)
		})
	}
}

// TestUnusableManifestIsReplacedOnItsETag: a manifest that appears in its place meanwhile stays.
func TestUnusableManifestIsReplacedOnItsETag(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.variants.Upload(w.ref.ManifestKey(), []byte("{"), nil)
	w.engine.during = sync.OnceFunc(func() { w.bury(t, w.manifestETag(t)) })
	w.reconcile(t, reconcile.Removed)
	w.check(t)
	if m := w.manifest(t); m.State != photo.Removed {
		t.Errorf("manifest says %s", m.State)
	}
}

// TestDamagedVariants: another size is found by every event, other bytes by one that verifies.
func TestDamagedVariants(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	key := w.manifest(t).Variants[1].Key
	good := w.variants.Stored(key)
	w.variants.Upload(key, good[1:], nil)
	w.reconcile(t, reconcile.Rendered)
	w.check(t)

	w.variants.Upload(key, bytes.ToUpper(good), nil)
	w.reconcile(t, reconcile.Unchanged)
	for _, gone := range []bool{false, true} {
		if gone { // between the listing and the read
			w.variants.Upload(key, bytes.ToUpper(good), nil)
			w.variants.Before = func(_ context.Context, op, k string) error {
				if op == "get" && k == key {
					w.variants.Before = nil
					return w.variants.Delete(context.Background(), []string{k})
				}
				return nil
			}
		}
		if err := w.Message(t.Context(), formatEvent(reconcile.EventVerify, "uploads", w.ref.Key(), time.Time{})); err != nil {
			t.Fatal(err)
		}
		w.check(t)
	}
}

// TestSweepEventDeletesLeftovers: no other event of a photo that is up to date does.
func TestSweepEventDeletesLeftovers(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	w.variants.Upload(w.ref.VariantKey("large", "00", photo.JPEG), []byte("left behind"), nil)
	w.reconcile(t, reconcile.Unchanged)
	if n := len(w.variants.Keys()); n != 4 {
		t.Fatalf("%d objects, want the leftover too", n)
	}
	if err := w.Message(t.Context(), formatEvent(reconcile.EventSweep, "uploads", w.ref.Key(), time.Time{})); err != nil {
		t.Fatal(err)
	}
	w.check(t)
	w.checkNothingElse(t)
}
