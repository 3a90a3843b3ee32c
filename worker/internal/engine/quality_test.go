package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"math"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/photo"
)

// These tests compare variants with a reference: the whole picture decoded by the standard library and filtered once in
// float64. JPEG variants are compared in the planes that they store, at quality 100. There the file adds only the
// rounding of its coefficients (about 56 dB). Variants with alpha are PNG, and exact.

// minPSNR is the least PSNR of every plane of every variant, in decibels.
const minPSNR = 42

// landscape draws what makes a photo hard to resize: smooth light, texture of every scale, straight and round hard
// edges, and the grain of a sensor.
func landscape(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/float64(h), float64(y)/float64(h)
			light, strength, scale := 200-80*fy, 60*fy, 4.0
			for octave := range 7 { // the texture fades towards the top, since the sky has none
				light += strength * smooth(fx*scale, fy*scale, uint32(octave))
				strength, scale = strength*0.62, scale*2
			}
			warm, cold := 30*smooth(3*fx, 3*fy, 20), 30*smooth(2*fx, 4*fy, 21)
			if math.Hypot(fx-0.9, fy-0.25) < 0.11 {
				light, warm = 245, 20
			}
			if fx > 0.2 && fx < 0.55 && fy > 0.3 && fy < 0.8 && math.Mod(fx, 0.07) > 0.02 && math.Mod(fy, 0.11) > 0.03 {
				light, cold = 235-light, 25
			}
			light += 6 * lattice(x, y, 30)
			m.SetNRGBA(x, y, color.NRGBA{clamped(light + warm), clamped(light), clamped(light + cold), 255})
		}
	}
	return m
}

func clamped(v float64) uint8 { return uint8(min(max(v+0.5, 0), 255)) }

// smooth returns -1 to 1: lattice at integer positions, blended in between.
func smooth(x, y float64, seed uint32) float64 {
	left, top := math.Floor(x), math.Floor(y)
	tx, ty := x-left, y-top
	tx, ty = tx*tx*(3-2*tx), ty*ty*(3-2*ty)
	point := func(dx, dy int) float64 { return lattice(int(left)+dx, int(top)+dy, seed) }
	return (point(0, 0)*(1-tx)+point(1, 0)*tx)*(1-ty) + (point(0, 1)*(1-tx)+point(1, 1)*tx)*ty
}

// lattice returns -1 to 1, which depends on the position alone. The finaliser of MurmurHash3 makes neighbours differ.
func lattice(x, y int, seed uint32) float64 {
	h := uint32(x)*0x9e3779b1 ^ uint32(y)*0x85ebca77 ^ seed*0xc2b2ae3d
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	h ^= h >> 16
	return float64(h>>8)/(1<<23) - 1
}

// oneBox returns a Config for one variant inside a square, at the highest quality.
func oneBox(side int) Config { return boxesConfig(side) }

// boxesConfig returns a Config for variants inside squares, which the engine may make from each other. They are
// resampled as they are stored, so each plane can be compared by itself. See scores for linear light.
func boxesConfig(sides ...int) Config {
	var c Config
	for _, side := range sides {
		c.Specs = append(c.Specs, Spec{Name: fmt.Sprint("side-", side), Width: side, Height: side, Fit: Inside, Light: GammaLight, Quality: 100})
	}
	return c
}

// components returns the input of the reference: the planes of a whole JPEG, or luma and colours of a PNG.
func components(t testing.TB, file []byte) []samples {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	switch m := m.(type) {
	case *image.Gray, *image.YCbCr:
		return fullComponents(m)
	}
	return fromRGB(toNRGBA(m))
}

// fromRGB returns luma, Cb and Cr of an opaque picture (JFIF 1.02, "conversion to and from RGB").
func fromRGB(m *image.NRGBA) []samples {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	all := []samples{newSamples(w, h), newSamples(w, h), newSamples(w, h)}
	for y := range h {
		for x := range w {
			c := m.NRGBAAt(x, y)
			r, g, b := float64(c.R), float64(c.G), float64(c.B)
			at := y*w + x
			all[0].v[at] = 0.299*r + 0.587*g + 0.114*b
			all[1].v[at] = 128 - 0.168736*r - 0.331264*g + 0.5*b
			all[2].v[at] = 128 + 0.5*r - 0.418688*g - 0.081312*b
		}
	}
	return all
}

// storedPlanes returns the planes of a variant, at the resolution in the file.
func storedPlanes(t testing.TB, i Image) []samples {
	t.Helper()
	m, err := stdjpeg.Decode(bytes.NewReader(i.Data))
	if err != nil {
		t.Fatal(err)
	}
	if grey, ok := m.(*image.Gray); ok {
		return fullComponents(grey)
	}
	c := m.(*image.YCbCr)
	if c.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		t.Fatalf("%s is stored as %v, want 4:2:0", i.Name, c.SubsampleRatio)
	}
	w, h := (i.Width+1)/2, (i.Height+1)/2
	return []samples{planeSamples(c.Y, c.YStride, i.Width, i.Height), planeSamples(c.Cb, c.CStride, w, h), planeSamples(c.Cr, c.CStride, w, h)}
}

// wantLike compares a variant with the reference for a whole picture that is stored with an orientation.
func wantLike(t testing.TB, what string, got Image, whole []samples, orientation int) {
	t.Helper()
	planes := storedPlanes(t, got)
	if len(planes) != len(whole) {
		t.Fatalf("%s, %s: %d planes, want %d", what, got.Name, len(planes), len(whole))
	}
	for i, p := range planes {
		if dB := p.decibels(reference(whole[i], got, orientation, i > 0)); dB < minPSNR {
			t.Errorf("%s, %s, plane %d: %.1f dB, want %d", what, got.Name, i, dB, minPSNR)
		}
	}
}

// reference resamples a component to what a variant must have. Colours have half the resolution.
func reference(whole samples, like Image, orientation int, colour bool) samples {
	s := dim(like.Width, like.Height).Upright(orientation)
	want := whole.resize(s.Width, s.Height).turnUpright(orientation)
	if colour {
		return want.halve()
	}
	return want
}

// TestVariantsAreLikeTheReference renders variants for which the decoder uses each of its scales, with little and with
// much to shrink afterwards, alone and made from each other.
func TestVariantsAreLikeTheReference(t *testing.T) {
	comparesPixels(t)
	picture := landscape(450, 338)
	how := &jpegn.EncodeOptions{Quality: 92}
	for name, file := range map[string][]byte{
		"JPEG":             toJPEG(t, picture, how),
		"progressive JPEG": toJPEG(t, picture, &jpegn.EncodeOptions{Quality: 92, Progressive: true}),
		"4:4:4 JPEG":       toJPEG(t, picture, &jpegn.EncodeOptions{Quality: 92, Subsampling: jpegn.Subsample444}),
		"grey JPEG":        toJPEG(t, picture, &jpegn.EncodeOptions{Quality: 92, Subsampling: jpegn.SubsampleGray}),
		"odd JPEG":         toJPEG(t, picture.SubImage(image.Rect(0, 0, 403, 303)), how),
		"PNG":              toPNG(t, picture),
		"grey PNG":         solids(t, picture)["grey PNG"],
		"odd PNG":          toPNG(t, picture.SubImage(image.Rect(0, 0, 403, 303))),
		"RGBA PNG":         solids(t, picture)["RGBA PNG"],
	} {
		whole := components(t, file)
		for _, c := range []Config{oneBox(449), oneBox(240), oneBox(225), oneBox(202), oneBox(177), oneBox(75), oneBox(28), boxesConfig(400, 200, 100, 50, 25), boxesConfig(300, 225, 64)} {
			for _, got := range render(t, engine(t, c), file) {
				wantLike(t, fmt.Sprintf("%s, %d variants", name, len(c.Specs)), got, whole, 1)
			}
		}
	}
}

// TestTurnedVariantsAreLikeTheReference does the same for every orientation.
func TestTurnedVariantsAreLikeTheReference(t *testing.T) {
	comparesPixels(t)
	picture := landscape(267, 178)
	for o := 1; o <= 8; o++ {
		exif := exifBlock(binary.LittleEndian, uint16(o))
		jpeg, png := toJPEG(t, picture, &jpegn.EncodeOptions{Quality: 92}), toPNG(t, picture)
		for name, file := range map[string][]byte{"JPEG": withEXIF(jpeg, exif), "PNG": insert(png, 33, chunk("eXIf", exif))} {
			whole := components(t, file)
			for _, c := range []Config{boxesConfig(200, 80), oneBox(105), oneBox(41)} {
				for _, got := range render(t, engine(t, c), file) {
					wantLike(t, fmt.Sprintf("%s, orientation %d", name, o), got, whole, o)
				}
			}
		}
	}
}

// TestTransparentVariantsAreLikeTheReference compares variants with alpha. Colours are weighted by alpha, in the filter
// and here.
func TestTransparentVariantsAreLikeTheReference(t *testing.T) {
	m := landscape(300, 225)
	for y := range 225 {
		for x := range 300 {
			m.Pix[m.PixOffset(x, y)+3] = clamped(140 + 130*smooth(float64(x)/40, float64(y)/40, 3))
		}
	}
	whole := premultiplied(m)
	for _, got := range render(t, engine(t, boxesConfig(290, 150, 64)), toPNG(t, m)) {
		if got.Format != photo.PNG {
			t.Fatalf("%s became %s", got.Name, got.Format)
		}
		for i, p := range premultiplied(openImage(t, got)) {
			if dB := p.decibels(whole[i].resize(got.Width, got.Height)); dB < minPSNR {
				t.Errorf("%s, component %d: %.1f dB, want %d", got.Name, i, dB, minPSNR)
			}
		}
	}
}

// premultiplied returns red, green and blue times alpha, and alpha.
func premultiplied(m *image.NRGBA) []samples {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	all := []samples{newSamples(w, h), newSamples(w, h), newSamples(w, h), newSamples(w, h)}
	for y := range h {
		for x := range w {
			c, at := m.NRGBAAt(x, y), y*w+x
			a := float64(c.A) / 255
			all[0].v[at], all[1].v[at], all[2].v[at], all[3].v[at] = a*float64(c.R), a*float64(c.G), a*float64(c.B), float64(c.A)
		}
	}
	return all
}
