package raster

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"darkroom/worker/internal/icc"
)

// lightOf is the transfer function of sRGB as IEC 61966-2-1 defines it, from a sample to light from 0 to 1.
func lightOf(v float64) float64 {
	if v /= 255; v > 0.04045 {
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return v / 12.92
}

// sampleOf is the inverse of lightOf, clipped to the range of samples and not rounded.
func sampleOf(light float64) float64 {
	light = min(max(light, 0), 1)
	if light > 0.0031308 {
		return 255 * (1.055*math.Pow(light, 1/2.4) - 0.055)
	}
	return 255 * 12.92 * light
}

func TestCurve(t *testing.T) {
	for v, light := range sRGB.light {
		if want := lightOf(float64(v)) * lightUnit; math.Abs(float64(light)-want) > 0.5 {
			t.Errorf("the light of %d is %d, want %.2f", v, light, want)
		}
		if back := sRGB.sample[light]; int(back) != v {
			t.Errorf("%d comes back as %d", v, back)
		}
	}
	for i := range sRGB.sample {
		light := int16(uint16(i))
		if got, want := sRGB.sample[i], sampleOf(float64(light)/lightUnit); math.Abs(float64(got)-want) > 0.5001 {
			t.Errorf("the sample of %d is %d, want %.3f", light, got, want)
		}
	}
}

// TestLightAgainstFloat checks that luma resampled in linear light is the filtered light, clipped and rounded, and that
// dark tones are as exact as bright ones.
func TestLightAgainstFloat(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 20))
	var kernels Kernels
	for range 800 {
		x, y := someAxis(r, tapsAtOnce), someAxis(r, rowsAtOnce)
		src := noise(r, x.samples, y.samples, x.samples+r.IntN(9), x.pitch, y.pitch)
		dark := r.IntN(5)
		for i := range src.Pix {
			src.Pix[i] >>= dark
		}
		got := must(kernels.resamplePlane(t.Context(), src, x, y, sRGB))
		for j, row := range filtered(x, y, func(column, row int) float64 { return lightOf(float64(src.Pix[row*src.Stride+column])) }) {
			for i, light := range row {
				if seen, want := got.Pix[j*got.Stride+i], sampleOf(light); math.Abs(float64(seen)-want) > 1 {
					t.Fatalf("%+v %+v, darker by %d bits: %d at %d,%d, want %.2f", x, y, dark, seen, i, j, want)
				}
			}
		}
	}
}

// filtered filters the rows and then the columns of the values that get returns.
func filtered(x, y axis, get func(column, row int) float64) [][]float64 {
	rows := make([][]float64, y.samples)
	for j := range rows {
		rows[j] = exact(x, func(i int) float64 { return get(i, j) })
	}
	out := make([][]float64, y.count)
	for j := range out {
		out[j] = make([]float64, x.count)
	}
	for i := range x.count {
		for j, v := range exact(y, func(s int) float64 { return rows[s][i] }) {
			out[j][i] = v
		}
	}
	return out
}

// TestLightOfAlphaAgainstFloat checks that a transparent picture, seen on black, is the filtered product of light and
// alpha.
func TestLightOfAlphaAgainstFloat(t *testing.T) {
	var kernels Kernels
	for _, s := range [][4]int{{120, 90, 80, 60}, {121, 83, 40, 27}, {70, 300, 9, 31}, {90, 1, 45, 1}, {3, 3, 2, 1}, {70001, 2, 9, 1}} {
		m := cutOut(s[0], s[1], uint64(s[0]))
		got := must(kernels.resampleRGBA(t.Context(), m, Size{s[2], s[3]}, sRGB))
		x := axis{samples: s[0], extent: s[0], pitch: 1, whole: s[2], count: s[2], step: 1, parts: 1}
		y := axis{samples: s[1], extent: s[1], pitch: 1, whole: s[3], count: s[3], step: 1, parts: 1}
		pixel := func(x, y int) []uint8 { return m.Pix[m.PixOffset(x, y):][:4] }
		alpha := filtered(x, y, func(x, y int) float64 { return float64(pixel(x, y)[3]) / 255 })
		for c := range 3 {
			for j, row := range filtered(x, y, func(x, y int) float64 { return lightOf(float64(pixel(x, y)[c])) * float64(pixel(x, y)[3]) / 255 }) {
				for i, light := range row {
					p, a := got.Pix[got.PixOffset(i, j):][:4], min(max(alpha[j][i], 0), 1)
					if math.Abs(float64(p[3])-255*a) > 1 {
						t.Fatalf("%v at %d,%d: alpha %d, want %.2f", s, i, j, p[3], 255*a)
					}
					seen, want := lightOf(float64(p[c]))*float64(p[3])/255, min(max(light, 0), a)
					if math.Abs(sampleOf(seen)-sampleOf(want)) > 1.5 && math.Abs(seen-want) > 0.004 {
						t.Fatalf("%v at %d,%d: colour %d is seen as %.4f, want %.4f", s, i, j, c, seen, want)
					}
					if a > 0.5 && math.Abs(float64(p[c])-sampleOf(light/a)) > 2 {
						t.Fatalf("%v at %d,%d: colour %d is %d under alpha %d, want %.2f", s, i, j, c, p[c], p[3], sampleOf(light/a))
					}
				}
			}
		}
	}
}

// TestFlatStaysFlatInLinearLight checks that no tone changes, in planes or RGBA, however often it is resampled.
func TestFlatStaysFlatInLinearLight(t *testing.T) {
	f := Filter{Kernels: new(Kernels), Light: Linear}
	for v := range 256 {
		m := image.NewNRGBA(image.Rect(0, 0, 21, 13))
		for i := range m.Pix {
			m.Pix[i] = uint8([]int{v, v, v, 255}[i%4])
		}
		planar := must(FromRGBA(m).ToPlanar(t.Context(), false, false))
		for _, p := range []Picture{FromRGBA(m), planar} {
			for _, to := range []Size{{10, 9}, {7, 3}} {
				got := must(must(p.ResampleWhole(t.Context(), f, to, false)).NRGBA(t.Context()))
				for i, s := range got.Pix {
					if want := m.Pix[i%4]; s != want {
						t.Fatalf("%d became %d, planar %v", want, s, p.IsPlanar())
					}
				}
			}
		}
	}
}

// TestLightOfAnotherCurve checks that a fine checkerboard becomes the grey with half the light of white, whatever the
// curve.
func TestLightOfAnotherCurve(t *testing.T) {
	// Half the light of white in sRGB.
	const half = 188
	// ITU-T H.273, table 3.
	for name, transfer := range map[string]int{"sRGB": 13, "gamma 2.2": 4, "gamma 2.8": 5, "linear": 8} {
		profile := icc.Coded(1, transfer)
		m := image.NewNRGBA(image.Rect(0, 0, 80, 60))
		for i := range m.Pix {
			if m.Pix[i] = 255; i%4 < 3 {
				m.Pix[i] = uint8((i/4%80 + i/320) % 2 * 255)
			}
		}
		for _, grey := range []bool{true, false} {
			for _, p := range []Picture{FromRGBA(m), must(FromRGBA(m).ToPlanar(t.Context(), grey, false))} {
				f := Filter{Kernels: new(Kernels), Light: Linear}.WithProfile(profile)
				small := must(must(p.ResampleWhole(t.Context(), f, Size{20, 15}, true)).ConvertColours(t.Context(), profile))
				for i, v := range must(small.NRGBA(t.Context())).Pix {
					if i%4 < 3 && max(int(v)-half, half-int(v)) > 2 {
						t.Errorf("%s, planar %v: %d, want %d", name, p.IsPlanar(), v, half)
						break
					}
				}
			}
		}
	}
}

// TestCurveOfAnyGreys tries profiles that convert greys to arbitrary values.
func TestCurveOfAnyGreys(t *testing.T) {
	for name, greys := range map[string]func(v int) int{
		"same": func(v int) int { return v }, "inverse": func(v int) int { return 255 - v }, "black": func(int) int { return 0 },
		"white": func(int) int { return 255 }, "few": func(v int) int { return v &^ 31 }, "waves": func(v int) int { return v * 7 & 255 },
	} {
		var table [256]byte
		for v := range table {
			table[v] = byte(greys(v))
		}
		c := curveOf(table)
		if (c == nil) != (name == "same") {
			t.Errorf("%s: a curve of its own: %v", name, c != nil)
		}
		for i := 1; c != nil && i < 1<<15; i++ {
			if c.sample[i] < c.sample[i-1] {
				t.Fatalf("%s: the samples fall at %d", name, i)
			}
		}
	}
}

// TestEnlargingIsNotInLight checks that a picture that does not shrink is the same whether Light is set or not.
func TestEnlargingIsNotInLight(t *testing.T) {
	m := FromRGBA(cutOut(40, 30, 2))
	opaque := must(must(m.Flatten(t.Context(), color.NRGBA{1, 2, 3, 255})).ToPlanar(t.Context(), false, false))
	for _, p := range []Picture{m, opaque} {
		var results []string
		for _, light := range []Light{Gamma, Linear} {
			f := Filter{Kernels: new(Kernels), Light: light}
			results = append(results, string(must(must(p.ResampleWhole(t.Context(), f, Size{60, 45}, true)).NRGBA(t.Context())).Pix))
		}
		if results[0] != results[1] {
			t.Errorf("planar %v: other pixels in linear light", p.IsPlanar())
		}
	}
}
