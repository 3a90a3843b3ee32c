package reconcile_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// recipeOf returns the recipe with these words as specs, and the names of the variants. A word is a name and, after a
// colon, the rest of the spec.
func recipeOf(specs string) (r photo.Recipe, names []string) {
	r.Name = specs
	for _, s := range strings.Fields(specs) {
		name, _, _ := strings.Cut(s, ":")
		r.Specs = append(r.Specs, photo.SpecRecipe{Name: name, ID: s})
		names = append(names, name)
	}
	return r, names
}

// release replaces the reconciler by one with the recipe of these specs.
func (w *world) release(t *testing.T, specs string) {
	t.Helper()
	recipe, names := recipeOf(specs)
	recipe.Damaged = w.engine.damaged
	w.engine.names = names
	w.configure(t, reconcile.Config{Recipe: recipe})
}

// TestRequestsOfAnotherRecipe: a variant whose spec has not changed is neither rendered nor stored again.
func TestRequestsOfAnotherRecipe(t *testing.T) {
	type counts = map[string]int
	for _, tc := range []struct {
		name, before, after string
		uploads, variants   counts
		rendered            int
	}{
		{"one added", "large small", "large small thumb", counts{"get": 1, "head": 1}, counts{"get": 1, "put": 1 + 1, "list": 1}, 1},
		{"two added", "large", "tiny large thumb", counts{"get": 1, "head": 1}, counts{"get": 1, "put": 2 + 1, "list": 1}, 1},
		{"one changed", "large small", "large small:2", counts{"get": 1, "head": 1}, counts{"get": 1, "put": 1 + 1, "list": 1}, 1},
		{"one renamed", "large small", "large little", counts{"get": 1, "head": 1}, counts{"get": 2, "put": 1 + 1, "list": 1, "delete": 1}, 1},
		{"one removed", "large small", "large", counts{"head": 2}, counts{"get": 2, "put": 1, "list": 1, "delete": 1}, 0},
		{"another order", "large small", "small large", counts{"head": 2}, counts{"get": 1, "put": 1, "list": 1}, 0},
		{"all changed", "large small", "large:2 small:2", counts{"get": 1, "head": 1}, counts{"get": 1, "put": 2 + 1, "list": 1}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{})
			w.release(t, tc.before)
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			w.reconcile(t, reconcile.Rendered)
			w.uploads.Requests()
			w.variants.Requests()
			w.engine.renders.Store(0)
			w.release(t, tc.after)
			w.reconcile(t, reconcile.Rendered)
			if got := w.uploads.Requests(); !maps.Equal(got, tc.uploads) {
				t.Errorf("%v to the uploads bucket, want %v", got, tc.uploads)
			}
			if got := w.variants.Requests(); !maps.Equal(got, tc.variants) {
				t.Errorf("%v to the variants bucket, want %v", got, tc.variants)
			}
			if n := w.engine.renders.Load(); int(n) != tc.rendered {
				t.Errorf("rendered %d times, want %d", n, tc.rendered)
			}
			w.check(t)
			w.checkNothingElse(t)
			w.checkSpecs(t, tc.after)
			w.reconcile(t, reconcile.Unchanged)
		})
	}
}

// checkSpecs checks that the manifest lists the variants of these specs, in their order.
func (w *world) checkSpecs(t *testing.T, specs string) {
	t.Helper()
	var got []string
	m := w.manifest(t)
	for _, v := range m.Variants {
		got = append(got, v.Spec)
	}
	if want := strings.Fields(specs); m.Recipe != specs || !slices.Equal(got, want) {
		t.Errorf("the manifest is of recipe %q with variants of %q, want %q", m.Recipe, got, want)
	}
}

// TestNothingIsKept where a variant may not be what its spec asks for.
func TestNothingIsKept(t *testing.T) {
	const before, after = "large small", "large small thumb"
	for name, tc := range map[string]struct {
		original string
		change   func(t *testing.T, w *world)
	}{
		"the original was replaced": {"a", func(t *testing.T, w *world) { w.uploads.Upload(w.ref.Key(), []byte("b"), nil) }},
		"an older release rendered it": {"a", func(t *testing.T, w *world) {
			text := strings.NewReplacer(`"spec": "large"`, `"s": ""`, `"spec": "small"`, `"s": ""`).Replace(string(w.variants.Stored(w.ref.ManifestKey())))
			w.variants.Upload(w.ref.ManifestKey(), []byte(text), nil)
		}},
		"a variant is missing": {"a", func(t *testing.T, w *world) {
			w.variants.Delete(context.Background(), []string{w.manifest(t).Variants[1].Key})
		}},
		"a variant has another size": {"a", func(t *testing.T, w *world) {
			w.variants.Upload(w.manifest(t).Variants[1].Key, []byte("x"), nil)
		}},
		"damage is no longer accepted": {"blemished", func(t *testing.T, w *world) { w.engine.damaged = false }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{})
			w.engine.damaged = true
			w.release(t, before)
			w.uploads.Upload(w.ref.Key(), []byte(tc.original), nil)
			w.reconcile(t, reconcile.Rendered)
			tc.change(t, w)
			w.variants.Requests()
			w.release(t, after)
			w.reconcile(t, reconcile.Rendered)
			if n := w.variants.Requests()["put"]; n < 4 {
				t.Errorf("%d puts, want three variants and a manifest", n)
			}
			w.check(t)
			w.checkNothingElse(t)
			w.checkSpecs(t, after)
		})
	}
}

// TestVerifiedVariantsAreKept: an event that verifies keeps the variants that have the right bytes.
func TestVerifiedVariantsAreKept(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.release(t, "large small medium")
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	small := w.manifest(t).Variants[1]
	w.variants.Upload(small.Key, []byte("small of b"), nil)
	w.variants.Requests()
	w.release(t, "large small")
	if err := w.Message(t.Context(), formatEvent(reconcile.EventVerify, "uploads", w.ref.Key(), time.Time{})); err != nil {
		t.Fatal(err)
	}
	if n := w.variants.Requests()["put"]; n != 2 {
		t.Errorf("%d puts, want the variant with other bytes and the manifest", n)
	}
	w.check(t)
	w.checkNothingElse(t)
	w.checkSpecs(t, "large small")
}

// TestDamageIsRemembered: a damaged photo stays one if only some of its variants are rendered again, and if none is.
func TestDamageIsRemembered(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.engine.damaged = true
	w.release(t, "large small")
	w.uploads.Upload(w.ref.Key(), []byte("cut short"), nil)
	w.reconcile(t, reconcile.Rendered)
	for _, specs := range []string{"large small thumb", "small", "small tiny"} {
		w.engine.blind = specs == "small tiny" // what is rendered now does not need the damaged part
		w.release(t, specs)
		w.reconcile(t, reconcile.Rendered)
		if m := w.manifest(t); !m.Damaged() || m.Limits == nil || !m.Limits.Damaged {
			t.Errorf("%s: the manifest says %+v, %+v", specs, m.Photo, m.Limits)
		}
		w.checkSpecs(t, specs)
	}
}

// TestRejectedPhotoKeepsNothing: a photo that a new spec makes too large has no variants at all.
func TestRejectedPhotoKeepsNothing(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.release(t, "large small")
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	w.engine.memory = 1 << 40
	w.release(t, "large small huge")
	w.reconcile(t, reconcile.Rejected)
	if m := w.manifest(t); m.State != photo.Rejected || len(m.Variants) != 0 {
		t.Errorf("the manifest says %s with %v", m.State, m.Variants)
	}
	w.checkNothingElse(t)
}

// TestReplacedOriginalOfRemovedSpec: no variant of a replaced original is kept, even if there is no new spec.
func TestReplacedOriginalOfRemovedSpec(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.release(t, "large small")
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	w.uploads.Upload(w.ref.Key(), []byte("b"), nil)
	w.variants.Requests()
	w.release(t, "large")
	w.reconcile(t, reconcile.Rendered)
	if n := w.variants.Requests()["put"]; n != 2 {
		t.Errorf("%d puts, want the variant and the manifest, once", n)
	}
	w.check(t)
	w.checkNothingElse(t)
	w.checkSpecs(t, "large")
}
