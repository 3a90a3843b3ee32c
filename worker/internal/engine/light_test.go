package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"os"
	"slices"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/race"
)

// The scores that variants must reach against the reference in linear light: each of them, and their mean.
const (
	leastScore = 80
	meanScore  = 88
)

// linearPNG returns a Config for lossless variants inside squares.
func linearPNG(sides ...int) Config {
	c := boxesConfig(sides...)
	for i := range c.Specs {
		c.Specs[i].Light, c.Specs[i].Formats = "", []Output{PNG}
	}
	return c
}

// scores renders a file and returns the score of each variant.
func scores(t *testing.T, name string, c Config, file []byte, orientation int) []float64 {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	whole := newLights(m)
	var all []float64
	for _, got := range render(t, engine(t, c), file) {
		score := scoreAgainst(t, whole.resized(dim(got.Width, got.Height), orientation), openImage(t, got))
		t.Logf("%-24s %-9s %5.1f", name, got.Name, score)
		if score < leastScore {
			t.Errorf("%s, %s scores %.1f, want %d", name, got.Name, score, leastScore)
		}
		all = append(all, score)
	}
	return all
}

func wantMean(t testing.TB, scores []float64) {
	t.Helper()
	sum := 0.0
	for _, s := range scores {
		sum += s
	}
	mean := sum / float64(len(scores))
	t.Logf("%d variants: least %.1f, mean %.1f", len(scores), slices.Min(scores), mean)
	if mean < meanScore {
		t.Errorf("the mean score is %.1f, want %d", mean, meanScore)
	}
}

// TestDrawnPicturesInLinearLight scores variants of every kind of file that is resized in its own way. No side is below
// 113 pixels, where the metric has fewer scales and weighs colours differently.
func TestDrawnPicturesInLinearLight(t *testing.T) {
	comparesPixels(t)
	picture := landscape(600, 450)
	clear := landscape(600, 450)
	for i := 3; i < len(clear.Pix); i += 4 {
		clear.Pix[i] = clamped(140 + 130*smooth(float64(i/4%600)/40, float64(i/2400)/40, 3))
	}
	kinds := solids(t, picture)
	files := map[string][]byte{"clear PNG": toPNG(t, clear), "PNG of 16 bits": kinds["PNG of 16 bits"], "grey PNG": kinds["grey PNG"]}
	for _, name := range []string{"4:2:0", "4:2:2", "4:4:4", "grey"} {
		files["JPEG "+name] = toJPEG(t, picture, &jpegn.EncodeOptions{Quality: 92, Subsampling: layouts[name]})
	}
	var all []float64
	for name, file := range files {
		all = append(all, scores(t, name, linearPNG(500, 240, 155), file, 1)...)
	}
	for _, o := range []int{3, 6} {
		file := withEXIF(files["JPEG 4:2:0"], exifBlock(binary.LittleEndian, uint16(o)))
		all = append(all, scores(t, fmt.Sprint("orientation ", o), linearPNG(240), file, o)...)
	}
	wantMean(t, all)
}

// TestPhotoInLinearLight scores variants of the photo with the finest detail, in common sizes.
func TestPhotoInLinearLight(t *testing.T) {
	if race.Enabled || testing.Short() {
		t.Skip("filters a photo in float64, which takes long")
	}
	file, err := os.ReadFile("../../../../shared/photos/p12_iphone.jpg")
	if err != nil {
		t.Skip("the folder of photos does not exist")
	}
	scores(t, "photo", linearPNG(1600, 800, 320), file, 1)
}

// TestHalosAreThoseOfTheReference checks that the filter rings no further than the reference next to a black line on
// white, and a white one on black. The scaled decoding of a JPEG makes a thin dark line darker, which is no halo.
func TestHalosAreThoseOfTheReference(t *testing.T) {
	comparesPixels(t)
	for name, tones := range map[string][2]float64{"black on white": {255, 0}, "white on black": {0, 255}, "dark on grey": {120, 10}, "light on grey": {120, 240}} {
		for width := 1.0; width <= 9; width += 4 {
			m := image.NewNRGBA(image.Rect(0, 0, 320, 240))
			for i := range m.Pix {
				m.Pix[i] = clamped(tones[0] + (tones[1]-tones[0])*step(float64(i/4%320)-151)*step(150.5+width-float64(i/4%320)))
				if i%4 == 3 {
					m.Pix[i] = 255
				}
			}
			whole := newLights(m)
			for kind, file := range map[string][]byte{"PNG": toPNG(t, m), "grey JPEG": toJPEG(t, m, &jpegn.EncodeOptions{Quality: 100, Subsampling: jpegn.SubsampleGray})} {
				for _, side := range []int{300, 160, 80, 40} {
					got := render(t, engine(t, linearPNG(side)), file)[0]
					low, high := extremes(openImage(t, got))
					least, most := extremes(whole.resized(dim(got.Width, got.Height), 1))
					dips := low < least-haloMargin && (kind == "PNG" || tones[1] > tones[0])
					if peaks := high > most+haloMargin; dips || peaks {
						t.Errorf("%s %g wide, %s at %d: from %d to %d, want %d to %d", name, width, kind, side, low, high, least, most)
					}
				}
			}
		}
	}
}

// haloMargin is how much further than the reference a variant may ring, in levels. It allows for rounding, also in the
// file.
const haloMargin = 2

func extremes(m *image.NRGBA) (least, most int) {
	least, most = 255, 0
	for i, v := range m.Pix {
		if i%4 < 3 {
			least, most = min(least, int(v)), max(most, int(v))
		}
	}
	return least, most
}

// TestBothLightsTogether checks that variants in one light are the same with and without a variant in the other, also
// if the picture shares its pixels with them and is converted in place.
func TestBothLightsTogether(t *testing.T) {
	picture, p3 := landscape(120, 90), iccSegment(1, 1, displayP3())
	spec := func(name string, side int, light Light) Spec {
		return Spec{Name: name, Width: side, Height: side, Fit: Inside, Light: light, Formats: []Output{PNG}, Quality: 80}
	}
	for name, file := range map[string][]byte{
		"4:2:0 JPEG of P3": insert(toJPEG(t, picture, &jpegn.EncodeOptions{Quality: 92}), 2, p3),
		"4:4:4 JPEG of P3": insert(toJPEG(t, picture, &jpegn.EncodeOptions{Quality: 92, Subsampling: jpegn.Subsample444}), 2, p3),
		"PNG of P3":        insert(toPNG(t, picture), 33, pngICC(displayP3())),
		"clear PNG of P3":  insert(toPNG(t, glass(120, 90)), 33, pngICC(displayP3())),
	} {
		for _, side := range []int{120, 100, 60} {
			linear, gamma := spec("linear", side, LinearLight), spec("gamma", side, GammaLight)
			for _, both := range [][]Spec{{linear, gamma}, {gamma, linear}} {
				for i, got := range render(t, engine(t, Config{Specs: both}), file) {
					want := render(t, engine(t, Config{Specs: both[i : i+1]}), file)[0]
					if !bytes.Equal(got.Data, want.Data) {
						t.Errorf("%s at %d: %s differs if the other light is rendered too", name, side, got.Name)
					}
				}
			}
		}
	}
}
