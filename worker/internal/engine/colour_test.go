package engine

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"
	"math/bits"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/race"
)

// buildProfile returns an ICC profile of version 4 with these tags (ICC.1:2022, 7).
func buildProfile(space string, tags map[string][]byte, order ...string) []byte {
	be := binary.BigEndian
	head := make([]byte, 128)
	head[8] = 4
	copy(head[12:], "mntr"+space+"XYZ ")
	copy(head[36:], "acsp")
	copy(head[68:], fixed(0.9642, 1, 0.8249)) // white point of the connection space, D50
	table := be.AppendUint32(nil, uint32(len(order)))
	var data []byte
	for _, name := range order {
		table = append(table, name...)
		table = be.AppendUint32(table, uint32(128+4+12*len(order)+len(data)))
		table = be.AppendUint32(table, uint32(len(tags[name])))
		data = append(data, tags[name]...)
		data = append(data, make([]byte, -len(data)&3)...)
	}
	whole := append(append(head, table...), data...)
	be.PutUint32(whole, uint32(len(whole)))
	return whole
}

func fixed(values ...float64) (b []byte) {
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*65536))))
	}
	return b
}

func xyzTag(x, y, z float64) []byte { return append([]byte("XYZ \x00\x00\x00\x00"), fixed(x, y, z)...) }

// displayP3 returns the profile that phones embed: the primaries of DCI-P3 under D65, adapted to D50, and the curve of
// sRGB.
func displayP3() []byte {
	curve := append([]byte("para\x00\x00\x00\x00\x00\x03\x00\x00"), fixed(2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)...)
	return buildProfile("RGB ", map[string][]byte{
		"rXYZ": xyzTag(0.5151, 0.2412, -0.0011), "gXYZ": xyzTag(0.2920, 0.6922, 0.0419), "bXYZ": xyzTag(0.1571, 0.0666, 0.7841),
		"rTRC": curve, "gTRC": curve, "bTRC": curve, "wtpt": xyzTag(0.9642, 1, 0.8249),
	}, "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC", "wtpt")
}

// greyGamma returns a profile for grey with this gamma.
func greyGamma(gamma float64) []byte {
	curve := append([]byte("para\x00\x00\x00\x00\x00\x00\x00\x00"), fixed(gamma)...)
	return buildProfile("GRAY", map[string][]byte{"kTRC": curve, "wtpt": xyzTag(0.9642, 1, 0.8249)}, "kTRC", "wtpt")
}

func linear(v uint8) float64 {
	c := float64(v) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

func encoded(l float64) uint8 {
	l = min(max(l, 0), 1)
	if l <= 0.0031308 {
		return uint8(math.Round(255 * 12.92 * l))
	}
	return uint8(math.Round(255 * (1.055*math.Pow(l, 1/2.4) - 0.055)))
}

// p3ToSRGB converts a colour of Display P3 to sRGB through XYZ under D50.
func p3ToSRGB(c color.NRGBA) color.NRGBA {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	x := 0.5151*r + 0.2920*g + 0.1571*b
	y := 0.2412*r + 0.6922*g + 0.0666*b
	z := -0.0011*r + 0.0419*g + 0.7841*b
	return color.NRGBA{
		encoded(3.1338561*x - 1.6168667*y - 0.4906146*z),
		encoded(-0.9787684*x + 1.9161415*y + 0.0334540*z),
		encoded(0.0719453*x - 0.2289914*y + 1.4052427*z), c.A}
}

var patches = []color.NRGBA{{200, 100, 50, 255}, {60, 160, 90, 255}, {70, 90, 200, 255}, {128, 128, 128, 255}, {230, 200, 180, 255}, {20, 30, 25, 255}}

// chart has a patch of 200 x 200 pixels for each colour.
func chart(alpha uint8) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 200*len(patches), 200))
	for y := range 200 {
		for x := range 200 * len(patches) {
			c := patches[x/200]
			c.A = alpha
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func isWithin(a, b uint8, most int) bool { return max(int(a)-int(b), int(b)-int(a)) <= most }

func TestDisplayP3BecomesSRGB(t *testing.T) {
	race.Skip(t)
	profile := displayP3()
	for name, file := range map[string][]byte{
		"planes":         insert(toJPEG(t, chart(255), &jpegn.EncodeOptions{Quality: 98}), 2, iccSegment(1, 1, profile)),
		"planes, 4:4:4":  insert(toJPEG(t, chart(255), &jpegn.EncodeOptions{Quality: 98, Subsampling: jpegn.Subsample444}), 2, iccSegment(1, 1, profile)),
		"png":            insert(toPNG(t, chart(255)), 33, pngICC(profile)),
		"png with alpha": insert(toPNG(t, chart(200)), 33, pngICC(profile)),
	} {
		e := engine(t, Config{Specs: []Spec{{Name: "s", Width: 601, Height: 601, Fit: Inside, Quality: 95}}})
		for _, img := range render(t, e, file) {
			m := openImage(t, img)
			for i, c := range patches {
				want := p3ToSRGB(c)
				x := (2*i + 1) * img.Width / (2 * len(patches))
				got := color.NRGBAModel.Convert(m.At(x, img.Height/2)).(color.NRGBA)
				if !isWithin(got.R, want.R, 4) || !isWithin(got.G, want.G, 4) || !isWithin(got.B, want.B, 4) {
					t.Errorf("%s: patch %v became %v, want %v", name, c, got, want)
				}
			}
			h, err := e.Inspect(img.Data)
			if err != nil || h.Profile.Size() != 0 {
				t.Errorf("%s: the variant carries a profile of %d bytes, %v", name, h.Profile.Size(), err)
			}
		}
	}
}

// inkProfile returns the CMYK profile of a press that prints only grey. Its table has two points for each ink, and each
// full ink lowers the lightness by a quarter (lut8Type, ICC.1:2022, 10.11).
func inkProfile() []byte {
	table := append([]byte("mft1\x00\x00\x00\x00"), 4, 3, 2, 0)
	table = append(table, fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)...)
	ramps := func(n int) {
		for range n {
			for v := range 256 {
				table = append(table, byte(v))
			}
		}
	}
	ramps(4)
	for i := range 16 {
		table = append(table, byte(255-255*bits.OnesCount(uint(i))/4), 128, 128)
	}
	ramps(3)
	p := buildProfile("CMYK", map[string][]byte{"A2B0": table, "wtpt": xyzTag(0.9642, 1, 0.8249)}, "A2B0", "wtpt")
	copy(p[12:], "prtr")
	copy(p[20:], "Lab ")
	return p
}

func TestInksBecomeSRGBByTheirProfile(t *testing.T) {
	race.Skip(t)
	// A file with an Adobe segment has its inks inverted: 255 is none.
	for name, c := range map[string]struct {
		inks [4]byte
		want uint8 // grey of lightness 100, 75 and 0
	}{
		"paper": {[4]byte{255, 255, 255, 255}, 255}, "cyan": {[4]byte{0, 255, 255, 255}, 185},
		"yellow": {[4]byte{255, 255, 0, 255}, 185}, "all": {[4]byte{0, 0, 0, 0}, 0},
	} {
		file := flatJPEG(append(adobe(0), iccSegment(1, 1, inkProfile())...), c.inks[:]...)
		for _, img := range render(t, engine(t, Config{}), file) {
			got := color.NRGBAModel.Convert(openImage(t, img).At(1, 1)).(color.NRGBA)
			if !isWithin(got.R, c.want, 3) || !isWithin(got.G, c.want, 3) || !isWithin(got.B, c.want, 3) {
				t.Errorf("%s %s: %v, want grey %d", name, img.Name, got, c.want)
			}
		}
	}
}

func TestGreyProfileBecomesSRGB(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 300, 200))
	for i := range m.Pix {
		m.Pix[i] = 90
	}
	want := encoded(math.Pow(90.0/255, 1.8))
	for name, file := range map[string][]byte{
		"jpeg": insert(toJPEG(t, m, &jpegn.EncodeOptions{Quality: 98}), 2, iccSegment(1, 1, greyGamma(1.8))),
		"png":  insert(toPNG(t, m), 33, pngICC(greyGamma(1.8))),
	} {
		for _, img := range render(t, engine(t, Config{}), file) {
			got := color.GrayModel.Convert(openImage(t, img).At(img.Width/2, img.Height/2)).(color.Gray)
			if !isWithin(got.Y, want, 2) {
				t.Errorf("%s %s: grey 90 became %d, want %d", name, img.Name, got.Y, want)
			}
		}
	}
}

// TestConversionKeepsNeutralEdges checks that black and white are the same in every RGB space, on both sides of an
// edge.
func TestConversionKeepsNeutralEdges(t *testing.T) {
	race.Skip(t)
	m := image.NewNRGBA(image.Rect(0, 0, 333, 251))
	for y := range 251 {
		for x := range 333 {
			v := uint8(255 * ((x/16 + y/16) % 2))
			m.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
		}
	}
	file := toJPEG(t, m, &jpegn.EncodeOptions{Quality: 95})
	with := insert(file, 2, iccSegment(1, 1, displayP3()))
	e := engine(t, Config{})
	plain, converted := render(t, e, file), render(t, e, with)
	for i := range plain {
		if dB := psnr(t, openImage(t, plain[i]), openImage(t, converted[i])); dB < 40 {
			t.Errorf("%s: black and white differ by %.1f dB after the conversion", plain[i].Name, dB)
		}
	}
}
