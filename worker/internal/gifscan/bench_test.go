package gifscan

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"testing"

	"darkroom/worker/internal/raster"
)

// BenchmarkDraw decodes a picture of 2 megapixels with dithered colours, by this package and by image/gif.
func BenchmarkDraw(b *testing.B) {
	m := image.NewPaletted(image.Rect(0, 0, 1600, 1200), nil)
	for i := range 256 {
		m.Palette = append(m.Palette, color.RGBA{byte(i), byte(i), byte(i), 0xff})
	}
	for i := range m.Pix {
		x, y := i%1600, i/1600
		m.Pix[i] = byte(x/8+y/9) + byte((x*7+y*13)%5)
	}
	var file bytes.Buffer
	if err := gif.Encode(&file, m, &gif.Options{NumColors: 256}); err != nil {
		b.Fatal(err)
	}
	b.Run("gifscan", func(b *testing.B) {
		for b.Loop() {
			f, err := Open(file.Bytes())
			if err != nil {
				b.Fatal(err)
			}
			if _, err := f.Draw(b.Context(), image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height))); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("image/gif", func(b *testing.B) {
		for b.Loop() {
			m, err := gif.Decode(bytes.NewReader(file.Bytes()))
			if err != nil {
				b.Fatal(err)
			}
			raster.FromImage(m)
		}
	})
}
