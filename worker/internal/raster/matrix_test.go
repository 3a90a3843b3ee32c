package raster

import (
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

// TestMatrix checks that planes of another matrix become the colours of the equations, in RGB and in the planes of
// JPEG.
func TestMatrix(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	for _, m := range []Matrix{{}, {2990, 1140}, {2126, 722}, {2627, 593}, {3000, 1100}} {
		kr, kb := float64(m.Red)/1e4, float64(m.Blue)/1e4
		if m == (Matrix{}) {
			kr, kb = 0.299, 0.114
		}
		p := Planar{Width: 64, Height: 32, Matrix: m}
		for range 3 {
			p.Planes = append(p.Planes, NewPlane(p.Size()))
		}
		want := map[int]color.NRGBA{}
		for i := range 64 * 32 {
			for c := range p.Planes {
				p.Planes[c].Pix[i] = byte(40 + r.IntN(180))
			}
			y, u, v := float64(p.Planes[0].Pix[i]), float64(p.Planes[1].Pix[i])-128, float64(p.Planes[2].Pix[i])-128
			red, blue := y+2*(1-kr)*v, y+2*(1-kb)*u
			green := (y - kr*red - kb*blue) / (1 - kr - kb)
			b := func(v float64) byte { return byte(math.Round(min(max(v, 0), 255))) }
			want[i] = color.NRGBA{b(red), b(green), b(blue), 255}
		}
		before := must(FromPlanar(p).NRGBA(t.Context()))
		after := must(FromPlanar(p).ConvertColours(t.Context(), nil))
		if !after.planar.Matrix.IsJPEG() {
			t.Errorf("%v: the planes have matrix %v", m, after.planar.Matrix)
		}
		for i, c := range want {
			if got := before.NRGBAAt(i%64, i/64); !isClose(got, c, 1) {
				t.Fatalf("%v: pixel %d is %v, want %v", m, i, got, c)
			}
			if got := must(after.NRGBA(t.Context())).NRGBAAt(i%64, i/64); !isClose(got, c, 3) {
				t.Fatalf("%v, converted: pixel %d is %v, want %v", m, i, got, c)
			}
		}
	}
}

func isClose(a, b color.NRGBA, most int) bool {
	for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
		if d < -most || d > most {
			return false
		}
	}
	return true
}

// TestMatrixStays checks that planes keep their matrix when they are resampled or sharpened.
func TestMatrixStays(t *testing.T) {
	m := Matrix{2126, 722}
	p := Planar{Width: 40, Height: 30, Matrix: m}
	for range 3 {
		p.Planes = append(p.Planes, NewPlane(p.Size()))
	}
	var kernels Kernels
	for o := 1; o <= 8; o++ {
		small := must(must(FromPlanar(p).ResampleUpright(t.Context(), Filter{Kernels: &kernels}, Size{20, 15}.Upright(o), o, false)).Sharpen(t.Context(), 50))
		if small.planar.Matrix != m {
			t.Errorf("orientation %d: %v", o, small.planar.Matrix)
		}
	}
}

// TestColoursRow compares with the definition: three quarters of the nearer sample and one of the other, in both
// directions.
func TestColoursRow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for _, halves := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, false}} {
		for _, s := range []Size{{1, 1}, {2, 3}, {7, 5}, {16, 8}} {
			c := Colours[uint16]{Width: s.Width, Height: s.Height, HalfX: halves[0], HalfY: halves[1]}
			size := s
			if c.HalfX {
				c.Width, size.Width = (s.Width+1)/2, s.Width
			}
			if c.HalfY {
				c.Height = (s.Height + 1) / 2
			}
			c.Stride = c.Width + 3
			c.Pix = make([]uint16, c.Stride*c.Height)
			for i := range c.Pix {
				c.Pix[i] = uint16(r.IntN(4096))
			}
			neighbours := func(at, n int, half bool) (int, int) {
				if !half {
					return at, at
				}
				return at / 2, min(max(at/2-1+at%2*2, 0), n-1)
			}
			row := make([]uint16, size.Width)
			for y := range size.Height {
				c.Row(row, y)
				y0, y1 := neighbours(y, c.Height, c.HalfY)
				for x, got := range row {
					x0, x1 := neighbours(x, c.Width, c.HalfX)
					sampleAt := func(x, y int) int { return int(c.Pix[y*c.Stride+x]) }
					if want := 9*sampleAt(x0, y0) + 3*sampleAt(x1, y0) + 3*sampleAt(x0, y1) + sampleAt(x1, y1); int(got) != want {
						t.Fatalf("%v of %v: %d, %d is %d, want %d", halves, s, x, y, got, want)
					}
				}
			}
		}
	}
}
