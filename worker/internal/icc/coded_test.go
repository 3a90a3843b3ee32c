package icc

import (
	"math"
	"testing"
)

func TestCodedDisplayP3IsItsProfile(t *testing.T) {
	want, err := Parse(rgbSpaces[1].profile(4))
	if err != nil {
		t.Fatal(err)
	}
	p := Coded(primariesP3, 13)
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
			t.Fatalf("sample %d is %d, by a profile %d", i, other[i], pix[i])
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

// TestCodedTransfers: the points that BT.2100 and BT.2408 name.
func TestCodedTransfers(t *testing.T) {
	for name, c := range map[string]struct{ got, want, within float64 }{
		"PQ black":                {pqNits(0), 0, 0},
		"PQ peak":                 {pqNits(1), 10000, 1e-6},
		"PQ diffuse white":        {pqNits(0.5806), 203, 1},
		"PQ 18 % grey":            {pqNits(0.38), 26, 1},
		"HLG black":               {hlgNits(0), 0, 0},
		"HLG peak":                {hlgNits(1), 1000, 1e-3},
		"HLG diffuse white":       {hlgNits(0.75), 203, 1},
		"dark is kept":            {toned(100), 100.0 / 203, 1e-12},
		"white stays near white":  {toned(203), 0.908, 0.001},
		"highlights end at white": {toned(10000), 1, 1e-9},
	} {
		if math.Abs(c.got-c.want) > c.within {
			t.Errorf("%s: %g, want %g", name, c.got, c.want)
		}
	}
}

// TestCodedNeutral: what has no colour gets none, it rises with the code, and black and white stay such.
func TestCodedNeutral(t *testing.T) {
	for _, c := range [][2]int{{primariesBT2020, 1}, {primariesBT2020, transferPQ}, {primariesBT2020, transferHLG}, {1, transferLinear}, {primariesP3, transferPQ}} {
		p := Coded(c[0], c[1])
		last := -1
		for v := range 256 {
			pix := []byte{byte(v), byte(v), byte(v), 9}
			p.Convert(pix)
			if max(pix[0], pix[1], pix[2])-min(pix[0], pix[1], pix[2]) > 1 || int(pix[1]) < last || pix[3] != 9 {
				t.Fatalf("primaries %d, transfer %d: grey %d became %v after %d", c[0], c[1], v, pix, last)
			}
			last = int(pix[1])
			if v == 0 && last != 0 || v == 255 && last != 255 {
				t.Errorf("primaries %d, transfer %d: %d became %d", c[0], c[1], v, last)
			}
		}
	}
}

// TestCodedBT2020 is against the matrix of ITU-R BT.2087, from BT.2020 to BT.709 in linear light.
func TestCodedBT2020(t *testing.T) {
	to709 := [3][3]float64{{1.6605, -0.5876, -0.0728}, {-0.1246, 1.1329, -0.0083}, {-0.0182, -0.1006, 1.1187}}
	p := Coded(primariesBT2020, transferLinear)
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
