package reconcile_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"darkroom/deploy/testkit/race"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// scenario is a history of one photo. Each change of its original has an event, which a worker receives at any later
// time, and again until it returns no error.
type scenario struct {
	before     string   // original that is already reconciled; "" for none
	changes    []string // originals in order; "" is a deletion, and byUser a removal through the API
	duplicates int      // repeated events of the first change
	recipes    []string // recipes of the workers, in turn; default one. See recipeOf: specs that they share are kept
	old        string   // recipe of the original that is already reconciled; default "large"
	switches   int      // see stage
	faults     int
	leftovers  bool // a worker that failed may leave variants that no manifest names
}

// byUser is the removal by a user: a manifest that says removed, and then the deletion of the original.
const byUser = "removed by a user"

func (sc scenario) play(t *testing.T, s *stage) {
	w := newWorld(t, reconcile.Config{})
	w.release(t, cmp.Or(sc.old, "large"))
	s.parked, s.last, s.options, s.taken, s.log = nil, "", nil, 0, nil
	s.switches, s.faults = sc.switches, sc.faults
	if sc.before != "" {
		w.uploads.Upload(w.ref.Key(), []byte(sc.before), nil)
		w.reconcile(t, reconcile.Rendered)
	}
	uploads, variants := staged{w.uploads, s, "uploads"}, staged{w.variants, s, "variants"}
	workers := 0
	worker := func() {
		specs := "large"
		if len(sc.recipes) > 0 {
			specs = sc.recipes[workers%len(sc.recipes)]
		}
		recipe, names := recipeOf(specs)
		workers++
		ctx := context.WithValue(t.Context(), actorKey{}, fmt.Sprint("worker ", workers))
		r, err := reconcile.New(reconcile.Config{Bucket: "uploads", ParseEvents: parseEvents, Recipe: recipe}, uploads, variants, &fakeEngine{names: names})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				if _, err := r.Reconcile(ctx, w.ref); err == nil {
					return
				} else if !errors.Is(err, errFault) && !errors.Is(err, store.ErrConflict) {
					t.Error(err)
					return
				}
			}
		}()
	}
	go func() {
		ctx := context.WithValue(t.Context(), actorKey{}, "client")
		for i, original := range sc.changes {
			if original == byUser {
				for done := false; !done; {
					s.step(ctx, "looks at the manifest")
					etag := w.manifestETag(t)
					s.step(ctx, "buries the photo")
					done = w.bury(t, etag)
				}
				original = ""
			}
			s.step(ctx, fmt.Sprintf("uploads %q", original))
			if original == "" {
				w.uploads.Delete(ctx, []string{w.ref.Key()})
			} else {
				w.uploads.Upload(w.ref.Key(), []byte(original), nil)
			}
			worker()
			for range sc.duplicates * max(0, 1-i) {
				worker()
			}
		}
	}()
	s.run()
	if slices.Contains(sc.changes, byUser) && w.manifest(t).State != photo.Removed {
		t.Errorf("the photo was removed, and its manifest says %s", w.manifest(t).State)
	}
	w.check(t)
	if m, err := photo.ParseManifest(w.ref, w.variants.Stored(w.ref.ManifestKey())); err == nil && m.State == photo.Ready {
		w.checkSpecs(t, m.Recipe)
	}
	if !sc.leftovers && w.uploads.Stored(w.ref.Key()) != nil {
		w.checkNothingElse(t)
	}
}

// TestEveryOrderOfEventsAndOperations proves that the buckets end up as the last state of the original asks.
func TestEveryOrderOfEventsAndOperations(t *testing.T) {
	for name, sc := range map[string]scenario{
		"uploaded, with a duplicate":     {changes: []string{"a"}, duplicates: 1, switches: 6},
		"removed while it is rendered":   {changes: []string{"a", ""}, switches: 6},
		"and a duplicate":                {changes: []string{"a", ""}, duplicates: 1, switches: 3},
		"removed when it was done":       {before: "a", changes: []string{""}, switches: 9, faults: 2},
		"replaced while it is rendered":  {changes: []string{"a", "b"}, switches: 4},
		"replaced when it was done":      {before: "a", changes: []string{"b"}, duplicates: 1, switches: 4},
		"replaced and put back":          {before: "a", changes: []string{"b", "a"}, switches: 3},
		"removed and uploaded again":     {changes: []string{"a", "", "b"}, switches: 3},
		"removed, the same put back":     {before: "a", changes: []string{"", "a"}, switches: 4},
		"uploaded, uploaded and removed": {changes: []string{"a", "b", ""}, switches: 3},
		"by its user":                    {changes: []string{"a", byUser}, switches: 4},
		"by its user when it was done":   {before: "a", changes: []string{byUser}, switches: 9, faults: 2},
		"by its user, and sent again":    {before: "a", changes: []string{byUser, "a"}, switches: 5},
		"by its user, with a duplicate":  {before: "a", changes: []string{"b", byUser, "c"}, duplicates: 1, switches: 2},
		"by its user, with faults":       {changes: []string{"a", byUser, "a"}, switches: 2, faults: 1},
		"removed, with faults":           {changes: []string{"a", ""}, switches: 3, faults: 1},
		"duplicate, with faults":         {changes: []string{"a"}, duplicates: 1, switches: 3, faults: 1},
		"replaced, with faults":          {changes: []string{"a", "b"}, switches: 2, faults: 1, leftovers: true},
		"two releases at work":           {changes: []string{"a"}, duplicates: 1, recipes: []string{"r1", "r2"}, switches: 4, leftovers: true},
		"two releases, replaced":         {before: "a", changes: []string{"b"}, duplicates: 1, recipes: []string{"r2", "r3"}, switches: 3, leftovers: true},
		"two releases, unchanged":        {before: "a", changes: []string{"a"}, duplicates: 1, recipes: []string{"r2", "r3"}, switches: 3, leftovers: true},
		"a spec added":                   {before: "a", changes: []string{"a"}, duplicates: 1, recipes: []string{"large small"}, switches: 4},
		"a spec added, with faults":      {before: "a", changes: []string{"a"}, duplicates: 1, recipes: []string{"large small"}, switches: 2, faults: 1},
		"a spec added, and replaced":     {before: "a", changes: []string{"a", "b"}, recipes: []string{"large small"}, switches: 3},
		"a spec added, and removed":      {before: "a", changes: []string{"a", ""}, recipes: []string{"large small"}, switches: 4},
		"a spec removed":                 {before: "a", old: "large small", changes: []string{"a"}, duplicates: 1, recipes: []string{"small"}, switches: 2, faults: 1, leftovers: true},
		"a spec removed, and replaced":   {before: "a", old: "large small", changes: []string{"a", "b"}, recipes: []string{"small"}, switches: 3},
		"a spec removed, by its user":    {before: "a", old: "large small", changes: []string{"a", byUser}, recipes: []string{"small"}, switches: 4},
		"two releases share a spec":      {before: "a", changes: []string{"a"}, duplicates: 1, recipes: []string{"large small", "large thumb"}, switches: 3, leftovers: true},
		"a spec added and rolled back":   {before: "a", changes: []string{"a"}, duplicates: 1, recipes: []string{"large small", "large"}, switches: 4, leftovers: true},
		"three releases share specs":     {before: "a", old: "large small", changes: []string{"a", "a"}, duplicates: 1, recipes: []string{"small thumb", "large small", "small"}, switches: 2, leftovers: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if race.Enabled { // a stage lets one goroutine run at a time
				sc.switches--
			}
			s, runs := &stage{}, 0
			synctest.Test(t, func(t *testing.T) {
				for more := true; more && !t.Failed(); more = s.next() {
					sc.play(t, s)
					runs++
				}
				if t.Failed() {
					t.Logf("in this order:\n%s", strings.Join(s.log, "\n"))
				}
			})
			t.Logf("%d orders", runs)
		})
	}
}
