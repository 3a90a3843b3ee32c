package icc

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"darkroom/worker/internal/h273"
)

// deepPixel converts one pixel of 16 bits a sample.
func deepPixel(d *Deep, r, g, b uint16) [3]byte {
	var src []byte
	for _, v := range []uint16{r, g, b, 0x4dff} {
		src = binary.BigEndian.AppendUint16(src, v)
	}
	var dst [4]byte
	d.Convert(dst[:], src)
	if dst[3] != 0x4d {
		panic("alpha changes")
	}
	return [3]byte(dst[:3])
}

// TestDeep compares pixels of 16 bits with floating-point results calculated from the spaces' chromaticities. The
// result must be the rounded value, with an error of a small part of a step. Half of the pixels are dark, where 8 bits
// of linear light would show bands. The profile itself is rounded, which matters if one channel of a strong colour is
// almost 0.
func TestDeep(t *testing.T) {
	linear := rgbSpace{"linear", srgbXYZ, d65, func(v float64) float64 { return v }, curv()}
	for _, s := range append([]rgbSpace{linear}, rgbSpaces...) {
		d := parse(t, s.profile(4)).Deep()
		r := rand.New(rand.NewPCG(1, 1))
		for i := range 20000 {
			v, most := [3]uint16{uint16(r.UintN(65536)), uint16(r.UintN(65536)), uint16(r.UintN(65536))}, 1.2
			if i%2 == 0 {
				most = 0.65
				v = [3]uint16{uint16(r.UintN(900)), uint16(r.UintN(900)), uint16(r.UintN(900))}
			}
			want := s.exact([3]float64{float64(v[0]) / 65535, float64(v[1]) / 65535, float64(v[2]) / 65535})
			for c, got := range deepPixel(d, v[0], v[1], v[2]) {
				if off := math.Abs(float64(got) - 255*want[c]); off > most {
					t.Fatalf("%s: %v gives %d in channel %d, want %.3f", s.name, v, got, c, 255*want[c])
				}
			}
		}
	}
}

// TestDeepIsLikeConvert checks that pixels of 8 bits give the same result as samples of 16 bits, with every kind of
// profile.
func TestDeepIsLikeConvert(t *testing.T) {
	for name, profile := range seeds() {
		p := parse(t, profile)
		d := p.Deep()
		if p.Space() == CMYK {
			if d != nil {
				t.Errorf("%s: a conversion of inks", name)
			}
			continue
		}
		r := rand.New(rand.NewPCG(2, 1))
		for range 5000 {
			v := [3]byte{byte(r.UintN(256)), byte(r.UintN(256)), byte(r.UintN(256))}
			want := rgb(p, v)
			if p.Space() == Gray {
				one := []byte{v[0]}
				p.ConvertGray(one)
				want = [3]byte{one[0], one[0], one[0]}
			}
			for c, got := range deepPixel(d, uint16(v[0])*257, uint16(v[1])*257, uint16(v[2])*257) {
				if off := int(got) - int(want[c]); off < -1 || off > 1 {
					t.Fatalf("%s: %v gives %d in channel %d, and %d in 8 bits", name, v, got, c, want[c])
				}
			}
		}
	}
}

// TestGamma compares with the formula, for colours and for grey.
func TestGamma(t *testing.T) {
	srgb, _ := h273.PrimariesOf(h273.BT709)
	adobe := srgb
	adobe.Green = h273.Point{X: 0.21, Y: 0.71}
	for _, exponent := range []float64{0.45455, 0.55556, 1, 0.1, 3} {
		p := Gamma(exponent, srgb)
		d := p.Deep()
		for v := range 256 {
			want := 255 * srgbEncoded(math.Pow(float64(v)/255, 1/exponent))
			grey := []byte{byte(v)}
			p.Grey().ConvertGray(grey)
			deep := deepPixel(d, uint16(v)*257, uint16(v)*257, uint16(v)*257)
			for _, got := range append(grey, deep[:]...) {
				if math.Abs(float64(got)-want) > 0.55 {
					t.Errorf("exponent %g: %d gives %d, want %.2f", exponent, v, got, want)
				}
			}
		}
	}
	s := rgbSpaces[3]
	s.linear = func(v float64) float64 { return math.Pow(v, 2.2) }
	p := Gamma(1/2.2, adobe)
	for _, v := range patches {
		want := s.reference(v)
		for c, got := range rgb(p, v) {
			if math.Abs(float64(got)-255*want[c]) > 1 {
				t.Errorf("%v gives %d in channel %d, want %.2f", v, got, c, 255*want[c])
			}
		}
	}
}

// TestGammaOfNothing checks numbers that describe no colours.
func TestGammaOfNothing(t *testing.T) {
	good, _ := h273.PrimariesOf(h273.BT709)
	zero, line, dark := good, good, good
	zero.White = h273.Point{}
	line.Green, line.Blue = line.Red, line.Red
	dark.Red.Y = 0
	for name, p := range map[string]*Profile{"no exponent": Gamma(0, good), "less": Gamma(-1, good), "not a number": Gamma(math.NaN(), good),
		"no white": Gamma(1, zero), "primaries on a point": Gamma(1, line), "a primary without light": Gamma(1, dark), "nothing": Gamma(1, h273.Primaries{})} {
		if p != nil {
			t.Errorf("%s: a profile", name)
		}
	}
}

func BenchmarkDeep(b *testing.B) {
	src, dst := make([]byte, 8<<16), make([]byte, 4<<16)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range src {
		src[i] = byte(r.UintN(256))
	}
	for name, profile := range map[string][]byte{"matrix": seeds()["matrix, gamma"], "table": seeds()["mft1 RGB"], "grey": seeds()["grey"]} {
		b.Run(name, func(b *testing.B) {
			d := parse(b, profile).Deep()
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				d.Convert(dst, src)
			}
		})
	}
}
