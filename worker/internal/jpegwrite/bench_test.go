package jpegwrite

import (
	"bytes"
	"fmt"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/gen2brain/jpegn"
)

// standardPicture returns a picture as the type of the standard library that has the same planes.
func standardPicture(p Picture) image.Image {
	rect := image.Rect(0, 0, p.Width, p.Height)
	if len(p.Planes) == 1 {
		return &image.Gray{Pix: p.Planes[0].Pix, Stride: p.Planes[0].Stride, Rect: rect}
	}
	ratio := image.YCbCrSubsampleRatio420
	switch (image.Point{X: p.SampleX, Y: p.SampleY}) {
	case image.Point{X: 1, Y: 1}:
		ratio = image.YCbCrSubsampleRatio444
	case image.Point{X: 2, Y: 1}:
		ratio = image.YCbCrSubsampleRatio422
	case image.Point{X: 1, Y: 2}:
		ratio = image.YCbCrSubsampleRatio440
	}
	return &image.YCbCr{Y: p.Planes[0].Pix, YStride: p.Planes[0].Stride, Cb: p.Planes[1].Pix, Cr: p.Planes[2].Pix,
		CStride: p.Planes[1].Stride, SubsampleRatio: ratio, Rect: rect}
}

// BenchmarkEncode encodes the same planes with the same tables by this package and by jpegn.
func BenchmarkEncode(b *testing.B) {
	for _, size := range []image.Point{{X: 1600, Y: 1200}, {X: 640, Y: 480}, {X: 320, Y: 240}} {
		p := picture(size.X, size.Y, image.Pt(2, 2), scenery(rand.New(rand.NewPCG(9, 1))))
		for i := 1; i < 3; i++ { // jpegn wants the planes of colours to have the same stride
			w, h := p.samples(i)
			pix := make([]byte, 0, w*h)
			for y := range h {
				pix = append(pix, p.Planes[i].Pix[y*p.Planes[i].Stride:][:w]...)
			}
			p.Planes[i] = Plane{pix, w}
		}
		m := standardPicture(p)
		tables, _ := QualityTables(80)
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
