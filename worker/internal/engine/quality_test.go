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
// float64. JPEG variants are compared in the planes that they store, at quality 100, at which the file adds no more
// than the rounding of its coefficients (about 56 dB) to what was resampled; those with alpha are PNG, and exact.

// leastPSNR is the least PSNR of every plane of every variant, in decibels.
const leastPSNR = 42

// landscape draws what is hard in a photo: smooth light, texture of every scale, hard edges both straight and round,
// and the grain of a sensor.
func landscape(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/float64(h), float64(y)/float64(h)
			light, strength, scale := 200-80*fy, 60*fy, 4.0
			for octave := range 7 { // texture fades towards the top, as the sky has none
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

// smooth is -1 to 1: lattice at integer positions, and blends in between.
func smooth(x, y float64, seed uint32) float64 {
	left, top := math.Floor(x), math.Floor(y)
	tx, ty := x-left, y-top
	tx, ty = tx*tx*(3-2*tx), ty*ty*(3-2*ty)
	at := func(dx, dy int) float64 { return lattice(int(left)+dx, int(top)+dy, seed) }
	return (at(0, 0)*(1-tx)+at(1, 0)*tx)*(1-ty) + (at(0, 1)*(1-tx)+at(1, 1)*tx)*ty
}

// lattice is -1 to 1 and depends on the position alone. The finaliser of MurmurHash3 makes neighbours differ.
func lattice(x, y int, seed uint32) float64 {
	h := uint32(x)*0x9e3779b1 ^ uint32(y)*0x85ebca77 ^ seed*0xc2b2ae3d
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	h ^= h >> 16
	return float64(h>>8)/(1<<23) - 1
}

// alone is a Config for one variant inside a square, at the quality that loses least.
func alone(side int) Config { return boxes(side) }

// boxes is a Config for variants inside squares, which the engine may make from each other. They are resampled as they
// are stored, so that what happens to each plane is seen by itself; see scores for linear light.
func boxes(sides ...int) Config {
	var c Config
	for _, side := range sides {
		c.Specs = append(c.Specs, Spec{Name: fmt.Sprint("side-", side), Width: side, Height: side, Fit: Inside, Light: GammaLight, Quality: 100})
	}
	return c
}

// components returns what the reference starts from: the planes of a whole JPEG, or luma and colours of a PNG.
func components(t testing.TB, file []byte) []samples {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	switch m := m.(type) {
	case *image.Gray, *image.YCbCr:
		return colours(m)
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

// stored returns the planes of a variant, at the resolution in the file.
func stored(t testing.TB, i Image) []samples {
	t.Helper()
	m, err := stdjpeg.Decode(bytes.NewReader(i.Data))
	if err != nil {
		t.Fatal(err)
	}
	if grey, ok := m.(*image.Gray); ok {
		return colours(grey)
	}
	c := m.(*image.YCbCr)
	if c.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		t.Fatalf("%s is stored as %v, want 4:2:0", i.Name, c.SubsampleRatio)
	}
	w, h := (i.Width+1)/2, (i.Height+1)/2
	return []samples{samplesOf(c.Y, c.YStride, i.Width, i.Height), samplesOf(c.Cb, c.CStride, w, h), samplesOf(c.Cr, c.CStride, w, h)}
}

// wantLike compares a variant with the reference of a whole picture that is stored with an orientation.
func wantLike(t testing.TB, what string, got Image, whole []samples, orientation int) {
	t.Helper()
	planes := stored(t, got)
	if len(planes) != len(whole) {
		t.Fatalf("%s, %s: %d planes, want %d", what, got.Name, len(planes), len(whole))
	}
	for i, p := range planes {
		if dB := p.decibels(reference(whole[i], got, orientation, i > 0)); dB < leastPSNR {
			t.Errorf("%s, %s, plane %d: %.1f dB, want %d", what, got.Name, i, dB, leastPSNR)
		}
	}
}

// reference resamples a component as a variant must have it. Colours have half the resolution.
func reference(whole samples, like Image, orientation int, colour bool) samples {
	s := dim(like.Width, like.Height).Upright(orientation)
	want := whole.to(s.Width, s.Height).oriented(orientation)
	if colour {
		return want.halved()
	}
	return want
}

// TestVariantsAreLikeTheReference renders variants for which the decoder uses each of its scales: with little and with
// much to shrink afterwards, alone and from each other.
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
		for _, c := range []Config{alone(449), alone(240), alone(225), alone(202), alone(177), alone(75), alone(28), boxes(400, 200, 100, 50, 25), boxes(300, 225, 64)} {
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
			for _, c := range []Config{boxes(200, 80), alone(105), alone(41)} {
				for _, got := range render(t, engine(t, c), file) {
					wantLike(t, fmt.Sprintf("%s, orientation %d", name, o), got, whole, o)
				}
			}
		}
	}
}

// TestTransparentVariantsAreLikeTheReference: colours count by how opaque they are, in the filter and here.
func TestTransparentVariantsAreLikeTheReference(t *testing.T) {
	m := landscape(300, 225)
	for y := range 225 {
		for x := range 300 {
			m.Pix[m.PixOffset(x, y)+3] = clamped(140 + 130*smooth(float64(x)/40, float64(y)/40, 3))
		}
	}
	whole := weighted(m)
	for _, got := range render(t, engine(t, boxes(290, 150, 64)), toPNG(t, m)) {
		if got.Format != photo.PNG {
			t.Fatalf("%s became %s", got.Name, got.Format)
		}
		for i, p := range weighted(open(t, got)) {
			if dB := p.decibels(whole[i].to(got.Width, got.Height)); dB < leastPSNR {
				t.Errorf("%s, component %d: %.1f dB, want %d", got.Name, i, dB, leastPSNR)
			}
		}
	}
}

// weighted returns red, green and blue times alpha, and alpha.
func weighted(m *image.NRGBA) []samples {
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
