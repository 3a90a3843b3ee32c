package jpegwrite

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/race"
)

// annexK returns the tables of annex K.1 scaled as jpegn scales them, with levels rounded to the nearest.
func annexK(quality int) Tables {
	luma := [64]int{
		16, 11, 10, 16, 24, 40, 51, 61,
		12, 12, 14, 19, 26, 58, 60, 55,
		14, 13, 16, 24, 40, 57, 69, 56,
		14, 17, 22, 29, 51, 87, 80, 62,
		18, 22, 37, 56, 68, 109, 103, 77,
		24, 35, 55, 64, 81, 104, 113, 92,
		49, 64, 78, 87, 103, 121, 120, 101,
		72, 92, 95, 98, 112, 100, 103, 99,
	}
	percent := 200 - 2*quality
	if quality < 50 {
		percent = 5000 / quality
	}
	scaled := func(step int) uint8 { return uint8(min(max((step*percent+50)/100, 1), 255)) }
	var t Tables
	for i, step := range luma {
		t.Luma[i], t.Colour[i] = scaled(step), scaled(99)
	}
	for i, step := range map[int]int{0: 17, 1: 18, 2: 24, 3: 47, 8: 18, 9: 21, 10: 26, 11: 66, 16: 24, 17: 26, 18: 56, 24: 47, 25: 66} {
		t.Colour[i] = scaled(step)
	}
	return t
}

// encodeByJpegn encodes the planes of a picture with jpegn.
func encodeByJpegn(t testing.TB, p Picture, o jpegn.EncodeOptions) []byte {
	t.Helper()
	o.OptimizeCoding = true
	var out bytes.Buffer
	if err := jpegn.Encode(&out, standardPicture(p), &o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// standardPicture returns a picture of the standard library with the same planes. Both colour planes get the same
// stride.
func standardPicture(p Picture) image.Image {
	rect := image.Rect(0, 0, p.Width, p.Height)
	if len(p.Planes) == 1 {
		return &image.Gray{Pix: p.Planes[0].Pix, Stride: p.Planes[0].Stride, Rect: rect}
	}
	ratio := map[image.Point]image.YCbCrSubsampleRatio{
		{X: 1, Y: 1}: image.YCbCrSubsampleRatio444, {X: 2, Y: 1}: image.YCbCrSubsampleRatio422,
		{X: 1, Y: 2}: image.YCbCrSubsampleRatio440, {X: 2, Y: 2}: image.YCbCrSubsampleRatio420,
	}[image.Point{X: p.SampleX, Y: p.SampleY}]
	m := image.NewYCbCr(rect, ratio)
	for i, pix := range [][]byte{m.Y, m.Cb, m.Cr} {
		w, h := p.samples(i)
		for y := range h {
			copy(pix[y*[]int{m.YStride, m.CStride, m.CStride}[i]:], p.Planes[i].Pix[y*p.Planes[i].Stride:][:w])
		}
	}
	return m
}

// decibels returns the PSNR of all planes of a file, as image/jpeg decodes it.
func decibels(t testing.TB, p Picture, data []byte) float64 {
	t.Helper()
	got, _ := planesOf(t, p, data)
	squares, n := 0.5, 0.0 // keeps the sum above 0
	for i := range p.Planes {
		w, h := p.samples(i)
		for y := range h {
			for x := range w {
				d := float64(got[i].Pix[y*got[i].Stride+x]) - float64(p.Planes[i].Pix[y*p.Planes[i].Stride+x])
				squares += d * d
				n++
			}
		}
	}
	return 10 * math.Log10(255*255*n/squares)
}

// TestAsExactAsJpegn encodes the same pictures with the same tables as jpegn does. Our PSNR must be at least that of
// jpegn less 0.05 dB, and our file no larger except for some headers.
func TestAsExactAsJpegn(t *testing.T) {
	ratios := map[string]jpegn.Subsampling{"grey": jpegn.SubsampleGray, "4:4:4": jpegn.Subsample444, "4:2:2": jpegn.Subsample422,
		"4:4:0": jpegn.Subsample440, "4:2:0": jpegn.Subsample420}
	r, tried := rand.New(rand.NewPCG(10, 1)), 0
	for name, sampling := range samplings {
		for _, size := range []image.Point{{X: 160, Y: 128}, {X: 131, Y: 75}} {
			for kind, content := range map[string]func(*rand.Rand) func(int, int, int) byte{"scenery": scenery, "photo": contents["photo"], "noise": contents["noise"]} {
				p := picture(size.X, size.Y, sampling, content(r))
				for _, quality := range []int{10, 50, 80, 95, 100} {
					tables := annexK(quality)
					for _, progressive := range []bool{false, true} {
						if tried++; tried%race.Every(11) > 0 {
							continue
						}
						ours, err := Encode(t.Context(), p, Options{Tables: &tables, Progressive: progressive})
						if err != nil {
							t.Fatal(err)
						}
						theirs := encodeByJpegn(t, p, jpegn.EncodeOptions{Quality: quality, Subsampling: ratios[name], Progressive: progressive})
						what := fmt.Sprintf("%s %v %s, quality %d, progressive %v", name, size, kind, quality, progressive)
						if a, b := decibels(t, p, ours), decibels(t, p, theirs); a < b-0.05 {
							t.Errorf("%s: %.2f dB, and %.2f by jpegn", what, a, b)
						}
						if a, b := len(ours), len(theirs); !progressive && a > b+b/200+64 {
							t.Errorf("%s: %d bytes, and %d by jpegn", what, a, b)
						}
					}
				}
			}
		}
	}
}
