package heif

import (
	"image"
	"math/rand/v2"
	"testing"

	"darkroom/worker/internal/hevc"
)

// BenchmarkPlanes copies the tiles of a picture of 12 megapixels into planes.
func BenchmarkPlanes(b *testing.B) {
	for name, c := range map[string]colour{"full": {chroma: hevc.Chroma420, full: true}, "studio": {chroma: hevc.Chroma420}} {
		b.Run(name, func(b *testing.B) {
			tile := tileOf(rand.New(rand.NewPCG(1, 1)), 512, 512, hevc.Chroma420, 8, 8, 8)
			for b.Loop() {
				dst := newPlanes(image.Rect(0, 0, 4032, 3024), c)
				for i := range 48 {
					if err := dst.draw(b.Context(), tile, i%8*512, i/8*512); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
