package pngscan

import (
	"bytes"
	"image/png"
	"testing"
)

// BenchmarkDecode decodes a picture of 4 megapixels with this package and with image/png.
func BenchmarkDecode(b *testing.B) {
	for _, p := range []struct {
		name          string
		colour, depth int
	}{{"RGB", rgb, 8}, {"RGBA", rgbAlpha, 8}, {"RGB of 16 bits", rgb, 16}} {
		data := encode(b, scene(2400, 1800, p.colour, p.depth, 1))
		b.Run(p.name+"/pngscan", func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, _, _, err := decode(data, false); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(p.name+"/png", func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := png.Decode(bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
