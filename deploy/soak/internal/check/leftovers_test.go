package check

import (
	"slices"
	"testing"

	"darkroom/worker/photo"
)

// The sweep excuses variants that no manifest names, and nothing else that it repairs.
func TestAfterSweep(t *testing.T) {
	ref := photo.Ref{Board: "cats", ID: photo.NewID()}
	leftover, kept := Finding{Stale, ref.Prefix() + "large-1.jpg", "x"}, Finding{Stale, ref.Prefix() + "large-2.jpg", "x"}
	manifest, missing := Finding{Stale, ref.ManifestKey(), "x"}, Finding{Lost, ref.Key(), "x"}
	left, swept := ExcludeSwept([]Finding{leftover, kept, manifest, missing}, []Finding{kept, {Wrong, ref.Key(), "new"}})
	if want := []Finding{kept, {Wrong, ref.Key(), "new"}, manifest, missing}; swept != 1 || !slices.Equal(left, want) {
		t.Errorf("%d swept, left %v, want %v", swept, left, want)
	}
}
