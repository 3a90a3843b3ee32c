package engine

import (
	"bytes"
	"image"
	"math"
	"testing"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/gainmap"
	"darkroom/worker/internal/jpegwrite"
)

// TestGainMapOfHEIC checks that the gain map of a HEIC, of a tone map or Apple's, becomes that of an Ultra HDR JPEG.
// Its quadrants must lie over those of the picture, and have the gains that the file says.
func TestGainMapOfHEIC(t *testing.T) {
	apple := func(v float64) float64 { // factor for a sample, with 2 stops of headroom
		linear := math.Pow((v/255+0.099)/1.099, 1/0.45)
		return math.Log2(1 + 3*linear)
	}
	for name, gain := range map[string]func(float64) float64{
		"tone-map.heic": func(v float64) float64 { return 2 * v / 255 }, "apple.heic": apple,
	} {
		data := heifSeed(t, name)
		whole, crop := boxSpec("whole", 80, 80, Inside, 95), boxSpec("crop", 60, 60, Fill, 95)
		for _, img := range render(t, engine(t, withHDR(whole, crop)), data) {
			if !img.HDR {
				t.Fatalf("%s, %s: no gain map", name, img.Name)
			}
			base, second, m := decodeBoth(t, img.Data)
			if len(m.Channels) != 1 || m.Channels[0].Max.Float() != 2 || m.AlternateHeadroom.Float() != 2 || m.BaseHeadroom.Float() != 0 {
				t.Errorf("%s, %s: %+v", name, img.Name, m)
			}
			// In the stored picture the first row of quadrants is red and green, the second blue and yellow. It is
			// turned to the left.
			for _, q := range []struct {
				x, y  float64
				like  func(r, g, b uint8) bool
				value float64
			}{
				{0.35, 0.65, func(r, g, b uint8) bool { return r > g+60 && r > b+60 }, 40},
				{0.35, 0.35, func(r, g, b uint8) bool { return g > r+60 && g > b+60 }, 110},
				{0.65, 0.65, func(r, g, b uint8) bool { return b > r+60 && b > g+60 }, 180},
				{0.65, 0.35, func(r, g, b uint8) bool { return r > 180 && g > 160 && b < 160 }, 250},
			} {
				sampleAt := func(m *image.NRGBA) (r, g, b uint8) {
					c := m.NRGBAAt(int(q.x*float64(m.Rect.Dx())), int(q.y*float64(m.Rect.Dy())))
					return c.R, c.G, c.B
				}
				if r, g, b := sampleAt(base); !q.like(r, g, b) {
					t.Errorf("%s, %s: %d,%d,%d at %v,%v", name, img.Name, r, g, b, q.x, q.y)
				}
				if v, _, _ := sampleAt(second); math.Abs(2*float64(v)/255-gain(q.value)) > 0.05 {
					t.Errorf("%s, %s: %.3f stops at %v,%v, want %.3f", name, img.Name, 2*float64(v)/255, q.x, q.y, gain(q.value))
				}
			}
		}
	}
}

// TestGainMapOfHEICDamaged checks that a photo is rendered without a gain map that cannot be used.
func TestGainMapOfHEICDamaged(t *testing.T) {
	e := engine(t, withHDR(boxSpec("v", 80, 80, Inside, 80)))
	tone, apple := heifSeed(t, "tone-map.heic"), heifSeed(t, "apple.heic")
	metadata := []byte("\x00\x00\x00\x00\x00\x48\x00\x00\x00\x01")
	for name, file := range map[string][]byte{
		"version of the tone map": bytes.Replace(tone, metadata, append([]byte{1}, metadata[1:]...), 1),
		"version of the metadata": bytes.Replace(tone, metadata, append([]byte{0, 0, 1}, metadata[3:]...), 1),
		"no maker note":           bytes.Replace(apple, []byte("Apple iOS"), []byte("Apple xOS"), 1),
	} {
		if r := rendering(t, e, file); r.LostHDR == nil || r.Images[0].HDR {
			t.Errorf("%s: %v", name, r.LostHDR)
		}
	}
	if r := rendering(t, e, heifSeed(t, "quadrants.heic")); r.LostHDR != nil || r.Images[0].HDR {
		t.Errorf("no gain map: %v", r.LostHDR)
	}
	h, err := format.Inspect(tone, format.Limits{Pixels: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := format.FindGainMap(tone, h, format.Limits{Pixels: h.Stored().Pixels() + 1000}); err == nil {
		t.Error("a gain map beyond the limit is used")
	}
}

// FuzzGainMap renders files that have a gain map, or seem to have one, with every kind of crop.
func FuzzGainMap(f *testing.F) {
	f.Add(heifSeed(f, "tone-map.heic"))
	f.Add(heifSeed(f, "apple.heic"))
	gain := gainJPEG(f, drawMark(24, 16, 0, 0, 0.5, 0.5), true, jpegwrite.Options{})
	for orientation := 1; orientation <= 8; orientation += 5 {
		f.Add(ultraHDR(f, drawMark(48, 32, 0, 0, 0.5, 0.5), gain, orientation, phoneGain()))
	}
	f.Add(ultraHDR(f, drawMark(48, 32, 0, 0, 0.5, 0.5), gainJPEG(f, drawMark(24, 16, 0, 0, 0.5, 0.5), false, jpegwrite.Options{Progressive: true}), 1, phoneGain()))
	enlarged := boxSpec("enlarged", 64, 24, Fill, 80)
	enlarged.Upscale, enlarged.Anchor = true, BottomRight
	config := withHDR(boxSpec("v", 20, 20, Inside, 80), enlarged)
	config.MaxPixels = 1 << 16
	e := engine(f, config)
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := e.Inspect(data)
		if err != nil {
			return
		}
		r, err := e.Render(t.Context(), data, h, nil)
		if err != nil {
			return
		}
		for _, img := range r.Images {
			if _, err := gainmap.Find(img.Data); (err == nil) != img.HDR {
				t.Errorf("%s: HDR %v, and the file has %v", img.Name, img.HDR, err)
			}
			if img.HDR {
				decodeBoth(t, img.Data)
			}
		}
	})
}
