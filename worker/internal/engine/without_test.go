package engine

import (
	"slices"
	"strconv"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/internal/perceptualhash"
)

// TestWithoutSpecs renders some of the variants. They must have the sizes and formats that they have when all are
// rendered, and the preview must stay the same even if the rest are tiny.
func TestWithoutSpecs(t *testing.T) {
	e := engine(t, Config{Specs: []Spec{
		boxSpec("large", 600, 600, Inside, 80), boxSpec("small", 150, 150, Inside, 80), boxSpec("dot", 8, 8, Fill, 80)}})
	file := toJPEG(t, landscape(1600, 1200), &jpegn.EncodeOptions{Quality: 90})
	h, err := e.Inspect(file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := e.Render(t.Context(), file, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, skipped := range [][]string{{"large"}, {"small"}, {"large", "small"}, {"dot"}, {"large", "small", "dot"}, {"unknown"}, nil} {
		part := h.WithoutSpecs(skipped)
		got, err := e.Render(t.Context(), file, part, nil)
		if err != nil {
			t.Fatalf("without %v: %v", skipped, err)
		}
		want := slices.DeleteFunc(slices.Clone(all.Images), func(i Image) bool { return slices.Contains(skipped, i.Name) })
		if !slices.EqualFunc(got.Images, want, func(a, b Image) bool {
			return a.Name == b.Name && a.Format == b.Format && a.Width == b.Width && a.Height == b.Height
		}) {
			t.Errorf("without %v: %d images, want %d with the same names and sizes", skipped, len(got.Images), len(want))
		}
		a, _ := strconv.ParseUint(got.Preview.PerceptualHash, 16, 64)
		b, _ := strconv.ParseUint(all.Preview.PerceptualHash, 16, 64)
		if d := perceptualhash.Distance(perceptualhash.Hash(a), perceptualhash.Hash(b)); d > 2 {
			t.Errorf("without %v: perceptual hash %x, with all variants %x", skipped, a, b)
		}
		if len(got.Preview.ThumbHash) != len(all.Preview.ThumbHash) {
			t.Errorf("without %v: placeholder %x, with all variants %x", skipped, got.Preview.ThumbHash, all.Preview.ThumbHash)
		}
		if e.Memory(part) > e.Memory(h) || e.Effort(part) > e.Effort(h) {
			t.Errorf("without %v: memory %d and effort %v, with all variants %d and %v", skipped, e.Memory(part), e.Effort(part), e.Memory(h), e.Effort(h))
		}
		for _, name := range []string{"large", "small", "dot"} {
			if part.Skips(name) != slices.Contains(skipped, name) {
				t.Errorf("without %v: skips %s: %v", skipped, name, part.Skips(name))
			}
		}
	}
	if less := h.WithoutSpecs([]string{"large", "small"}); e.Memory(less) >= e.Memory(h) {
		t.Errorf("a dot takes %d bytes, all variants %d", e.Memory(less), e.Memory(h))
	}
}

// TestSpecIDs checks that the ID of a spec changes with the spec, and not with other specs.
func TestSpecIDs(t *testing.T) {
	large, small := boxSpec("large", 600, 600, Inside, 80), boxSpec("small", 150, 150, Inside, 80)
	better := small
	better.Quality = 85
	a := engine(t, Config{Specs: []Spec{large, small}}).Recipe()
	b := engine(t, Config{Specs: []Spec{better, large}}).Recipe()
	if a.Name == b.Name || a.SpecID("large") != b.SpecID("large") || a.SpecID("small") == b.SpecID("small") || a.SpecID("large") == a.SpecID("small") {
		t.Errorf("recipes %+v and %+v", a, b)
	}
	if a.Specs[0].Name != "large" || b.Specs[0].Name != "small" {
		t.Errorf("specs out of order: %+v, %+v", a.Specs, b.Specs)
	}
}
