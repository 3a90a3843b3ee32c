package icc

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func identityCurve(x float64) float64 { return x }
func square(x float64) float64        { return x * x }

// inks returns the Lab colour under D50 of ink on paper. It is linear in each ink, so any grid stores it exactly, and
// it lies in the gamut of sRGB.
func inks(v []float64) [3]float64 {
	c, m, y, k := v[0], v[1], v[2], v[3]
	return [3]float64{
		95 - 15*c - 20*m - 8*y - 40*k + 10*c*m,
		(1 - k) * (25*m - 20*c),
		(1 - k) * (30*y - 15*c - 8*m),
	}
}

// lights returns a made-up Lab colour under D50 for RGB.
func lights(v []float64) [3]float64 {
	r, g, b := v[0], v[1], v[2]
	return [3]float64{25 + 25*r + 30*g + 10*b, 25*r - 25*g + 10*r*b, 20*r + 15*g - 30*b}
}

// encodePCS returns f with its results in the units of a lookup table.
func encodePCS(f pcsFunc, older bool) pcsFunc {
	return func(v []float64) [3]float64 {
		c := f(v)
		if older {
			return [3]float64{c[0] / 100 * 65280 / 65535, (c[1] + 128) * 256 / 65535, (c[2] + 128) * 256 / 65535}
		}
		return [3]float64{c[0] / 100, (c[1] + 128) / 255, (c[2] + 128) / 255}
	}
}

// cmykProfile returns a profile that applies squaring curves and then inks, as a table with samples of 1 or 2 bytes.
func cmykProfile(width int) []byte {
	return lutProfile(2, "CMYK", "Lab ", mft(width, 4, 9, square, encodePCS(inks, width == 2), identityCurve))
}

// p3XYZ returns the matrix from linear Display P3 to XYZ under D50 as a lookup table stores it.
func p3XYZ() mat {
	m := bradford(xyY(d65[0], d65[1]), [3]float64{0.9642, 1, 0.8249}).times(rgbSpaces[1].xyz)
	for i := range m {
		for j := range m[i] {
			m[i][j] *= 32768.0 / 65535
		}
	}
	return m
}

// sRGBOfLab returns the clipped sRGB of Lab under D50.
func sRGBOfLab(lab [3]float64) [3]float64 { return sRGBAbove(lab, [3]float64{}) }

// referenceBlack is the black point, as XYZ, of a perceptual table of version 4; inksBlack is that of inks in other
// tables.
var (
	referenceBlack = [3]float64{0.00336, 0.0034731, 0.00287}
	inksBlack      = [3]float64{0.9642 * darkY, darkY, 0.8249 * darkY}
)

// darkY is Y for L* 22, the lightness of all four inks together.
const darkY = (22.0 + 16) / 116 * (22.0 + 16) / 116 * (22.0 + 16) / 116

// sRGBAbove is sRGBOfLab with compensation for a black point.
func sRGBAbove(lab, black [3]float64) (c [3]float64) {
	d50XYZ := [3]float64{0.9642, 1, 0.8249}
	fy := (lab[0] + 16) / 116
	for i, f := range [3]float64{fy + lab[1]/500, fy, fy - lab[2]/200} {
		if c[i] = f * f * f; c[i] <= 216.0/24389 {
			c[i] = (116*f - 16) * 27 / 24389
		}
		c[i] *= d50XYZ[i]
		c[i] = d50XYZ[i] * (1 - (d50XYZ[i]-c[i])/(d50XYZ[i]-black[i]))
	}
	c = srgbXYZ.inverse().apply(bradford(d50XYZ, xyY(d65[0], d65[1])).apply(c))
	for i := range c {
		c[i] = srgbEncoded(min(max(c[i], 0), 1))
	}
	return c
}

// convertAny converts one colour of any space.
func convertAny(p *Profile, device []byte) (c [3]float64) {
	var pix [4]byte
	if p.Space() == CMYK {
		p.ConvertCMYK(pix[:], device)
	} else {
		copy(pix[:], device)
		p.Convert(pix[:])
	}
	return [3]float64{float64(pix[0]) / 255, float64(pix[1]) / 255, float64(pix[2]) / 255}
}

func TestLookupTables(t *testing.T) {
	linear := para(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)
	m := p3XYZ()
	xyz := func(v []float64) [3]float64 { return m.apply([3]float64(v)) }
	matrix := slices.Concat(m[0][:], m[1][:], m[2][:], []float64{0, 0, 0})
	squares := func(v []float64) []float64 { return []float64{v[0] * v[0], v[1] * v[1], v[2] * v[2], v[3] * v[3]} }
	ink := func(v []float64) [3]float64 { return sRGBAbove(inks(v), referenceBlack) }
	darkInk := func(v []float64) [3]float64 { return sRGBAbove(inks(v), inksBlack) }
	squaredInk := func(v []float64) [3]float64 { return sRGBAbove(inks(squares(v)), referenceBlack) }
	darkSquaredInk := func(v []float64) [3]float64 { return sRGBAbove(inks(squares(v)), inksBlack) }
	light := func(v []float64) [3]float64 { return sRGBOfLab(lights(v)) }
	p3 := func(v []float64) [3]float64 {
		return rgbSpaces[1].reference([3]byte{byte(math.Round(v[0] * 255)), byte(math.Round(v[1] * 255)), byte(math.Round(v[2] * 255))})
	}
	// The curves after the grid invert the curves in its samples.
	rooted := func(v []float64) [3]float64 {
		c := encodePCS(lights, true)(v)
		return [3]float64{math.Sqrt(c[0]), math.Sqrt(c[1]), math.Sqrt(c[2])}
	}
	for _, v := range []struct {
		name    string
		profile []byte
		want    pcsFunc
	}{
		{"mft1 CMYK Lab", cmykProfile(1), darkSquaredInk},
		{"mft2 CMYK Lab", cmykProfile(2), darkSquaredInk},
		{"mft2 CMYK Lab, version 4", lutProfile(4, "CMYK", "Lab ", mft(2, 4, 3, identityCurve, encodePCS(inks, true), identityCurve)), ink},
		{"mft2 CMYK Lab, more points", lutProfile(4, "CMYK", "Lab ", mft(2, 4, 18, identityCurve, encodePCS(inks, true), identityCurve)), ink},
		{"mft1 RGB Lab", lutProfile(2, "RGB ", "Lab ", mft(1, 3, 33, identityCurve, encodePCS(lights, false), identityCurve)), light},
		{"mft2 RGB Lab", lutProfile(2, "RGB ", "Lab ", mft(2, 3, 2, identityCurve, encodePCS(lights, true), identityCurve)), light},
		{"mft2 RGB Lab, curves after", lutProfile(2, "RGB ", "Lab ", mft(2, 3, 33, identityCurve, rooted, square)), light},
		{"mft2 RGB XYZ", lutProfile(2, "RGB ", "XYZ ", mft(2, 3, 33, srgbLinear, xyz, identityCurve)), p3},
		{"mAB CMYK Lab", lutProfile(4, "CMYK", "Lab ", mAB(parts{channels: 4, a: para(0, 2), b: curv(),
			grid: gridSamples(2, encodePCS(inks, false), 9, 2, 3, 7), sizes: []byte{9, 2, 3, 7}, width: 2})), squaredInk},
		{"mAB CMYK Lab, 8 bits", lutProfile(4, "CMYK", "Lab ", mAB(parts{channels: 4, a: curv(), b: curv(),
			grid: gridSamples(1, encodePCS(inks, false), 2, 2, 2, 2), sizes: []byte{2, 2, 2, 2}, width: 1})), ink},
		{"mAB RGB XYZ, no grid", lutProfile(4, "RGB ", "XYZ ", mAB(parts{channels: 3, m: linear, matrix: matrix, b: curv()})), p3},
		{"mAB RGB XYZ, all parts", lutProfile(4, "RGB ", "XYZ ", mAB(parts{channels: 3, a: curv(), m: linear, matrix: matrix, b: curv(),
			grid:  gridSamples(2, func(v []float64) [3]float64 { return [3]float64(v) }, 5, 3, 2),
			sizes: []byte{5, 3, 2}, width: 2})), p3},
		{"mAB RGB Lab, B only", lutProfile(4, "RGB ", "Lab ", mAB(parts{channels: 3, b: curv(0.4, 0.6)})), func(v []float64) [3]float64 {
			return sRGBOfLab([3]float64{40 + 20*v[0], 255*(0.4+0.2*v[1]) - 128, 255*(0.4+0.2*v[2]) - 128})
		}},
		{"mAB RGB Lab, offsets", lutProfile(4, "RGB ", "Lab ", mAB(parts{channels: 3, m: curv(), b: curv(),
			matrix: []float64{0.25, 0, 0, 0, 0.25, 0, 0, 0, 0.25, 0.5, 0.375, 0.375}})), func(v []float64) [3]float64 {
			return sRGBOfLab([3]float64{50 + 25*v[0], 255*(0.375+0.25*v[1]) - 128, 255*(0.375+0.25*v[2]) - 128})
		}},
		{"A2B1 alone", profileBytes(4, "prtr", "CMYK", "Lab ", tagData{"A2B1", mft(2, 4, 3, identityCurve, encodePCS(inks, true), identityCurve)}), darkInk},
		{"A2B0 before A2B1", profileBytes(4, "prtr", "CMYK", "Lab ", tagData{"A2B1", nil},
			tagData{"A2B0", mft(2, 4, 3, identityCurve, encodePCS(inks, true), identityCurve)}), ink},
	} {
		t.Run(v.name, func(t *testing.T) {
			p := parse(t, v.profile)
			channels := 3
			if p.Space() == CMYK {
				channels = 4
			}
			if p.SRGB() {
				t.Error("counts as sRGB")
			}
			most := 1.0
			if strings.Contains(v.name, "mft1") || strings.Contains(v.name, "8 bits") {
				most = 1.5 // one step of a* or b* is a difference of 1
			}
			random := rand.New(rand.NewPCG(1, 2))
			sum, n := 0.0, 2000
			for i := range n {
				device := make([]byte, 4)
				values := make([]float64, channels)
				for j := range values {
					device[j] = byte(random.Uint32())
					if i < 1<<channels { // the corners first
						device[j] = byte(255 * (i >> j & 1))
					}
					values[j] = float64(device[j]) / 255
				}
				got, want := convertAny(p, device), v.want(values)
				e := deltaE(srgbLab(got), srgbLab(want))
				sum += e
				if !(e <= most) {
					t.Fatalf("%v: got %.2f, want %.2f: ΔE2000 %.2f", device[:channels], got, want, e)
				}
			}
			if mean := sum / float64(n); !(mean <= 0.4) {
				t.Errorf("ΔE2000 %.2f in the mean", mean)
			}
		})
	}
}

// TestGreyTable checks that a lookup table for grey gives the same result as a curve.
func TestGreyTable(t *testing.T) {
	lightness := func(v []float64) [3]float64 { return [3]float64{100 * v[0], 0, 0} }
	for name, c := range map[string]struct{ table, curve []byte }{
		"A2B0":    {lutProfile(2, "GRAY", "Lab ", mft(2, 1, 9, identityCurve, encodePCS(lightness, true), identityCurve)), curv()},
		"A2B1":    {profileBytes(3, "scnr", "GRAY", "Lab ", tagData{"A2B1", mft(1, 1, 129, identityCurve, encodePCS(lightness, false), identityCurve)}), curv()},
		"squared": {lutProfile(4, "GRAY", "Lab ", mft(2, 1, 2, square, encodePCS(lightness, true), identityCurve)), para(0, 2)},
	} {
		p, curve := parse(t, c.table), parse(t, profileBytes(2, "mntr", "GRAY", "Lab ", tagData{"kTRC", c.curve}))
		got, want := make([]byte, 256), make([]byte, 256)
		for v := range got {
			got[v], want[v] = byte(v), byte(v)
		}
		p.ConvertGray(got)
		curve.ConvertGray(want)
		for v := range got {
			if d := int(got[v]) - int(want[v]); p.Space() != Gray || d < -1 || d > 1 {
				t.Errorf("%s: %d becomes %d, want %d", name, v, got[v], want[v])
			}
		}
	}
}

// TestInPlace converts inks to pixels in the same memory.
func TestInPlace(t *testing.T) {
	p := parse(t, cmykProfile(2))
	src := []byte{0, 0, 0, 0, 255, 10, 20, 30, 9, 99, 200, 255, 7, 7}
	dst := make([]byte, len(src))
	p.ConvertCMYK(dst, src)
	p.ConvertCMYK(src, src)
	if !bytes.Equal(src[:12], dst[:12]) || dst[3] != 255 || dst[7] != 255 || dst[12] != 0 || src[12] != 7 {
		t.Errorf("got %v and %v", src, dst)
	}
	short := make([]byte, 7)
	p.ConvertCMYK(short, src)
	if short[3] != 255 || short[4] != 0 {
		t.Errorf("short: got %v", short)
	}
}

func TestRefusedTables(t *testing.T) {
	good := mft(2, 3, 5, identityCurve, encodePCS(lights, true), identityCurve)
	ab := mAB(parts{channels: 3, m: curv(), b: curv(), matrix: make([]float64, 12),
		grid: gridSamples(1, encodePCS(lights, false), 2, 2, 2), sizes: []byte{2, 2, 2}, width: 1})
	grid := int(binary.BigEndian.Uint32(ab[24:]))
	overwrite := func(b []byte, at int, values ...byte) []byte {
		b = slices.Clone(b)
		copy(b[at:], values)
		return b
	}
	for name, a2b := range map[string][]byte{
		"type":              overwrite(good, 0, 'm', 'p', 'e', 't'),
		"channels in":       overwrite(good, 8, 4),
		"channels out":      overwrite(good, 9, 4),
		"one point":         overwrite(good, 10, 1),
		"too many points":   overwrite(good, 10, 255),
		"one entry":         overwrite(good, 48, 0, 1),
		"too many entries":  overwrite(good, 48, 0x20, 0),
		"no results":        overwrite(good, 50, 0, 0),
		"short":             good[:40],
		"ends in the grid":  good[:len(good)-3*2048-1],
		"ends in a curve":   good[:len(good)-1],
		"part beyond":       overwrite(ab, 12, 0, 1),
		"matrix beyond":     overwrite(ab, 16, 0, 0, byte(len(ab)>>8), byte(len(ab)-20)),
		"curve is none":     overwrite(ab, 20, 0, 0, 0, 1),
		"samples of 3":      overwrite(ab, grid+16, 3),
		"a huge grid":       overwrite(ab, grid, 255, 255, 255),
		"a grid of no size": overwrite(ab, grid, 2, 0, 2),
	} {
		if _, err := Parse(lutProfile(4, "RGB ", "Lab ", a2b)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Parse(lutProfile(4, "CMYK", "Lab ", mAB(parts{channels: 4, b: curv()}))); err == nil {
		t.Error("four channels without a grid: no error")
	}
}
