package raster

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"darkroom/deploy/testkit/race"
)

// TestBoxAgainstFloat checks that a side that becomes hundreds of times shorter is filtered like any other, in planes
// of every pitch.
func TestBoxAgainstFloat(t *testing.T) {
	race.Skip(t)
	r := rand.New(rand.NewPCG(4, 2))
	var kernels Kernels
	for _, c := range []struct{ width, height, toWidth, toHeight, pitch int }{
		{80_003, 2, 7, 1, 1}, {2, 90_001, 2, 11, 1}, {60_001, 3, 9, 1, 2}, {4000, 3000, 4, 3, 1}, {255 * 8, 2, 8, 1, 1}, {256 * 8, 2, 8, 1, 1},
	} {
		p := Planar{Width: c.width, Height: c.height, Planes: []Plane{noise(r, c.width, c.height, c.width, 1, 1)}}
		for i := range p.Planes[0].Pix { // a slope, which shows any shift
			p.Planes[0].Pix[i] = uint8(int(p.Planes[0].Pix[i])/4 + i%c.width*150/c.width)
		}
		if c.pitch > 1 {
			for range 2 {
				p.Planes = append(p.Planes, noise(r, (c.width+1)/2, (c.height+1)/2, (c.width+1)/2, 2, 2))
			}
		}
		for _, flip := range []bool{false, true} {
			v := view{whole: Size{c.toWidth, c.toHeight}, part: image.Rect(0, 0, c.toWidth, c.toHeight), flipX: flip, flipY: flip, fullColour: true}
			got := must(kernels.resamplePlanar(t.Context(), p, v))
			for i, plane := range p.Planes {
				x := axis{samples: plane.Width, extent: c.width, pitch: plane.PitchX, whole: c.toWidth, count: c.toWidth, step: 1, parts: 1, flip: flip}
				y := axis{samples: plane.Height, extent: c.height, pitch: plane.PitchY, whole: c.toHeight, count: c.toHeight, step: 1, parts: 1, flip: flip}
				want := exactPlane(plane, x, y)
				for row := range c.toHeight {
					for col := range c.toWidth {
						if seen := got.Planes[i].Pix[row*got.Planes[i].Stride+col]; math.Abs(float64(seen)-want[row][col]) > 1 {
							t.Fatalf("%+v, plane %d, flipped %v: %d, %d is %d, want %.2f", c, i, flip, col, row, seen, want[row][col])
						}
					}
				}
			}
		}
	}
}

// TestBoxIsForExtremes checks that no kernel of a very long side is large, and that ordinary sides are filtered without
// boxes.
func TestBoxIsForExtremes(t *testing.T) {
	for _, s := range [][2]int{{65535, 256}, {8192, 33}, {20000, 100}, {100, 200}, {1, 1}, {255, 1}} {
		if n := boxSize(s[0], s[1]); n != 1 {
			t.Errorf("%d to %d: %d samples become one", s[0], s[1], n)
		}
	}
	for _, s := range [][2]int{{120_000_000, 1600}, {256, 1}, {1 << 31, 8192}} {
		if left := s[0] / boxSize(s[0], s[1]) / s[1]; left < leftByBox || left >= mostAtOnce {
			t.Errorf("%d to %d: %d samples for one are left", s[0], s[1], left)
		}
	}
}
