package format

import (
	"testing"

	"darkroom/worker/internal/jpegscan"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

func TestDenominator(t *testing.T) {
	for _, c := range []struct {
		pic, need     raster.Size
		gamma, linear int
	}{
		{raster.Size{Width: 4000, Height: 3000}, raster.Size{Width: 1600, Height: 1200}, 2, 2},
		// Half the width, 2000, is less than 10/8 of 1601.
		{raster.Size{Width: 4000, Height: 3000}, raster.Size{Width: 1601, Height: 1200}, 2, 1},
		{raster.Size{Width: 4000, Height: 3000}, raster.Size{Width: 1777, Height: 1333}, 2, 1},
		// Half the width, 2000, is less than 9/8 of 1778.
		{raster.Size{Width: 4000, Height: 3000}, raster.Size{Width: 1778, Height: 1334}, 1, 1},
		{raster.Size{Width: 8000, Height: 6000}, raster.Size{Width: 1333, Height: 1000}, 4, 2},
		// A quarter, 2000, is less than 3/2 of 1334.
		{raster.Size{Width: 8000, Height: 6000}, raster.Size{Width: 1334, Height: 1000}, 2, 2},
		{raster.Size{Width: 12800, Height: 9600}, raster.Size{Width: 800, Height: 600}, 8, 2},
		// An eighth, 1600, is less than twice 801.
		{raster.Size{Width: 12800, Height: 9600}, raster.Size{Width: 801, Height: 600}, 4, 2},
		{raster.Size{Width: 25600, Height: 19200}, raster.Size{Width: 1600, Height: 1200}, 8, 2},
		// Each side must be large enough.
		{raster.Size{Width: 3599, Height: 1}, raster.Size{Width: 1600, Height: 1}, 1, 1},
		{raster.Size{Width: 5, Height: 5}, raster.Size{Width: 5, Height: 5}, 1, 1},
	} {
		gamma, linear := denominator(c.pic, Target{Size: c.need}), denominator(c.pic, Target{Size: c.need, Light: raster.Linear})
		if gamma != c.gamma || linear != c.linear {
			t.Errorf("%v for %v: 1/%d and 1/%d, want 1/%d and 1/%d", c.pic, c.need, gamma, linear, c.gamma, c.linear)
		}
	}
}

// TestMemoryOfPadding checks a thin picture with coarse sampling, which is padded to much more than its own size.
func TestMemoryOfPadding(t *testing.T) {
	const least = 60000 * 32 * 3
	h := Header{Format: photo.JPEG, Width: 1, Height: 60000, Orientation: 1, Components: 3, Depth: 8,
		jpeg: &jpegscan.Header{Width: 1, Height: 60000, Colour: jpegscan.YCbCr, Components: []jpegscan.Sampling{{H: 4, V: 4}, {H: 4, V: 4}, {H: 4, V: 4}}}}
	if _, got := DecodeMemory(h, Target{Size: h.Stored(), Planar: true}); got < least {
		t.Errorf("%d, want at least the %d of the samples", got, least)
	}
}
