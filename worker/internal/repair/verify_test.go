package repair_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/photo"
)

// backfill runs a backfill and returns its notes too. If it verifies, so does the worker that gets its events.
func (w *world) backfill(t *testing.T, verify bool) (repair.Backfilled, string) {
	t.Helper()
	var notes bytes.Buffer
	name := "Darkroom:Backfill"
	if verify {
		name = reconcile.EventVerify
	}
	events, err := repair.NewEvents(repair.EventsConfig{Limits: sendlimit.Limits{}, Bucket: "uploads", Name: name}, w.queue)
	if err != nil {
		t.Fatal(err)
	}
	r := repair.New(repair.Config{Notes: &notes}, w.uploads, w.variants, events)
	sum, err := r.Backfill(t.Context(), repair.BackfillConfig{Recipe: photo.Recipe{Name: "r1"}, Verify: verify})
	if err != nil {
		t.Fatal(err)
	}
	return sum, notes.String()
}

// variantKey returns the key of the photo's only variant.
func (w *world) variantKey(t *testing.T, n int) string {
	t.Helper()
	m, err := photo.ParseManifest(ref(n), w.variants.Stored(ref(n).ManifestKey()))
	if err != nil {
		t.Fatal(err)
	}
	return m.Variants[0].Key
}

// TestBackfillFindsDamage: a backfill compares the sizes of variants, and their bytes on request. The workers repair
// both.
func TestBackfillFindsDamage(t *testing.T) {
	w := newWorld()
	for n := range 4 {
		w.uploads.Upload(ref(n).Key(), []byte("abc"), nil)
	}
	w.backfill(t, false)
	w.drain(t, "r1")
	w.variants.Upload(w.variantKey(t, 1), []byte("abcd"), nil)
	w.variants.Upload(w.variantKey(t, 2), []byte("xyz"), nil) // without a digest
	w.variants.Upload(w.variantKey(t, 3), []byte("abc"), nil) // without a digest, and right

	w.variants.Requests()
	sum, _ := w.backfill(t, false)
	if sum.UpToDate != 3 || !maps.Equal(sum.Stale, map[photo.Staleness]int{photo.OtherSize: 1}) {
		t.Errorf("sizes: %+v", sum)
	}
	if n := w.variants.Requests(); n["get"] != 4 || n["head"] != 0 {
		t.Errorf("sizes cost %v", n)
	}
	w.queue.bodies = nil
	sum, _ = w.backfill(t, true)
	if sum.UpToDate != 2 || !maps.Equal(sum.Stale, map[photo.Staleness]int{photo.OtherSize: 1, photo.OtherDigest: 1}) {
		t.Errorf("digests: %+v", sum)
	}
	if n := w.variants.Requests(); n["get"] != 4+2 || n["head"] != 3 {
		t.Errorf("digests cost %v, want a HEAD of each variant of the right size, and a GET of those without a digest", n)
	}
	if made := w.drain(t, "r1"); made != 2 {
		t.Errorf("rendered %d, want 2", made)
	}
	if sum, _ := w.backfill(t, true); sum.UpToDate != 4 {
		t.Errorf("in the end: %+v", sum)
	}
}

// TestBackfillAndManifestsThatCannotBeUsed: one of this release is rendered again and named with the reason, one of a
// newer release is left alone.
func TestBackfillAndManifestsThatCannotBeUsed(t *testing.T) {
	w := newWorld()
	for n := range 5 {
		w.uploads.Upload(ref(n).Key(), []byte("abc"), nil)
	}
	w.backfill(t, false)
	w.drain(t, "r1")
	edit := func(n int, pairs ...string) {
		text := string(w.variants.Stored(ref(n).ManifestKey()))
		w.variants.Upload(ref(n).ManifestKey(), []byte(strings.NewReplacer(pairs...).Replace(text)), nil)
	}
	next := []string{`"version": 1`, `"version": 2`, `"r1"`, `"r2"`}
	w.variants.Upload(ref(1).ManifestKey(), nil, nil)
	edit(2, next...)
	edit(3, append([]string{`"ready"`, `"archived"`}, next...)...)
	edit(4, append([]string{`"ready"`, `"removed"`}, next...)...)
	sum, notes := w.backfill(t, false)
	want := map[photo.Staleness]int{photo.Unreadable: 1, photo.OtherRecipe: 1} // the last one: its original must go
	if sum.Originals != 5 || sum.UpToDate != 1 || sum.Newer != 2 || !maps.Equal(sum.Stale, want) {
		t.Errorf("got %+v", sum)
	}
	lines := strings.Split(strings.TrimSpace(notes), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], ref(1).Key()) || !strings.Contains(lines[0], "it is empty") || !strings.Contains(lines[1], ref(3).Key()) || !strings.Contains(lines[1], "archived") {
		t.Errorf("notes %q", lines)
	}
	w.drain(t, "r1")
	if slices.Contains(w.uploads.Keys(), ref(4).Key()) || !slices.Contains(w.uploads.Keys(), ref(2).Key()) {
		t.Errorf("originals %v", w.uploads.Keys())
	}
	if sum, _ := w.backfill(t, false); sum.UpToDate != 2 || sum.Newer != 2 {
		t.Errorf("in the end: %+v", sum)
	}
}
