package engine

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"
	"testing"

	"darkroom/worker/photo"

	"golang.org/x/image/webp"
)

// TestLosslessVariantsAreExact checks that PNG and lossless WebP keep every pixel of a picture that is not resized,
// even if there are JPEG variants too.
func TestLosslessVariantsAreExact(t *testing.T) {
	m := landscape(90, 70)
	for i := 0; i < len(m.Pix); i += 4 {
		m.Pix[i] ^= byte(i * i >> 7) // colours that planes cannot distinguish
	}
	small := boxSpec("small", 40, 40, Inside, 80)
	same := boxSpec("same", 90, 90, Inside, 80)
	same.Formats, same.Lossless = []Output{PNG, WebP, JPEG}, true
	e := engine(t, Config{Specs: []Spec{small, same}})
	for kind, file := range solids(t, m) {
		var want image.Image
		var err error
		if kind == "WebP" { // the encoder's package decodes it to planes, which rounds
			want, err = webp.Decode(bytes.NewReader(file))
		} else {
			want, _, err = image.Decode(bytes.NewReader(file))
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range render(t, e, file) {
			if got.Format != photo.JPEG && !bytes.Equal(openImage(t, got).Pix, toNRGBA(want).Pix) {
				t.Errorf("%s: other pixels as %s", kind, got.Format)
			}
			if got.Format != photo.PNG {
				continue
			}
			h, err := e.Inspect(got.Data)
			source, _ := e.Inspect(file)
			if components := map[bool]int{true: 1, false: 3}[source.Grey()]; err != nil || h.Components != components {
				t.Errorf("%s: a PNG of %d components, want %d, %v", kind, h.Components, components, err)
			}
		}
	}
}

// TestLosslessVariantsAreLikeTheReference checks that the filter is as good in RGB as in planes, with and without
// transparent pixels, in every orientation.
func TestLosslessVariantsAreLikeTheReference(t *testing.T) {
	comparesPixels(t)
	clear := landscape(301, 225)
	for y := range 225 {
		for x := range 301 {
			clear.Pix[clear.PixOffset(x, y)+3] = clamped(140 + 130*smooth(float64(x)/40, float64(y)/40, 3))
		}
	}
	c := boxesConfig(290, 150, 149, 64, 20)
	for i := range c.Specs {
		c.Specs[i].Formats = []Output{PNG}
	}
	for _, m := range []*image.NRGBA{landscape(301, 225), clear} {
		whole := premultiplied(m)
		for o := 1; o <= 8; o++ {
			file := insert(toPNG(t, m), 33, chunk("eXIf", exifBlock(binary.BigEndian, uint16(o))))
			for _, got := range render(t, engine(t, c), file) {
				for i, p := range premultiplied(openImage(t, got)) {
					if dB := p.decibels(reference(whole[i], got, o, false)); dB < minPSNR {
						t.Errorf("%s, orientation %d, opaque %v, component %d: %.1f dB, want %d", got.Name, o, opaque(m), i, dB, minPSNR)
					}
				}
			}
		}
	}
}

// TestShapesWithoutLoss checks that in RGB too, nothing shifts, rings further than the reference or leaves a pattern.
// Each shape is drawn in colours and, on black, in alpha.
func TestShapesWithoutLoss(t *testing.T) {
	comparesPixels(t)
	drawing := func(alpha bool, f func(x, y float64) float64) *image.NRGBA {
		m := drawShape(317, 235, f)
		for i := 0; alpha && i < len(m.Pix); i += 4 {
			m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = 255, 255, 255, m.Pix[i]
		}
		return m
	}
	renderSamples := func(m *image.NRGBA, side int) []samples {
		c := oneBox(side)
		c.Specs[0].Formats = []Output{PNG}
		return premultiplied(openImage(t, render(t, engine(t, c), toPNG(t, m))[0]))
	}
	for _, alpha := range []bool{false, true} {
		for _, side := range []int{301, 150, 75, 37} {
			pixel := 317 / float64(side)
			plate := drawing(alpha, func(x, y float64) float64 {
				return 128 + 90*math.Cos((math.Pow(x-90, 2)+math.Pow(y-75, 2))/500/pixel)
			})
			edge := drawing(alpha, func(x, y float64) float64 { return 60 + 130*step(x-y/3-95) })
			for i, p := range renderSamples(plate, side) {
				if i == 3 && !alpha {
					continue // flat
				}
				if x, y := p.shift(premultiplied(plate)[i].resize(p.w, p.h)); math.Abs(x) > 0.05 || math.Abs(y) > 0.05 {
					t.Errorf("alpha %v, at %d, component %d: shifted by %.3f, %.3f", alpha, side, i, x, y)
				}
			}
			for i, p := range renderSamples(edge, side) {
				want := premultiplied(edge)[i].resize(p.w, p.h)
				for at, v := range p.v {
					if math.Abs(v-min(max(want.v[at], 0), 255)) > 2 {
						t.Errorf("alpha %v, at %d, component %d: %.1f next to an edge, want %.1f", alpha, side, i, v, want.v[at])
						break
					}
				}
			}
		}
		for i, p := range renderSamples(drawing(alpha, func(x, y float64) float64 { return 255 * math.Mod(x+y, 2) }), 75) {
			for _, v := range p.v {
				if math.Abs(v-127.5) > 4.5 && (alpha || i < 3) {
					t.Errorf("alpha %v, component %d: a checker leaves %.0f", alpha, i, v)
					break
				}
			}
		}
	}
}
