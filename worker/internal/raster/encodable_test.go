package raster

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

// TestEncodable compares the planes of every kind of picture with the formulas of JFIF in floating point.
func TestEncodable(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for _, s := range []Size{{1, 1}, {2, 1}, {1, 2}, {5, 4}, {8, 7}, {33, 9}} {
		m := image.NewNRGBA(image.Rect(0, 0, s.Width, s.Height))
		for i := range m.Pix {
			m.Pix[i] = uint8(r.Uint32()) | -uint8(i%4/3) // opaque
		}
		fine := must(FromRGBA(m).ToPlanar(t.Context(), false, false))
		for name, p := range map[string]Picture{"RGBA": FromRGBA(m), "planes": fine} {
			for _, coarse := range []bool{false, true} {
				got := must(p.Encodable(t.Context(), false, coarse))
				pitch := 1
				if coarse {
					pitch = 2
				}
				for i, plane := range got.Planes[1:] {
					if plane.PitchX != pitch || plane.PitchY != pitch || plane.Width != (s.Width+pitch-1)/pitch || plane.Height != (s.Height+pitch-1)/pitch {
						t.Fatalf("%s of %v, coarse %v: plane %d is %d x %d with a pitch of %d", name, s, coarse, i+1, plane.Width, plane.Height, plane.PitchX)
					}
				}
				for y := range s.Height {
					for x := range s.Width {
						want := meanOf(m, x/pitch*pitch, y/pitch*pitch, pitch)
						alone := meanOf(m, x, y, 1)
						light, blue, red := got.Planes[0].Row(y)[x], got.Planes[1].Row(y)[x/pitch], got.Planes[2].Row(y)[x/pitch]
						if math.Abs(float64(light)-alone[0]) > 0.51 || math.Abs(float64(blue)-want[1]) > 1.01 || math.Abs(float64(red)-want[2]) > 1.01 {
							t.Fatalf("%s of %v, coarse %v, at %d,%d: got %d %d %d, want %.2f and %.2f", name, s, coarse, x, y, light, blue, red, alone, want)
						}
					}
				}
			}
			if grey := must(p.Encodable(t.Context(), true, true)); len(grey.Planes) != 1 {
				t.Errorf("%s: %d planes of a grey picture", name, len(grey.Planes))
			}
		}
	}
}

// meanOf returns luma and colours of the mean of the pixels that a sample covers.
func meanOf(m *image.NRGBA, left, top, pitch int) (v [3]float64) {
	n := 0.0
	for y := top; y < min(top+pitch, m.Rect.Max.Y); y++ {
		for x := left; x < min(left+pitch, m.Rect.Max.X); x++ {
			c := m.At(x, y).(color.NRGBA)
			r, g, b := float64(c.R), float64(c.G), float64(c.B)
			v[0] += 0.299*r + 0.587*g + 0.114*b
			v[1] += 128 - 0.168736*r - 0.331264*g + 0.5*b
			v[2] += 128 + 0.5*r - 0.418688*g - 0.081312*b
			n++
		}
	}
	for i := range v {
		v[i] /= n
	}
	return v
}
