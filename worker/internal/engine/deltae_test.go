package engine

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/gen2brain/jpegn"
)

// lab is a colour in CIELAB under D50.
type lab struct{ l, a, b float64 }

// deltaE is CIEDE2000 with all weights 1 (Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula: Implementation
// Notes, Supplementary Test Data, and Mathematical Observations", Color Research and Application 30, 2005). The numbers
// in the code are those of its equations.
func deltaE(x, y lab) float64 {
	pow7 := func(c float64) float64 { return math.Sqrt(math.Pow(c, 7) / (math.Pow(c, 7) + math.Pow(25, 7))) }
	mean := (math.Hypot(x.a, x.b) + math.Hypot(y.a, y.b)) / 2 // 2, 3
	g := 0.5 * (1 - pow7(mean))                               // 4
	polar := func(c lab) (chroma, hue float64) {              // 5 to 7
		a := (1 + g) * c.a
		if hue = math.Atan2(c.b, a) * 180 / math.Pi; hue < 0 {
			hue += 360
		}
		return math.Hypot(a, c.b), hue
	}
	c1, h1 := polar(x)
	c2, h2 := polar(y)
	dl, dc, turn := y.l-x.l, c2-c1, h2-h1 // 8, 9
	hue := h1 + h2                        // 14
	if c1*c2 != 0 {                       // 10
		switch {
		case turn > 180:
			turn -= 360
		case turn < -180:
			turn += 360
		}
		switch {
		case math.Abs(h1-h2) <= 180:
			hue /= 2
		case hue < 360:
			hue = (hue + 360) / 2
		default:
			hue = (hue - 360) / 2
		}
	} else {
		turn = 0
	}
	sin := func(d float64) float64 { return math.Sin(d * math.Pi / 180) }
	cos := func(d float64) float64 { return math.Cos(d * math.Pi / 180) }
	dh := 2 * math.Sqrt(c1*c2) * sin(turn/2)                                                              // 11
	l, c := (x.l+y.l)/2, (c1+c2)/2                                                                        // 12, 13
	t := 1 - 0.17*cos(hue-30) + 0.24*cos(2*hue) + 0.32*cos(3*hue+6) - 0.20*cos(4*hue-63)                  // 15
	rotation := -sin(60*math.Exp(-math.Pow((hue-275)/25, 2))) * 2 * pow7(c)                               // 16, 17, 21
	sl, sc, sh := 1+0.015*math.Pow(l-50, 2)/math.Sqrt(20+math.Pow(l-50, 2)), 1+0.045*c, 1+0.015*c*t       // 18 to 20
	return math.Sqrt(math.Pow(dl/sl, 2) + math.Pow(dc/sc, 2) + math.Pow(dh/sh, 2) + rotation*dc/sc*dh/sh) // 22
}

// TestDeltaE checks the formula against pairs of table 1 of the paper.
func TestDeltaE(t *testing.T) {
	for _, c := range []struct {
		x, y lab
		want float64
	}{
		{lab{50, 2.6772, -79.7751}, lab{50, 0, -82.7485}, 2.0425},
		{lab{50, 3.1571, -77.2803}, lab{50, 0, -82.7485}, 2.8615},
		{lab{50, 2.8361, -74.0200}, lab{50, 0, -82.7485}, 3.4412},
		{lab{50, -1.3802, -84.2814}, lab{50, 0, -82.7485}, 1.0000},
		{lab{50, 0, 0}, lab{50, -1, 2}, 2.3669},
		{lab{50, 2.4900, -0.0010}, lab{50, -2.4900, 0.0009}, 7.1792},
		{lab{50, 2.4900, -0.0010}, lab{50, -2.4900, 0.0011}, 7.2195},
		{lab{50, -0.0010, 2.4900}, lab{50, 0.0009, -2.4900}, 4.8045},
		{lab{50, 2.5, 0}, lab{50, 0, -2.5}, 4.3065},
		{lab{50, 2.5, 0}, lab{73, 25, -18}, 27.1492},
		{lab{50, 2.5, 0}, lab{61, -5, 29}, 22.8977},
		{lab{50, 2.5, 0}, lab{56, -27, -3}, 31.9030},
		{lab{60.2574, -34.0099, 36.2677}, lab{60.4626, -34.1751, 39.4387}, 1.2644},
		{lab{63.0109, -31.0961, -5.8663}, lab{62.8187, -29.7946, -4.0864}, 1.2630},
		{lab{35.0831, -44.1164, 3.7933}, lab{35.0232, -40.0716, 1.5901}, 1.8645},
		{lab{22.7233, 20.0904, -46.6940}, lab{23.0331, 14.9730, -42.5619}, 2.0373},
		{lab{90.8027, -2.0831, 1.4410}, lab{91.1528, -1.6435, 0.0447}, 1.4441},
		{lab{6.7747, -0.2908, -2.4247}, lab{5.8714, -0.0985, -2.2286}, 0.6377},
		{lab{2.0776, 0.0795, -1.1350}, lab{0.9033, -0.0636, -0.5514}, 0.9082},
	} {
		for _, got := range []float64{deltaE(c.x, c.y), deltaE(c.y, c.x)} {
			if math.Abs(got-c.want) > 0.00005 {
				t.Errorf("%v and %v: %.4f, want %.4f", c.x, c.y, got, c.want)
			}
		}
	}
}

// rgbSpace is an RGB colour space: its primaries in XYZ under D50, and its curve to linear light.
type rgbSpace struct {
	red, green, blue [3]float64
	linear           func(v float64) float64
}

func srgbLinear(v float64) float64 { return linear(uint8(math.Round(255 * v))) }

var (
	srgbSpace = rgbSpace{[3]float64{0.4360747, 0.2225045, 0.0139322}, [3]float64{0.3850649, 0.7168786, 0.0971045},
		[3]float64{0.1430804, 0.0606169, 0.7141733}, srgbLinear}
	p3Space = rgbSpace{[3]float64{0.5151, 0.2412, -0.0011}, [3]float64{0.2920, 0.6922, 0.0419}, [3]float64{0.1571, 0.0666, 0.7841}, srgbLinear}
	// Adobe RGB (1998), 4.3.4 and 4.3.2.1, adapted to D50.
	adobeSpace = rgbSpace{[3]float64{0.60974, 0.31111, 0.01947}, [3]float64{0.20528, 0.62567, 0.06087}, [3]float64{0.14919, 0.06322, 0.74457},
		func(v float64) float64 { return math.Pow(v, 563./256) }}
)

// lab converts a colour of the space (ICC.1:2022, 6.3.2, whose white is D50).
func (s rgbSpace) lab(c color.NRGBA) lab {
	r, g, b := s.linear(float64(c.R)/255), s.linear(float64(c.G)/255), s.linear(float64(c.B)/255)
	var f [3]float64
	for i, white := range [3]float64{0.9642, 1, 0.8249} {
		v := (s.red[i]*r + s.green[i]*g + s.blue[i]*b) / white
		if v > 216./24389 {
			f[i] = math.Cbrt(v)
		} else {
			f[i] = (24389./27*v + 16) / 116
		}
	}
	return lab{116*f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])}
}

// adobeRGB is the profile that Photoshop embeds: matrix and curves of one gamma.
func adobeRGB() []byte {
	curve := append([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), 2, 51)
	s := adobeSpace
	return buildProfile("RGB ", map[string][]byte{
		"rXYZ": xyzTag(s.red[0], s.red[1], s.red[2]), "gXYZ": xyzTag(s.green[0], s.green[1], s.green[2]), "bXYZ": xyzTag(s.blue[0], s.blue[1], s.blue[2]),
		"rTRC": curve, "gTRC": curve, "bTRC": curve, "wtpt": xyzTag(0.9642, 1, 0.8249),
	}, "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC", "wtpt")
}

// softColours lie inside sRGB in each of the spaces: skin, foliage, sky, bricks, and light and dark tints.
var (
	softColours = []color.NRGBA{{196, 150, 130, 255}, {115, 82, 68, 255}, {98, 122, 157, 255}, {87, 108, 67, 255}, {133, 128, 177, 255},
		{103, 170, 160, 255}, {190, 120, 60, 255}, {80, 91, 166, 255}, {180, 90, 99, 255}, {94, 60, 108, 255}, {160, 180, 80, 255},
		{210, 165, 70, 255}, {60, 70, 130, 255}, {90, 145, 85, 255}, {160, 70, 70, 255}, {220, 200, 60, 255}, {180, 95, 145, 255}, {90, 130, 150, 255}}
	greys = []color.NRGBA{{20, 20, 20, 255}, {52, 52, 52, 255}, {85, 85, 85, 255}, {122, 122, 122, 255}, {160, 160, 160, 255}, {200, 200, 200, 255}, {243, 243, 243, 255}}
)

// patchwork has a square of 64 pixels for each colour, side by side.
func patchwork(colours []color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 64*len(colours), 64))
	for y := range 64 {
		for x := range m.Rect.Max.X {
			m.SetNRGBA(x, y, colours[x/64])
		}
	}
	return m
}

// maxDeltaE is how far a colour may be from the original's in the encoded variant.
const maxDeltaE = 2

// TestColoursLookTheSame checks that every patch of a picture with a profile looks the same in the encoded variant,
// read as sRGB.
func TestColoursLookTheSame(t *testing.T) {
	m := patchwork(append(append([]color.NRGBA(nil), softColours...), greys...))
	for name, c := range map[string]struct {
		profile []byte
		space   rgbSpace
	}{"Display P3": {displayP3(), p3Space}, "Adobe RGB": {adobeRGB(), adobeSpace}} {
		for kind, file := range map[string][]byte{
			"JPEG":       insert(toJPEG(t, m, &jpegn.EncodeOptions{Quality: 95}), 2, iccSegment(1, 1, c.profile)),
			"4:4:4 JPEG": insert(toJPEG(t, m, &jpegn.EncodeOptions{Quality: 95, Subsampling: jpegn.Subsample444}), 2, iccSegment(1, 1, c.profile)),
			"PNG":        insert(toPNG(t, m), 33, pngICC(c.profile)),
		} {
			worst := 0.0
			for _, img := range render(t, engine(t, Config{Specs: []Spec{
				{Name: "same", Width: 3000, Height: 3000, Fit: Inside, Quality: 80},
				{Name: "half", Width: 800, Height: 800, Fit: Inside, Quality: 80}}}), file) {
				out := openImage(t, img)
				for i := range m.Rect.Max.X / 64 {
					was := m.NRGBAAt(64*i+32, 32)
					is := out.NRGBAAt((64*i+32)*img.Width/m.Rect.Max.X, img.Height/2)
					d := deltaE(c.space.lab(was), srgbSpace.lab(is))
					worst = max(worst, d)
					if d > maxDeltaE {
						t.Errorf("%s %s, %s: %v became %v, a difference of %.2f", name, kind, img.Name, was, is, d)
					}
				}
			}
			t.Logf("%s %s: at most %.2f", name, kind, worst)
		}
	}
}

// TestGreysAndInksLookTheSame does the same for the profiles for grey and for inks.
func TestGreysAndInksLookTheSame(t *testing.T) {
	gamma := rgbSpace{srgbSpace.red, srgbSpace.green, srgbSpace.blue, func(v float64) float64 { return math.Pow(v, 1.8) }}
	for _, c := range greys {
		m := image.NewGray(image.Rect(0, 0, 64, 64))
		for i := range m.Pix {
			m.Pix[i] = c.R
		}
		for kind, file := range map[string][]byte{
			"JPEG": insert(toJPEG(t, m, &jpegn.EncodeOptions{Quality: 95}), 2, iccSegment(1, 1, greyGamma(1.8))),
			"PNG":  insert(toPNG(t, m), 33, pngICC(greyGamma(1.8))),
		} {
			is := openImage(t, render(t, engine(t, oneSpec(32, 32, Inside)), file)[0]).NRGBAAt(16, 16)
			if d := deltaE(gamma.lab(c), srgbSpace.lab(is)); d > maxDeltaE {
				t.Errorf("%s: grey %d became %v, a difference of %.2f", kind, c.R, is, d)
			}
		}
	}
	for inks := range 5 { // each ink takes a quarter of the lightness away
		samples := []byte{255, 255, 255, 255}
		clear(samples[:inks])
		file := flatJPEG(append(adobe(0), iccSegment(1, 1, inkProfile())...), samples...)
		is := openImage(t, render(t, engine(t, oneSpec(8, 8, Inside)), file)[0]).NRGBAAt(4, 4)
		if d := deltaE(lab{100 - 25*float64(inks), 0, 0}, srgbSpace.lab(is)); d > maxDeltaE {
			t.Errorf("%d inks became %v, a difference of %.2f", inks, is, d)
		}
	}
}
