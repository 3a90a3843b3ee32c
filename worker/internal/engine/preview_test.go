package engine

import (
	"fmt"
	"image"
	"image/color"
	"testing"

	"github.com/gen2brain/jpegn"
)

// twoColours returns a picture with one colour in its upper three quarters and another in the rest.
func twoColours(w, h int, most, rest color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := most
			if y >= h*3/4 {
				c = rest
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func preview(t *testing.T, file []byte) Preview {
	t.Helper()
	return previewBy(t, engine(t, Config{}), file)
}

func previewBy(t testing.TB, e *Engine, file []byte) Preview {
	t.Helper()
	h, err := e.Inspect(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Render(t.Context(), file, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Preview
}

// TestPreviewIsTheSameOnBothPaths renders one picture in planes and, as a PNG, in RGB.
func TestPreviewIsTheSameOnBothPaths(t *testing.T) {
	m := twoColours(900, 600, color.NRGBA{40, 90, 200, 255}, color.NRGBA{250, 250, 250, 255})
	fromJPEG, planesOfPNG := preview(t, toJPEG(t, m, &jpegn.EncodeOptions{Quality: 95})), preview(t, toPNG(t, m))
	fromPNG := previewBy(t, engine(t, configWith(func(s *Spec) { s.Width, s.Height, s.Formats = 900, 900, []Output{PNG} })), toPNG(t, m))
	var r, g, b int
	if _, err := fmt.Sscanf(planesOfPNG.Colour, "#%02x%02x%02x", &r, &g, &b); err != nil || abs(r-40) > 1 || abs(g-90) > 1 || abs(b-200) > 1 {
		t.Errorf("colour %s, want #285ac8 but for rounding, %v", planesOfPNG.Colour, err)
	}
	if fromPNG.Colour != "#285ac8" {
		t.Errorf("colour %s, want #285ac8", fromPNG.Colour)
	}
	for i, c := range []byte(fromJPEG.Colour) {
		if d := int(c) - int(fromPNG.Colour[i]); i < 6 && i%2 == 1 && d != 0 {
			t.Errorf("colour %s of the JPEG, %s of the PNG", fromJPEG.Colour, fromPNG.Colour)
		}
	}
	// The header holds the mean colour, the amplitudes and the sides.
	if len(fromJPEG.ThumbHash) != len(fromPNG.ThumbHash) || fromJPEG.ThumbHash[4]>>7 != 1 {
		t.Errorf("placeholders %x and %x", fromJPEG.ThumbHash, fromPNG.ThumbHash)
	}
}

func TestPreviewOfTransparentPictures(t *testing.T) {
	clear := preview(t, toPNG(t, image.NewNRGBA(image.Rect(0, 0, 50, 50))))
	if clear.Colour != "" {
		t.Errorf("a clear picture has colour %s", clear.Colour)
	}
	glass := preview(t, toPNG(t, twoColours(80, 80, color.NRGBA{0, 255, 0, 10}, color.NRGBA{255, 0, 0, 255})))
	if glass.Colour != "#ff0000" {
		t.Errorf("colour %s, want that of what is opaque, #ff0000", glass.Colour)
	}
	if glass.ThumbHash[2]>>7 != 1 {
		t.Errorf("placeholder %x has no opacity", glass.ThumbHash)
	}
}

// TestPreviewOfTinyPictures checks that the preview is never larger than the largest variant.
func TestPreviewOfTinyPictures(t *testing.T) {
	e := engine(t, Config{Specs: []Spec{{Name: "dot", Width: 8, Height: 8, Fit: Inside, Quality: 80}}})
	for _, s := range []image.Point{{1, 1}, {3, 2000}, {500, 400}} {
		m := twoColours(s.X, s.Y, color.NRGBA{1, 2, 3, 255}, color.NRGBA{1, 2, 3, 255})
		for _, file := range [][]byte{toPNG(t, m), toJPEG(t, m, nil)} {
			h, err := e.Inspect(file)
			if err != nil {
				t.Fatal(err)
			}
			if r, err := e.Render(t.Context(), file, h, nil); err != nil || len(r.Preview.ThumbHash) < 5 || r.Preview.Colour == "" {
				t.Errorf("%v: %+v, %v", s, r.Preview, err)
			}
		}
	}
}
