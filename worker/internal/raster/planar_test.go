package raster

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"
)

func TestDecoded(t *testing.T) {
	for _, c := range []struct{ width, pitch, want int }{
		{7, 1, 7}, {7, 2, 4}, {8, 2, 4}, {803, 2, 402}, {803, 4, 201}, {801, 4, 200}, {802, 4, 201}, {3, 8, 1}, {1, 16, 1}, {12, 8, 2}, {11, 8, 1},
	} {
		p, err := Decoded(make([]uint8, 2000), 1000, c.width, 2, c.pitch, 1)
		if err != nil || p.Width != c.want || p.Height != 2 {
			t.Errorf("%+v: %d x %d samples, %v", c, p.Width, p.Height, err)
		}
	}
	for name, decode := range map[string]func() (Plane, error){
		"short":         func() (Plane, error) { return Decoded(make([]uint8, 29), 10, 10, 3, 1, 1) },
		"narrow stride": func() (Plane, error) { return Decoded(make([]uint8, 99), 9, 10, 3, 1, 1) },
		"nothing":       func() (Plane, error) { return Decoded(nil, 0, 1, 1, 1, 1) },
	} {
		if _, err := decode(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Decoded(make([]uint8, 28), 9, 10, 3, 2, 1); err != nil {
		t.Errorf("the last row ends with its samples: %v", err)
	}
}

func TestTransposed(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, s := range [][2]int{{1, 1}, {1, 70}, {70, 1}, {33, 65}, {64, 32}, {100, 3}} {
		src := noise(r, s[0], s[1], s[0]+r.IntN(3), 1, 2)
		got := must(Planar{Width: s[0], Height: 2 * s[1], Planes: []Plane{src}}.Transposed(t.Context()))
		p := got.Planes[0]
		if got.Width != 2*s[1] || got.Height != s[0] || p.Width != s[1] || p.Height != s[0] || p.PitchX != 2 || p.PitchY != 1 {
			t.Fatalf("%v: %+v", s, got)
		}
		for y := range p.Height {
			for x := range p.Width {
				if p.Pix[y*p.Stride+x] != src.Pix[x*src.Stride+y] {
					t.Fatalf("%v: another sample at %d,%d", s, x, y)
				}
			}
		}
	}
}

// TestFlip checks that flipping without scaling is exact for luma, and for colours unless a sample reaches beyond the
// edge.
func TestFlip(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	src := Planar{Width: 98, Height: 62, Planes: []Plane{noise(r, 98, 62, 98, 1, 1), noise(r, 49, 31, 50, 2, 2), noise(r, 49, 31, 49, 2, 2)}}
	var kernels Kernels
	got := must(kernels.resamplePlanar(t.Context(), src, view{whole: Size{98, 62}, part: image.Rect(0, 0, 98, 62), flipX: true, flipY: true}))
	for i, p := range got.Planes {
		from := src.Planes[i]
		for y := range p.Height {
			for x := range p.Width {
				if p.Pix[y*p.Stride+x] != from.Pix[(from.Height-1-y)*from.Stride+from.Width-1-x] {
					t.Fatalf("plane %d: another sample at %d,%d", i, x, y)
				}
			}
		}
	}
}

// TestUnchangedIsShared checks that neither an unchanged plane nor a crop of it is copied.
func TestUnchangedIsShared(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	src := Planar{Width: 97, Height: 61, Planes: []Plane{noise(r, 97, 61, 100, 1, 1), noise(r, 49, 31, 64, 2, 2), noise(r, 49, 31, 64, 2, 2)}}
	var kernels Kernels
	for _, v := range []view{{whole: Size{97, 61}, part: image.Rect(0, 0, 97, 61)}, {whole: Size{97, 61}, part: image.Rect(6, 2, 97, 61)}} {
		for i, p := range must(kernels.resamplePlanar(t.Context(), src, v)).Planes {
			from := src.Planes[i]
			if &p.Pix[0] != &from.Pix[v.part.Min.Y/from.PitchY*from.Stride+v.part.Min.X/from.PitchX] || p.Stride != from.Stride {
				t.Errorf("%+v: plane %d is a copy", v, i)
			}
		}
	}
	odd := must(kernels.resamplePlanar(t.Context(), src, view{whole: Size{97, 61}, part: image.Rect(3, 0, 53, 61)}))
	if &odd.Planes[0].Pix[0] != &src.Planes[0].Pix[3] || odd.Planes[1].Width != 25 || bytes.Equal(odd.Planes[1].Pix[:25], src.Planes[1].Pix[1:26]) {
		t.Error("colours of a crop at an odd pixel are those of its neighbours")
	}
}
