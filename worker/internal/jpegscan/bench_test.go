package jpegscan

import (
	"fmt"
	"testing"

	"github.com/gen2brain/jpegn"
)

// BenchmarkDecode decodes a picture of 12 megapixels as a phone writes it, with this package and with jpegn.
func BenchmarkDecode(b *testing.B) {
	data := encode(b, scene(4000, 3000, 1), jpegn.EncodeOptions{Quality: 90, Subsampling: jpegn.Subsample420})
	for _, denom := range denoms {
		b.Run(fmt.Sprintf("denom=%d/jpegscan", denom), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Decode(data, denom); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("denom=%d/jpegn", denom), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := reference(data, denom); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
