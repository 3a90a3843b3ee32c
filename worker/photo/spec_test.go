package photo

import (
	"slices"
	"testing"
)

// named returns variants, each by its name and the ID of its spec.
func named(names ...[2]string) (all []Variant) {
	for _, n := range names {
		all = append(all, Variant{Name: n[0], Spec: n[1]})
	}
	return all
}

func TestUnchanged(t *testing.T) {
	large, small, small2 := [2]string{"large", "l1"}, [2]string{"small", "s1"}, [2]string{"small", "s2"}
	recipe := Recipe{Name: "r2", Specs: []SpecRecipe{{"large", "l1"}, {"small", "s1"}}}
	manifest := func(variants ...[2]string) *Manifest {
		return &Manifest{Version: ManifestVersion, State: Ready, Recipe: "r1", Variants: named(variants...)}
	}
	changed := func(m *Manifest, change func(*Manifest)) *Manifest {
		change(m)
		return m
	}
	for _, tc := range []struct {
		name     string
		m        *Manifest
		r        Recipe
		want     []Variant
		complete bool
	}{
		{"no manifest", nil, recipe, nil, false},
		{"one was added", manifest(large), recipe, named(large), false},
		{"one was removed", manifest(large, small, [2]string{"thumb", "t1"}), recipe, named(large, small), true},
		{"the order changed", manifest(small, large), recipe, named(large, small), true},
		{"one changed", manifest(large, small2), recipe, named(large), false},
		{"all changed", manifest([2]string{"large", "l2"}, small2), recipe, nil, false},
		{"several formats", manifest(small, small, large), recipe, named(large, small, small), true},
		{"an older release", manifest([2]string{"large", ""}, [2]string{"small", ""}), recipe, nil, false},
		{"a recipe without specs", manifest(large), Recipe{Name: "r2"}, nil, false},
		{"a spec without an ID", manifest([2]string{"large", ""}), Recipe{Name: "r2", Specs: []SpecRecipe{{"large", ""}}}, nil, false},
		{"the same recipe", changed(manifest(large, small), func(m *Manifest) { m.Recipe = "r2" }), recipe, nil, false},
		{"rejected", changed(manifest(), func(m *Manifest) { m.State = Rejected }), recipe, nil, false},
		{"a newer release", changed(manifest(large, small), func(m *Manifest) { m.Version++ }), recipe, nil, false},
		{"damaged, as before", changed(manifest(large, small), func(m *Manifest) { m.Photo = &Info{Damaged: true} }), recipe, named(large, small), true},
		{"damaged, which is no longer accepted", changed(manifest(large, small), func(m *Manifest) {
			m.Photo = new(Info)
			m.MarkDamaged(Recipe{Damaged: true})
		}), recipe, nil, false},
	} {
		got, complete := tc.m.Unchanged(tc.r)
		if !slices.Equal(got, tc.want) || complete != tc.complete {
			t.Errorf("%s: got %v, complete %v, want %v, %v", tc.name, got, complete, tc.want, tc.complete)
		}
	}
}

func TestSortVariants(t *testing.T) {
	r := Recipe{Specs: []SpecRecipe{{"large", "l"}, {"small", "s"}, {"thumb", "t"}}}
	got := named([2]string{"thumb", "1"}, [2]string{"small", "2"}, [2]string{"large", "3"}, [2]string{"small", "4"})
	r.SortVariants(got)
	want := named([2]string{"large", "3"}, [2]string{"small", "2"}, [2]string{"small", "4"}, [2]string{"thumb", "1"})
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if r.SpecID("small") != "s" || r.SpecID("tiny") != "" {
		t.Errorf("IDs %q and %q", r.SpecID("small"), r.SpecID("tiny"))
	}
}
