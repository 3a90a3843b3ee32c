package jpegwrite

import (
	"bytes"
	"fmt"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/gen2brain/jpegn"
)

// BenchmarkEncode encodes the same planes with the same tables by this package and by jpegn.
func BenchmarkEncode(b *testing.B) {
	for _, size := range []image.Point{{X: 1600, Y: 1200}, {X: 640, Y: 480}, {X: 320, Y: 240}} {
		p := picture(size.X, size.Y, image.Pt(2, 2), scenery(rand.New(rand.NewPCG(9, 1))))
		m := standardPicture(p)
		tables := annexK(80)
		for name, encode := range map[string]func() ([]byte, error){
			"ours":             func() ([]byte, error) { return Encode(b.Context(), p, Options{Tables: &tables}) },
			"ours-progressive": func() ([]byte, error) { return Encode(b.Context(), p, Options{Tables: &tables, Progressive: true}) },
			"jpegn": func() ([]byte, error) {
				var out bytes.Buffer
				err := jpegn.Encode(&out, m, &jpegn.EncodeOptions{Quality: 80, Subsampling: jpegn.Subsample420, OptimizeCoding: true})
				return out.Bytes(), err
			},
			"jpegn-progressive": func() ([]byte, error) {
				var out bytes.Buffer
				err := jpegn.Encode(&out, m, &jpegn.EncodeOptions{Quality: 80, Subsampling: jpegn.Subsample420, Progressive: true})
				return out.Bytes(), err
			},
		} {
			b.Run(fmt.Sprintf("%d/%s", size.X, name), func(b *testing.B) {
				n := 0
				for b.Loop() {
					data, err := encode()
					if err != nil {
						b.Fatal(err)
					}
					n = len(data)
				}
				b.ReportMetric(float64(n), "bytes")
			})
		}
	}
}
