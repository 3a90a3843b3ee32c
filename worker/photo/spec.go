package photo

import "slices"

// SpecRecipe identifies the way a worker renders the variants of one spec.
type SpecRecipe struct {
	Name string // name of the spec
	ID   string // identifies the spec and the version of the engine; the other specs are no part of it
}

// SpecID returns the [SpecRecipe.ID] of the spec with this name, or "" if there is none.
func (r Recipe) SpecID(name string) string {
	if i := r.specIndex(name); i >= 0 {
		return r.Specs[i].ID
	}
	return ""
}

// specIndex returns the position of a spec, or -1.
func (r Recipe) specIndex(name string) int {
	return slices.IndexFunc(r.Specs, func(s SpecRecipe) bool { return s.Name == name })
}

// SortVariants sorts variants by the order of the specs, and keeps their order within a spec.
func (r Recipe) SortVariants(variants []Variant) {
	slices.SortStableFunc(variants, func(a, b Variant) int { return r.specIndex(a.Name) - r.specIndex(b.Name) })
}

// Unchanged returns the variants of m that a worker with this recipe need not render again: those of specs that have
// not changed since. complete reports whether they are all that the recipe asks for. The original must still be that of
// m.
//
// It returns none unless m is of another recipe, and the recipe is the only reason to render the photo again. It
// returns none for a manifest of an older release, which did not record the specs.
func (m *Manifest) Unchanged(r Recipe) (variants []Variant, complete bool) {
	if m == nil || m.State != Ready || m.Newer() || m.Recipe == r.Name || m.underOtherPolicy(r) {
		return nil, false
	}
	complete = len(r.Specs) > 0
	for _, s := range r.Specs {
		before := len(variants)
		for _, v := range m.Variants {
			if v.Name == s.Name && v.Spec == s.ID && s.ID != "" {
				variants = append(variants, v)
			}
		}
		complete = complete && len(variants) > before
	}
	return variants, complete
}
