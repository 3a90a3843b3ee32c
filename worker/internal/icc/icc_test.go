package icc

import (
	"bytes"
	"errors"
	"hash/crc32"
	"math"
	"slices"
	"testing"

	"darkroom/worker/internal/h273"
)

func parse(t testing.TB, profile []byte) *Profile {
	t.Helper()
	p, err := Parse(profile)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rgb converts one colour.
func rgb(p *Profile, c [3]byte) [3]byte {
	pix := []byte{c[0], c[1], c[2], 77}
	p.Convert(pix)
	return [3]byte(pix[:3])
}

var patches = [][3]byte{
	{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 0}, {0, 255, 255}, {255, 0, 255},
	{0, 0, 0}, {1, 1, 1}, {8, 8, 8}, {64, 64, 64}, {128, 128, 128}, {200, 200, 200}, {255, 255, 255},
	{200, 30, 40}, {40, 160, 60}, {30, 60, 190}, {224, 172, 138}, {115, 82, 68}, {98, 122, 157}, {87, 108, 67},
	{133, 128, 177}, {214, 126, 44}, {12, 20, 9}, {250, 240, 245}, {3, 250, 180}, {180, 250, 3},
}

// TestMatrix compares conversions with floating-point results calculated from the spaces' chromaticities.
func TestMatrix(t *testing.T) {
	for _, s := range rgbSpaces {
		t.Run(s.name, func(t *testing.T) {
			for _, version := range []byte{2, 4} {
				p := parse(t, s.profile(version))
				if p.Space() != RGB {
					t.Errorf("space %v", p.Space())
				}
				for _, c := range patches {
					got, want := rgb(p, c), s.reference(c)
					e := deltaE(srgbLab([3]float64{float64(got[0]) / 255, float64(got[1]) / 255, float64(got[2]) / 255}), srgbLab(want))
					if !(e <= 1) {
						t.Errorf("%v: got %v, want %.2f: ΔE2000 %.2f", c, got, want, e)
					}
				}
			}
		})
	}
}

func TestMatrixKnown(t *testing.T) {
	p := parse(t, rgbSpaces[1].profile(4))
	for _, v := range []struct{ in, out [3]byte }{
		{[3]byte{255, 0, 0}, [3]byte{255, 0, 0}}, // out of gamut
		{[3]byte{255, 255, 255}, [3]byte{255, 255, 255}},
		{[3]byte{0, 0, 0}, [3]byte{0, 0, 0}},
		{[3]byte{128, 128, 128}, [3]byte{128, 128, 128}},
		{[3]byte{234, 51, 35}, [3]byte{255, 0, 0}}, // the red of sRGB
	} {
		got := rgb(p, v.in)
		for i := range got {
			if d := int(got[i]) - int(v.out[i]); d < -1 || d > 1 {
				t.Errorf("%v: got %v, want %v", v.in, got, v.out)
				break
			}
		}
	}
}

func TestConvertLeavesAlphaAndRest(t *testing.T) {
	p := parse(t, rgbSpaces[1].profile(4))
	pix := []byte{200, 30, 40, 0, 200, 30, 40, 99, 200, 30, 40}
	p.Convert(pix)
	if pix[3] != 0 || pix[7] != 99 || !bytes.Equal(pix[8:], []byte{200, 30, 40}) || pix[0] == 200 || !bytes.Equal(pix[:3], pix[4:7]) {
		t.Errorf("got %v", pix)
	}
}

// TestSRGB tries sRGB profiles in circulation. Their colorants differ in how white was rounded and adapted.
func TestSRGB(t *testing.T) {
	set := func(trc []byte, r, g, b [3]float64) []byte {
		return profileBytes(2, "mntr", "RGB ", "XYZ ",
			tagData{"rXYZ", xyzType(r)}, tagData{"gXYZ", xyzType(g)}, tagData{"bXYZ", xyzType(b)},
			tagData{"rTRC", trc}, tagData{"gTRC", trc}, tagData{"bTRC", trc})
	}
	r, g, b := [3]float64{0.43607, 0.22249, 0.01392}, [3]float64{0.38515, 0.71687, 0.09708}, [3]float64{0.14307, 0.06061, 0.71410}
	for name, profile := range map[string][]byte{
		"of primaries": rgbSpaces[0].profile(4),
		"1024 samples": set(sampled(1024, srgbLinear), r, g, b),
		"other D65": set(srgbPara(), [3]float64{0.43585, 0.22238, 0.01392}, [3]float64{0.38533, 0.71704, 0.09714},
			[3]float64{0.14302, 0.06059, 0.71384}),
	} {
		p := parse(t, profile)
		if !p.SRGB() {
			t.Errorf("%s: not sRGB", name)
		}
		most := 0
		for v := range 1 << 18 { // six bits of each channel
			c := [3]byte{byte(v >> 12 << 2), byte(v >> 6 << 2), byte(v << 2)}
			got := rgb(p, c)
			for i := range c {
				most = max(most, int(got[i])-int(c[i]), int(c[i])-int(got[i]))
			}
		}
		if most > 1 {
			t.Errorf("%s: a value changes by %d", name, most)
		}
	}
	for name, profile := range map[string][]byte{
		"gamma 2.2":    set(curv(2.2), r, g, b),
		"swapped":      set(srgbPara(), g, r, b),
		"Display P3":   rgbSpaces[1].profile(4),
		"Adobe RGB":    rgbSpaces[3].profile(4),
		"ProPhoto RGB": rgbSpaces[4].profile(4),
	} {
		if parse(t, profile).SRGB() {
			t.Errorf("%s counts as sRGB", name)
		}
	}
}

func TestCurves(t *testing.T) {
	for _, v := range []struct {
		name string
		data []byte
		want func(x float64) float64
	}{
		{"identity", curv(), func(x float64) float64 { return x }},
		{"gamma", curv(1.8), gammaCurve(461.0 / 256)},
		{"two samples", curv(0.25, 0.75), func(x float64) float64 { return 0.25 + x/2 }},
		{"samples", curv(0, 1, 0.5), func(x float64) float64 { return min(2*x, 1.5-x) }},
		{"type 0", para(0, 2.5), gammaCurve(2.5)},
		{"type 1", para(1, 2, 2, -0.5), func(x float64) float64 { return min(math.Pow(max(2*x-0.5, 0), 2), 1) }},
		{"type 2", para(2, 2, 1, -0.5, 0.25), func(x float64) float64 { return math.Pow(max(x-0.5, 0), 2) + 0.25 }},
		{"type 3", srgbPara(), srgbLinear},
		{"type 4", para(4, 2, 0.5, 0.25, 0.5, 0.5, 0.125, 0.0625), func(x float64) float64 {
			if x >= 0.5 {
				return math.Pow(0.5*x+0.25, 2) + 0.125
			}
			return 0.5*x + 0.0625
		}},
		{"above 1", para(2, 1, 1, 0, 0.5), func(x float64) float64 { return min(x+0.5, 1) }},
		{"infinite", para(0, -1), func(float64) float64 { return 1 }},
	} {
		c, n, err := readCurve(append(v.data, 0, 0, 0, 0))
		if err != nil || n != len(v.data) {
			t.Errorf("%s: %d bytes of %d, %v", v.name, n, len(v.data), err)
			continue
		}
		for i := range 256 {
			x := float64(i) / 255
			if got, want := c.value(x), v.want(x); !(math.Abs(got-want) < 1e-4) {
				t.Errorf("%s at %.3f: got %.5f, want %.5f", v.name, x, got, want)
				break
			}
		}
	}
}

func TestGray(t *testing.T) {
	lightness := func(x float64) float64 { // Y of L*
		if f := (100*x + 16) / 116; f > 6.0/29 {
			return f * f * f
		}
		return 100 * x * 27 / 24389
	}
	for _, v := range []struct {
		name, pcs string
		trc       []byte
		linear    func(float64) float64
		srgb      bool
	}{
		{"gamma 1.8", "XYZ ", para(0, 1.8), gammaCurve(1.8), false},
		{"gamma 2.2", "XYZ ", curv(2.2), gammaCurve(563.0 / 256), false},
		{"sRGB", "XYZ ", srgbPara(), srgbLinear, true},
		{"L*", "Lab ", curv(), lightness, false},
	} {
		p := parse(t, profileBytes(2, "mntr", "GRAY", v.pcs, tagData{"kTRC", v.trc}))
		if p.Space() != Gray || p.SRGB() != v.srgb {
			t.Errorf("%s: space %v, sRGB %v", v.name, p.Space(), p.SRGB())
		}
		pix := make([]byte, 256)
		for i := range pix {
			pix[i] = byte(i)
		}
		p.ConvertGray(pix)
		for i, got := range pix {
			if want := 255 * srgbEncoded(v.linear(float64(i)/255)); !(math.Abs(float64(got)-want) < 0.51) {
				t.Errorf("%s at %d: got %d, want %.2f", v.name, i, got, want)
			}
		}
	}
}

// TestOtherSpace calls conversions for another colour space.
func TestOtherSpace(t *testing.T) {
	for _, p := range []*Profile{
		parse(t, rgbSpaces[1].profile(4)),
		parse(t, profileBytes(2, "mntr", "GRAY", "XYZ ", tagData{"kTRC", curv(1.8)})),
		parse(t, cmykProfile(2)),
	} {
		pix := []byte{10, 200, 30, 40}
		dst := slices.Clone(pix)
		if p.Space() != RGB {
			p.Convert(pix)
		}
		if p.Space() != Gray {
			p.ConvertGray(pix)
		}
		if p.Space() != CMYK {
			p.ConvertCMYK(dst, pix)
		}
		if !bytes.Equal(pix, []byte{10, 200, 30, 40}) || !bytes.Equal(dst, pix) {
			t.Errorf("%v: changed", p.Space())
		}
	}
}

// TestSameEverywhere fails if this machine calculates different tables.
func TestSameEverywhere(t *testing.T) {
	sum := crc32.NewIEEE()
	pix := make([]byte, 4<<16)
	for _, profile := range [][]byte{rgbSpaces[1].profile(4), rgbSpaces[4].profile(2), cmykProfile(1)} {
		for i := range pix {
			pix[i] = byte(uint32(i) * 2654435761 >> 13)
		}
		p := parse(t, profile)
		p.Convert(pix)
		p.ConvertCMYK(pix, pix)
		sum.Write(pix)
	}
	if got, want := sum.Sum32(), uint32(0x799fd674); got != want {
		t.Errorf("got %#08x, want %#08x", got, want)
	}
}

// TestDeepIsSameEverywhere is TestSameEverywhere for pixels of 16 bits a sample.
func TestDeepIsSameEverywhere(t *testing.T) {
	sum := crc32.NewIEEE()
	src, dst := make([]byte, 8<<16), make([]byte, 4<<16)
	for i := range src {
		src[i] = byte(uint32(i) * 2654435761 >> 13)
	}
	srgb, _ := h273.PrimariesOf(h273.BT709)
	for _, p := range []*Profile{parse(t, rgbSpaces[1].profile(4)), parse(t, rgbSpaces[4].profile(2)), parse(t, seeds()["mft2 RGB"]), parse(t, seeds()["grey"]), Gamma(0.55556, srgb)} {
		p.Deep().Convert(dst, src)
		sum.Write(dst)
	}
	if got, want := sum.Sum32(), uint32(0x8ae9da4c); got != want {
		t.Errorf("got %#08x, want %#08x", got, want)
	}
}

func TestRefused(t *testing.T) {
	good := rgbSpaces[1].profile(4)
	overwrite := func(at int, s string) []byte {
		p := slices.Clone(good)
		copy(p[at:], s)
		return p
	}
	for _, v := range []struct {
		name    string
		profile []byte
		want    error
	}{
		{"nothing", nil, ErrProfile},
		{"too large", append(slices.Clone(good), make([]byte, MaxBytes)...), ErrProfile},
		{"size beyond the end", overwrite(0, "\x00\x10\x00\x00"), ErrProfile},
		{"size of a header", overwrite(0, "\x00\x00\x00\x80"), ErrProfile},
		{"signature", overwrite(36, "ACSP"), ErrProfile},
		{"version 5", overwrite(8, "\x05"), ErrUnsupported},
		{"device link", overwrite(12, "link"), ErrUnsupported},
		{"Lab pixels", overwrite(16, "Lab "), ErrUnsupported},
		{"six inks", overwrite(16, "6CLR"), ErrUnsupported},
		{"no PCS", overwrite(20, "RGB "), ErrProfile},
		{"Lab matrix", overwrite(20, "Lab "), ErrProfile},
		{"tags do not fit", overwrite(128, "\x20\x00\x00\x00"), ErrProfile},
		{"no colorant", overwrite(132, "none"), ErrProfile},
		{"offset beyond the end", overwrite(136, "\xff\xff\xff\xff"), ErrProfile},
		{"inks without a table", overwrite(16, "CMYK"), ErrProfile},
		{"grey without a curve", overwrite(16, "GRAY"), ErrProfile},
	} {
		if p, err := Parse(v.profile); !errors.Is(err, v.want) || p != nil {
			t.Errorf("%s: got %v, want %v", v.name, err, v.want)
		}
	}
	if _, err := Parse(append(slices.Clone(good), "padding"...)); err != nil {
		t.Errorf("bytes after the profile: %v", err)
	}
}
