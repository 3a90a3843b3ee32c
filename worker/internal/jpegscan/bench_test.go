package jpegscan

import (
	"fmt"
	"testing"

	"github.com/gen2brain/jpegn"
)

// BenchmarkDecode decodes a picture of 12 megapixels, encoded as a phone does and as for a website, with this package
// and with jpegn.
func BenchmarkDecode(b *testing.B) {
	for name, progressive := range map[string]bool{"baseline": false, "progressive": true} {
		data := encode(b, scene(4000, 3000, 1),
			jpegn.EncodeOptions{Quality: 90, Subsampling: jpegn.Subsample420, Progressive: progressive})
		for _, denom := range denoms {
			b.Run(fmt.Sprintf("%s/denom=%d/jpegscan", name, denom), func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := decode(data, denom); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(fmt.Sprintf("%s/denom=%d/jpegn", name, denom), func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := reference(data, denom); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
