package vp8

import "testing"

// BenchmarkDecode decodes a picture of 2 megapixels, by this package and by x/image.
func BenchmarkDecode(b *testing.B) {
	data := frameOf(b, cwebp(b, scene(1600, 1200), "-q", "80"))
	b.Run("vp8", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := Decode(b.Context(), data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("x/image", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decodeByOracle(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
