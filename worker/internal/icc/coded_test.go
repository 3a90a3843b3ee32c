package icc

import (
	"math"
	"testing"

	"darkroom/worker/internal/h273"
)

func TestCodedDisplayP3IsItsProfile(t *testing.T) {
	want, err := Parse(rgbSpaces[1].profile(4))
	if err != nil {
		t.Fatal(err)
	}
	p := Coded(h273.DisplayP3, 13)
	if p.Space() != RGB || p.SRGB() {
		t.Errorf("space %v, sRGB %v", p.Space(), p.SRGB())
	}
	var pix []byte
	for r := range 16 {
		for g := range 16 {
			for b := range 16 {
				pix = append(pix, byte(r*17), byte(g*17), byte(b*17), 7)
			}
		}
	}
	other := append([]byte(nil), pix...)
	want.Convert(pix)
	p.Convert(other)
	for i := range pix {
		if d := int(pix[i]) - int(other[i]); d < -1 || d > 1 {
			t.Fatalf("sample %d is %d, with the profile %d", i, other[i], pix[i])
		}
	}
}

func TestCodedOfSRGBIsNothing(t *testing.T) {
	for _, c := range [][2]int{{1, 13}, {1, 1}, {2, 2}, {6, 6}, {5, 14}} {
		if Coded(c[0], c[1]) != nil {
			t.Errorf("primaries %d, transfer %d: a profile", c[0], c[1])
		}
	}
}

// TestCodedTransfers checks the reference levels that BT.2100 and BT.2408 give.
func TestCodedTransfers(t *testing.T) {
	for name, c := range map[string]struct{ got, want, within float64 }{
		"PQ black":                {pqNits(0), 0, 0},
		"PQ peak":                 {pqNits(1), 10000, 1e-6},
		"PQ diffuse white":        {pqNits(0.5806), 203, 1},
		"PQ 18 % grey":            {pqNits(0.38), 26, 1},
		"HLG black":               {hlgNits(0), 0, 0},
		"HLG peak":                {hlgNits(1), 1000, 1e-3},
		"HLG diffuse white":       {hlgNits(0.75), 203, 1},
		"dark is kept":            {compressHighlights(100), 100.0 / 203, 1e-12},
		"white stays near white":  {compressHighlights(203), 0.908, 0.001},
		"highlights end at white": {compressHighlights(10000), 1, 1e-9},
	} {
		if math.Abs(c.got-c.want) > c.within {
			t.Errorf("%s: %g, want %g", name, c.got, c.want)
		}
	}
}

// TestCodedNeutral checks that greys stay grey and rise with the code, and that black and white stay black and white.
func TestCodedNeutral(t *testing.T) {
	for _, c := range [][2]int{{h273.BT2020, 1}, {h273.BT2020, transferPQ}, {h273.BT2020, transferHLG}, {1, transferLinear}, {h273.DisplayP3, transferPQ}} {
		p := Coded(c[0], c[1])
		last := -1
		for v := range 256 {
			pix := []byte{byte(v), byte(v), byte(v), 9}
			p.Convert(pix)
			if max(pix[0], pix[1], pix[2])-min(pix[0], pix[1], pix[2]) > 1 || int(pix[1]) < last || pix[3] != 9 {
				t.Fatalf("primaries %d, transfer %d: grey %d became %v, after %d for the code below", c[0], c[1], v, pix, last)
			}
			last = int(pix[1])
			if v == 0 && last != 0 || v == 255 && last != 255 {
				t.Errorf("primaries %d, transfer %d: %d became %d", c[0], c[1], v, last)
			}
		}
	}
}

// TestCodedBT2020 compares with the matrix of ITU-R BT.2087, from BT.2020 to BT.709 in linear light.
func TestCodedBT2020(t *testing.T) {
	to709 := [3][3]float64{{1.6605, -0.5876, -0.0728}, {-0.1246, 1.1329, -0.0083}, {-0.0182, -0.1006, 1.1187}}
	p := Coded(h273.BT2020, transferLinear)
	for _, c := range [][3]byte{{100, 90, 80}, {60, 120, 70}, {200, 210, 220}, {40, 40, 60}} {
		pix := []byte{c[0], c[1], c[2], 255}
		p.Convert(pix)
		for i, row := range to709 {
			v := row[0]*float64(c[0]) + row[1]*float64(c[1]) + row[2]*float64(c[2])
			if want := 255 * encode(v/255); math.Abs(want-float64(pix[i])) > 1.5 {
				t.Errorf("%v channel %d: %d, want %.1f", c, i, pix[i], want)
			}
		}
	}
}

// TestCodedSpaces compares every set of primaries and every transfer function with results calculated from their
// chromaticities and formulas.
func TestCodedSpaces(t *testing.T) {
	illuminantC, dci := [2]float64{0.310, 0.316}, [2]float64{0.314, 0.351}
	for code, s := range map[int]rgbSpace{
		1:  {xyz: srgbXYZ, white: d65},
		4:  {xyz: toXYZ([2]float64{0.67, 0.33}, [2]float64{0.21, 0.71}, [2]float64{0.14, 0.08}, illuminantC), white: illuminantC},
		8:  {xyz: toXYZ([2]float64{0.681, 0.319}, [2]float64{0.243, 0.692}, [2]float64{0.145, 0.049}, illuminantC), white: illuminantC},
		9:  {xyz: toXYZ([2]float64{0.708, 0.292}, [2]float64{0.170, 0.797}, [2]float64{0.131, 0.046}, d65), white: d65},
		11: {xyz: toXYZ([2]float64{0.68, 0.32}, [2]float64{0.265, 0.69}, [2]float64{0.15, 0.06}, dci), white: dci},
		12: {xyz: toXYZ([2]float64{0.68, 0.32}, [2]float64{0.265, 0.69}, [2]float64{0.15, 0.06}, d65), white: d65},
		22: {xyz: toXYZ([2]float64{0.63, 0.34}, [2]float64{0.295, 0.605}, [2]float64{0.155, 0.077}, d65), white: d65},
	} {
		for transfer, linear := range map[int]func(float64) float64{
			1: srgbLinear, 13: srgbLinear, 4: gammaCurve(2.2), 5: gammaCurve(2.8), 8: gammaCurve(1),
			7: func(v float64) float64 {
				if v < 0.0912 {
					return v / 4
				}
				return math.Pow((v+0.1115)/1.1115, 1/0.45)
			},
			9:  func(v float64) float64 { return math.Pow(10, 2*(v-1)) },
			10: func(v float64) float64 { return math.Pow(10, 2.5*(v-1)) },
			17: func(v float64) float64 { return min(1, 52.37/48*math.Pow(v, 2.6)) },
		} {
			s.linear = linear
			p := Coded(code, transfer)
			if p == nil {
				if code != 1 || transfer != 1 && transfer != 13 {
					t.Errorf("primaries %d, transfer %d: no profile", code, transfer)
				}
				continue
			}
			for _, c := range [][3]byte{{255, 255, 255}, {90, 90, 90}, {200, 120, 40}, {60, 140, 90}, {110, 100, 180}} {
				pix := []byte{c[0], c[1], c[2], 255}
				p.Convert(pix)
				for i, want := range s.reference(c) {
					if math.Abs(255*want-float64(pix[i])) > 1.5 {
						t.Errorf("primaries %d, transfer %d: channel %d of %v is %d, want %.1f", code, transfer, i, c, pix[i], 255*want)
					}
				}
			}
		}
	}
}
