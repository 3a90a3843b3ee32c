package photo

import (
	"testing"
	"time"
)

func TestStaleness(t *testing.T) {
	recipe := Recipe{Name: "r1", MaxBytes: 100, MaxPixels: 1000, Memory: 10_000, RenderTimeout: time.Minute}
	original := Source{Bytes: 5, ETag: `"e"`, VersionID: "v1", Modified: time.Unix(1, 0), Owner: "ann"}
	listed := Source{Bytes: 5, ETag: `"e"`, Modified: time.Unix(2, 0)}
	ready := func() *Manifest {
		return &Manifest{State: Ready, Recipe: "r1", Source: original}
	}
	rejected := func(reason Reason) *Manifest {
		m := ready()
		m.Reject(RefusalFor(reason), recipe)
		return m
	}
	unrecorded := func(reason Reason) *Manifest {
		m := rejected(reason)
		m.Limits = nil
		return m
	}
	changed := func(change func(*Recipe)) Recipe {
		r := recipe
		change(&r)
		return r
	}
	moreBytes := changed(func(r *Recipe) { r.MaxBytes++ })
	morePixels := changed(func(r *Recipe) { r.MaxPixels++ })
	moreMemory := changed(func(r *Recipe) { r.Memory++ })
	moreTime := changed(func(r *Recipe) { r.RenderTimeout++ })
	muchMoreTime := changed(func(r *Recipe) { r.RenderTimeout *= 2 })
	unknownTime := changed(func(r *Recipe) { r.RenderTimeout = 0 })
	unknownMemory := changed(func(r *Recipe) { r.Memory = 0 })
	accepting := changed(func(r *Recipe) { r.Damaged = true })
	rejectedAll := func(reason Reason) *Manifest { // written by a worker that accepts damage
		m := ready()
		m.Reject(RefusalFor(reason), accepting)
		return m
	}
	damaged := func(r Recipe) *Manifest {
		m := ready()
		m.Photo = &Info{Format: JPEG}
		m.MarkDamaged(r)
		return m
	}
	otherName := changed(func(r *Recipe) { r.Name = "r2" })
	for _, tc := range []struct {
		name     string
		manifest *Manifest
		recipe   Recipe
		source   Source
		want     Staleness
	}{
		{"no manifest", nil, recipe, original, NoManifest},
		{"the same", ready(), recipe, original, UpToDate},
		{"the same from a listing", ready(), recipe, listed, UpToDate},
		{"another version of the same bytes", ready(), recipe, Source{Bytes: 5, ETag: `"e"`, VersionID: "v2"}, OtherOriginal},
		{"another ETag", ready(), recipe, Source{Bytes: 5, ETag: `"f"`}, OtherOriginal},
		{"another size", ready(), recipe, Source{Bytes: 6, ETag: `"e"`}, OtherOriginal},
		{"another original and another recipe", ready(), otherName, Source{Bytes: 6, ETag: `"e"`}, OtherOriginal},
		{"another recipe", ready(), otherName, original, OtherRecipe},
		{"removed", Tombstone(Ref{}, time.Now()), recipe, original, OtherOriginal},

		{"ready, more bytes", ready(), moreBytes, original, UpToDate},
		{"ready, more pixels", ready(), morePixels, original, UpToDate},
		{"ready, more memory", ready(), moreMemory, original, UpToDate},
		{"corrupt, more bytes", rejected(ReasonCorrupt), moreBytes, original, UpToDate},
		{"corrupt, more pixels", rejected(ReasonCorrupt), morePixels, original, UpToDate},
		{"corrupt, another recipe", rejected(ReasonCorrupt), otherName, original, OtherRecipe},

		{"ready, damage accepted", ready(), accepting, original, UpToDate},
		{"corrupt, damage accepted", rejected(ReasonCorrupt), accepting, listed, OtherPolicy},
		{"truncated, damage accepted", rejected(ReasonTruncated), accepting, original, OtherPolicy},
		{"unsupported, damage accepted", rejected(ReasonUnsupported), accepting, original, UpToDate},
		{"too large, damage accepted", rejected(ReasonTooLarge), accepting, original, UpToDate},
		{"too many pixels, damage accepted", rejected(ReasonTooManyPixels), accepting, original, UpToDate},
		{"corrupt for either policy, accepted", rejectedAll(ReasonCorrupt), accepting, original, UpToDate},
		{"corrupt for either policy", rejectedAll(ReasonCorrupt), recipe, original, UpToDate},
		{"too large where damage was accepted", rejectedAll(ReasonTooLarge), recipe, original, UpToDate},
		{"damaged and accepted, the same", damaged(accepting), accepting, original, UpToDate},
		{"damaged and accepted, other limits", damaged(accepting), changed(func(r *Recipe) { *r = Recipe{Name: r.Name, Damaged: true} }), original, UpToDate},
		{"damaged and accepted, no longer", damaged(accepting), recipe, listed, OtherPolicy},
		{"damaged for either policy", damaged(recipe), recipe, original, UpToDate},
		{"damaged for either policy, accepted", damaged(recipe), accepting, original, UpToDate},

		{"too expensive, the same", rejected(ReasonTooExpensive), recipe, original, UpToDate},
		{"too expensive, more time", rejected(ReasonTooExpensive), muchMoreTime, original, OtherLimits},
		{"too expensive, less than a millisecond more", rejected(ReasonTooExpensive), moreTime, original, UpToDate},
		{"too expensive, unknown time", rejected(ReasonTooExpensive), unknownTime, original, UpToDate},
		{"too expensive, more pixels", rejected(ReasonTooExpensive), morePixels, original, OtherLimits},
		{"too expensive, more bytes", rejected(ReasonTooExpensive), moreBytes, original, UpToDate},
		{"too many pixels, more time", rejected(ReasonTooManyPixels), muchMoreTime, original, UpToDate},
		{"ready, more time", ready(), muchMoreTime, original, UpToDate},

		{"too large, the same", rejected(ReasonTooLarge), recipe, original, UpToDate},
		{"too large, more bytes", rejected(ReasonTooLarge), moreBytes, original, OtherLimits},
		{"too large, more pixels", rejected(ReasonTooLarge), morePixels, original, UpToDate},
		{"too large, more memory", rejected(ReasonTooLarge), moreMemory, original, UpToDate},
		{"too large, not recorded", unrecorded(ReasonTooLarge), recipe, original, OtherLimits},

		{"too many pixels, the same", rejected(ReasonTooManyPixels), recipe, listed, UpToDate},
		{"too many pixels, more bytes", rejected(ReasonTooManyPixels), moreBytes, original, UpToDate},
		{"too many pixels, more pixels", rejected(ReasonTooManyPixels), morePixels, original, OtherLimits},
		{"too many pixels, more memory", rejected(ReasonTooManyPixels), moreMemory, original, OtherLimits},
		{"too many pixels, unknown memory", rejected(ReasonTooManyPixels), unknownMemory, original, UpToDate},
		{"too many pixels, not recorded", unrecorded(ReasonTooManyPixels), recipe, original, OtherLimits},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.manifest.Staleness(tc.recipe, tc.source); got != tc.want {
				t.Errorf("Staleness = %q, want %q", got, tc.want)
			}
			if got := tc.manifest.Current(tc.recipe, tc.source); got != (tc.want == UpToDate) {
				t.Errorf("Current = %v, want %v", got, !got)
			}
		})
	}
}

func TestCompareStored(t *testing.T) {
	m := &Manifest{Variants: []Variant{{Key: "a", Bytes: 5}, {Key: "b", Bytes: 0}}}
	for _, tc := range []struct {
		sizes map[string]int64
		want  Staleness
	}{
		{map[string]int64{"b": 0, "manifest.json": 3, "a": 5}, UpToDate},
		{map[string]int64{"a": 5}, MissingVariant},
		{map[string]int64{"a": 4, "b": 0}, OtherSize},
		{map[string]int64{"a": 5, "b": 1}, OtherSize},
		{nil, MissingVariant},
	} {
		if got := m.CompareStored(tc.sizes); got != tc.want {
			t.Errorf("CompareStored(%v) = %q, want %q", tc.sizes, got, tc.want)
		}
	}
	if got := (&Manifest{}).CompareStored(nil); got != UpToDate {
		t.Errorf("a manifest without variants misses one: %q", got)
	}
	if !m.Names("b") || m.Names("c") {
		t.Error("want the names a and b alone")
	}
}

// TestDamageIsRecorded: a manifest says that its photo is damaged, and whether only a worker that accepts damage
// renders it.
func TestDamageIsRecorded(t *testing.T) {
	for _, accepts := range []bool{false, true} {
		recipe := Recipe{Name: "r1", MaxBytes: 100, MaxPixels: 1000, Damaged: accepts}
		m := testManifest()
		m.Photo = &Info{Format: JPEG, Width: 4, Height: 3}
		m.MarkDamaged(recipe)
		text, err := m.MarshalIndented()
		if err != nil {
			t.Fatal(err)
		}
		read, err := ParseManifest(m.Ref(), text)
		if err != nil {
			t.Fatal(err)
		}
		if got := read.Limits != nil && *read.Limits == recipe.Limits(); !read.Damaged() || got != accepts || read.State != Ready || len(read.Variants) == 0 {
			t.Errorf("damage accepted: %v: %s", accepts, text)
		}
		rejected := testManifest()
		rejected.Reject(RefusalFor(ReasonCorrupt), recipe)
		if got := rejected.Limits != nil && rejected.Limits.Damaged; got != accepts || rejected.Damaged() {
			t.Errorf("damage accepted: %v: rejected with limits %+v", accepts, rejected.Limits)
		}
	}
}

func TestRejectRecordsLimits(t *testing.T) {
	recipe := Recipe{Name: "r1", MaxBytes: 100, MaxPixels: 1000, Memory: 10_000, RenderTimeout: time.Minute}
	for _, reason := range Reasons {
		m := testManifest()
		m.Reject(RefusalFor(reason), recipe)
		if m.State != Rejected || m.Reason != reason || m.Detail != generalSentence(reason) || len(m.Variants) != 0 {
			t.Errorf("%s: %+v", reason, m)
		}
		text, err := m.MarshalIndented()
		if err != nil {
			t.Fatal(err)
		}
		read, err := ParseManifest(m.Ref(), text)
		if err != nil {
			t.Fatal(err)
		}
		wantLimits := reason == ReasonTooLarge || reason == ReasonTooManyPixels || reason == ReasonTooExpensive
		if got := read.Limits != nil; got != wantLimits || wantLimits && *read.Limits != recipe.Limits() {
			t.Errorf("%s: read back limits %+v", reason, read.Limits)
		}
	}
}
