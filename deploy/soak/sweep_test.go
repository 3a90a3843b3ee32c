package main

import (
	"slices"
	"testing"

	"darkroom/worker/photo"
)

// The sweep excuses variants that no manifest names, and nothing else that it repairs.
func TestAfterSweep(t *testing.T) {
	ref := photo.Ref{Board: "cats", ID: photo.NewID()}
	leftover, kept := finding{stale, ref.Prefix() + "large-1.jpg", "x"}, finding{stale, ref.Prefix() + "large-2.jpg", "x"}
	manifest, missing := finding{stale, ref.ManifestKey(), "x"}, finding{lost, ref.Key(), "x"}
	left, swept := afterSweep([]finding{leftover, kept, manifest, missing}, []finding{kept, {wrong, ref.Key(), "new"}})
	if want := []finding{kept, {wrong, ref.Key(), "new"}, manifest, missing}; swept != 1 || !slices.Equal(left, want) {
		t.Errorf("%d swept, left %v, want %v", swept, left, want)
	}
}
