package pngscan

import (
	"bytes"
	"image/png"
	"testing"
)

// BenchmarkDecode decodes a picture of 4 megapixels with this package and with image/png.
func BenchmarkDecode(b *testing.B) {
	for _, p := range []struct {
		name    string
		samples int
	}{{"RGB", 3}, {"RGBA", 4}} {
		data := encode(b, scene(2400, 1800, p.samples, 1))
		b.Run(p.name+"/pngscan", func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Decode(data); err != nil {
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
