package engine

import (
	"bytes"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"darkroom/worker/internal/heif"
	"darkroom/worker/photo"
)

// heifSeed returns one of the pictures of package heif: 160 x 96 pixels in four quadrants.
func heifSeed(t testing.TB, name string) []byte {
	t.Helper()
	if err := heif.Check(); err != nil {
		t.Skip(err)
	}
	data, err := os.ReadFile(filepath.Join("..", "heif", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// quadrants are the colours of the seed pictures.
var quadrants = [4]color.NRGBA{{200, 40, 40, 255}, {40, 180, 60, 255}, {40, 60, 200, 255}, {220, 200, 120, 255}}

func wantQuadrants(t *testing.T, name string, img Image, want [4]color.NRGBA, most int) {
	t.Helper()
	m := openImage(t, img)
	for i, c := range want {
		got := color.NRGBAModel.Convert(m.At(img.Width*(1+2*(i%2))/4, img.Height*(1+2*(i/2))/4)).(color.NRGBA)
		if got.A != c.A || c.A != 0 && !(isWithin(got.R, c.R, most) && isWithin(got.G, c.G, most) && isWithin(got.B, c.B, most)) {
			t.Errorf("%s, %s %s, quadrant %d: %v, want %v", name, img.Name, img.Format, i, got, c)
		}
	}
}

func TestHEIFPictures(t *testing.T) {
	translucent := quadrants
	translucent[2].A, translucent[3].A = 0, 128
	for name, c := range map[string]struct {
		format, out photo.Format
		want        [4]color.NRGBA
	}{
		"quadrants.heic": {photo.HEIC, photo.JPEG, quadrants},
		"odd.heic":       {photo.HEIC, photo.JPEG, quadrants},
		"deep.heic":      {photo.HEIC, photo.JPEG, quadrants},
		"alpha.heic":     {photo.HEIC, photo.PNG, translucent},
		"alpha.avif":     {photo.AVIF, photo.PNG, translucent},
	} {
		data := heifSeed(t, name)
		e := engine(t, Config{Specs: []Spec{boxSpec("small", 80, 80, Inside, 90), boxSpec("crop", 40, 40, Fill, 90)}})
		h, err := e.Inspect(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if info := h.Info(); info.Format != c.format || info.Width/2 != 80 || info.Height/2 != 48 || info.Animated {
			t.Errorf("%s: %+v", name, info)
		}
		r, err := e.Render(t.Context(), data, h, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(r.Preview.ThumbHash) == 0 {
			t.Errorf("%s: no preview", name)
		}
		for _, img := range r.Images {
			if img.Format != c.out {
				t.Errorf("%s: %s became %s", name, img.Name, img.Format)
			}
			if img.Name == "small" {
				wantQuadrants(t, name, img, c.want, 12)
			}
		}
	}
}

func TestHEIFEndsTooEarly(t *testing.T) {
	e := engine(t, Config{})
	for _, name := range []string{"quadrants.heic", "alpha.avif"} {
		data := heifSeed(t, name)
		for n := 16; n < len(data); n += 5 {
			if err := tryRender(e, data[:n]); err == nil {
				t.Errorf("%s cut at %d of %d is taken", name, n, len(data))
			} else if wantReason(t, err, photo.ReasonTruncated); t.Failed() {
				t.Fatalf("%s cut at %d of %d", name, n, len(data))
			}
		}
	}
}

// TestHEIFBomb checks that the size in a box is checked before anything is decoded.
func TestHEIFBomb(t *testing.T) {
	for _, name := range []string{"quadrants.heic", "alpha.avif"} {
		data := bytes.Clone(heifSeed(t, name))
		ispe := []byte("ispe\x00\x00\x00\x00")
		for at := 0; ; {
			i := bytes.Index(data[at:], ispe)
			if i < 0 {
				break
			}
			at += i + len(ispe)
			copy(data[at:], "\x00\x00\xff\xdc\x00\x00\xff\xdc")
		}
		var err error
		used := allocated(t, func() { _, err = engine(t, Config{}).Inspect(data) })
		if used > 1<<20 {
			t.Errorf("%s: %d bytes were allocated", name, used)
		}
		wantReason(t, err, photo.ReasonTooManyPixels)
	}
}

func TestHEIFMemory(t *testing.T) {
	countsAllocations(t)
	e := engine(t, Config{Specs: []Spec{boxSpec("small", 80, 80, Inside, 90)}})
	for _, name := range []string{"quadrants.heic", "alpha.heic", "deep.heic", "alpha.avif", "large-alpha.heic"} {
		data := heifSeed(t, name)
		h, err := e.Inspect(data)
		if err != nil {
			t.Fatal(err)
		}
		if err := tryRender(e, data); err != nil { // compiles the codec
			t.Fatal(err)
		}
		used := allocated(t, func() { _, err = e.Render(t.Context(), data, h, nil) })
		if estimate := e.Memory(h); err != nil || estimate < used || estimate > 12*used {
			t.Errorf("%s: estimate %d, allocated %d, %v", name, estimate, used, err)
		}
	}
}

// TestAVIFOut writes opaque and transparent pictures, and one with a profile that an AVIF would lose.
func TestAVIFOut(t *testing.T) {
	if err := heif.Check(); err != nil {
		t.Skip(err)
	}
	s := boxSpec("v", 80, 80, Inside, 85)
	s.Formats = []Output{AVIF, JPEG}
	e := engine(t, Config{Specs: []Spec{s}})
	clear := scene(120, 80)
	clear.Pix[3] = 0
	for name, file := range map[string][]byte{"opaque": toJPEG(t, scene(120, 80), nil), "transparent": toPNG(t, clear), "HEIC": heifSeed(t, "quadrants.heic")} {
		images := render(t, e, file)
		if len(images) != 2 || images[0].Format != photo.AVIF || images[1].Format != photo.JPEG {
			t.Fatalf("%s: %d files, the first %s", name, len(images), images[0].Format)
		}
		again := render(t, e, file)
		if !bytes.Equal(images[0].Data, again[0].Data) {
			t.Errorf("%s: the same picture gives other bytes", name)
		}
		m, err := heif.Decode(t.Context(), images[0].Data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if sizeOf(m) != dim(images[0].Width, images[0].Height) || opaque(m) != (name != "transparent") {
			t.Errorf("%s: %v, opaque %v", name, m.Rect, opaque(m))
		}
		// The colours of the AVIF are interpolated. Those of the JPEG are repeated, since open does so.
		if dB := psnr(t, m, openImage(t, images[1])); name != "transparent" && dB < 27 {
			t.Errorf("%s: %.1f dB against the JPEG", name, dB)
		}
	}
	carrying := insert(toJPEG(t, scene(120, 80), nil), 2, iccSegment(1, 1, emptyICC("RGB ", 600)))
	if images := render(t, e, carrying); len(images) != 1 || images[0].Format != photo.JPEG {
		t.Errorf("with a profile to carry: %d files, the first %s", len(images), images[0].Format)
	}
}

// TestCodedColours checks that a picture is converted if its code points say Display P3 and it has no profile.
func TestCodedColours(t *testing.T) {
	data := heifSeed(t, "alpha.avif")
	e := engine(t, Config{Specs: []Spec{boxSpec("small", 80, 80, Inside, 90)}})
	h, err := e.Inspect(data)
	if err != nil {
		t.Fatal(err)
	}
	h.Primaries, h.Transfer = 12, 13
	r, err := e.Render(t.Context(), data, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := quadrants
	for i := range want {
		want[i] = p3ToSRGB(want[i])
	}
	want[2].A, want[3].A = 0, 128
	wantQuadrants(t, "Display P3", r.Images[0], want, 6)
}
