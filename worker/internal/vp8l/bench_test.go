package vp8l

import (
	"image"
	"testing"
)

// BenchmarkDecode decodes pictures of 2 megapixels, by this package and by x/image.
func BenchmarkDecode(b *testing.B) {
	const w, h = 1600, 1200
	for name, m := range map[string]image.Image{"scene": scene(w, h, false), "palette": fewColours(w, h, 16), "noise": noise(w, h)} {
		data := cwebp(b, m, "-m", "2", "-exact")
		b.Run("vp8l/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Decode(b.Context(), data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("x/image/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decodeByOracle(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
