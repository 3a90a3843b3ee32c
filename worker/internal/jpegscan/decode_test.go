package jpegscan

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"math/rand/v2"
	"testing"

	"github.com/gen2brain/jpegn"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

var denoms = []int{1, 2, 4, 8}

// scene draws a picture with the features of a photo: smooth light, edges, and noise that gets stronger to the right.
func scene(w, h int, seed uint64) *image.RGBA {
	rnd := newRand(seed)
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			light := 40 + 150*x/w + 60*y/h
			if (x/23+y/31)%3 == 0 {
				light -= 35
			}
			noise := 2 + 30*x/w
			p := [3]int{light + y%17, light - 20 + x%11, 230 - light}
			for i := range p {
				p[i] = max(0, min(255, p[i]+rnd.IntN(2*noise)-noise))
			}
			m.SetRGBA(x, y, color.RGBA{uint8(p[0]), uint8(p[1]), uint8(p[2]), 255})
		}
	}
	return m
}

func encode(tb testing.TB, m image.Image, o jpegn.EncodeOptions) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpegn.Encode(&b, m, &o); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// decode decodes an undamaged file to grey or YCbCr.
func decode(data []byte, denom int) (image.Image, error) {
	p, err := Decode(context.Background(), data, denom, false)
	if err == nil {
		err = p.Damage
	}
	if err != nil {
		return nil, err
	}
	h, err := Inspect(data, false, nil)
	if err != nil {
		return nil, err
	}
	bounds := image.Rect(0, 0, (h.Width+denom-1)/denom, (h.Height+denom-1)/denom)
	y := p.Planes[0]
	if h.Colour == Grey {
		return &image.Gray{Pix: y.Pix, Stride: y.Stride, Rect: bounds}, nil
	}
	ratio, ok := map[Sampling]image.YCbCrSubsampleRatio{{1, 1}: image.YCbCrSubsampleRatio444, {2, 1}: image.YCbCrSubsampleRatio422,
		{1, 2}: image.YCbCrSubsampleRatio440, {2, 2}: image.YCbCrSubsampleRatio420}[h.Components[0]]
	if !ok || h.Colour != YCbCr || h.Components[1] != (Sampling{1, 1}) || h.Components[2] != (Sampling{1, 1}) {
		return nil, fmt.Errorf("not a picture that the other decoder decodes to planes: %v", h.Components)
	}
	cb, cr := p.Planes[1], p.Planes[2]
	return &image.YCbCr{Y: y.Pix, Cb: cb.Pix, Cr: cr.Pix, YStride: y.Stride, CStride: cb.Stride, SubsampleRatio: ratio, Rect: bounds}, nil
}

// reference returns jpegn's picture of the same file.
func reference(data []byte, denom int) (image.Image, error) {
	return jpegn.Decode(bytes.NewReader(data), &jpegn.Options{ScaleDenom: denom})
}

// difference describes the first difference between two pictures within their bounds, or returns "".
func difference(got, want image.Image) string {
	switch want := want.(type) {
	case *image.Gray:
		got, ok := got.(*image.Gray)
		if !ok || got.Rect != want.Rect {
			return fmt.Sprintf("got another picture than %T %v", want, want.Rect)
		}
		return plane("grey", got.Pix, got.Stride, want.Pix, want.Stride, got.Rect.Dx(), got.Rect.Dy())
	case *image.YCbCr:
		got, ok := got.(*image.YCbCr)
		if !ok || got.Rect != want.Rect || got.SubsampleRatio != want.SubsampleRatio {
			return fmt.Sprintf("got another picture than %T %v %v", want, want.Rect, want.SubsampleRatio)
		}
		w, h := got.Rect.Dx(), got.Rect.Dy()
		if s := plane("Y", got.Y, got.YStride, want.Y, want.YStride, w, h); s != "" {
			return s
		}
		end := got.COffset(w-1, h-1)
		cw, ch := end%got.CStride+1, end/got.CStride+1
		if s := plane("Cb", got.Cb, got.CStride, want.Cb, want.CStride, cw, ch); s != "" {
			return s
		}
		return plane("Cr", got.Cr, got.CStride, want.Cr, want.CStride, cw, ch)
	}
	return fmt.Sprintf("the other decoder made a %T", want)
}

func plane(name string, got []byte, gotStride int, want []byte, wantStride, w, h int) string {
	for y := range h {
		g, w := got[y*gotStride:][:w], want[y*wantStride:][:w]
		for x := range g {
			if g[x] != w[x] {
				return fmt.Sprintf("%s at %d,%d: got %d, want %d", name, x, y, g[x], w[x])
			}
		}
	}
	return ""
}

// compareAtScales fails the test unless Decode and jpegn decode the same picture from data at every scale.
func compareAtScales(t *testing.T, what string, data []byte) {
	t.Helper()
	for _, denom := range denoms {
		got, err := decode(data, denom)
		if err != nil {
			t.Fatalf("%s at 1/%d: %v", what, denom, err)
		}
		want, err := reference(data, denom)
		if err != nil {
			t.Fatalf("%s at 1/%d: jpegn: %v", what, denom, err)
		}
		if s := difference(got, want); s != "" {
			t.Fatalf("%s at 1/%d: %s", what, denom, s)
		}
	}
}

var subsamplings = map[string]jpegn.Subsampling{
	"4:4:4": jpegn.Subsample444, "4:4:0": jpegn.Subsample440, "4:2:2": jpegn.Subsample422,
	"4:2:0": jpegn.Subsample420, "grey": jpegn.SubsampleGray,
}

func TestDecodeMatchesJpegn(t *testing.T) {
	sizes := []image.Point{{1, 1}, {2, 3}, {7, 8}, {8, 8}, {9, 7}, {15, 17}, {16, 16}, {17, 1}, {1, 33}, {31, 47}, {67, 53}}
	for name, sub := range subsamplings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, size := range sizes {
				m := scene(size.X, size.Y, uint64(i))
				for _, quality := range []int{1, 5, 75, 90, 100} {
					for _, optimize := range []bool{false, true} {
						for _, restart := range []int{0, 1, 7} {
							o := jpegn.EncodeOptions{Quality: quality, Subsampling: sub, OptimizeCoding: optimize, RestartInterval: restart}
							what := fmt.Sprintf("%v quality %d optimize %v restart %d", size, quality, optimize, restart)
							compareAtScales(t, what, encode(t, m, o))
						}
					}
				}
			}
		})
	}
}

func TestDecodeMatchesJpegnOnLargePictures(t *testing.T) {
	for name, sub := range subsamplings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := scene(603, 401, 9)
			for _, quality := range []int{90, 100} {
				o := jpegn.EncodeOptions{Quality: quality, Subsampling: sub, OptimizeCoding: quality == 90, RestartInterval: quality % 100}
				compareAtScales(t, fmt.Sprintf("quality %d", quality), encode(t, m, o))
			}
		})
	}
}

func TestDecodeMatchesJpegnOnStandardLibraryFiles(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 45, 38))
	for i := range grey.Pix {
		grey.Pix[i] = uint8(i * 7)
	}
	for _, m := range []image.Image{scene(67, 53, 3), scene(16, 8, 4), grey} {
		for _, quality := range []int{5, 75, 100} {
			var b bytes.Buffer
			if err := stdjpeg.Encode(&b, m, &stdjpeg.Options{Quality: quality}); err != nil {
				t.Fatal(err)
			}
			compareAtScales(t, fmt.Sprintf("%T %v quality %d", m, m.Bounds(), quality), b.Bytes())
		}
	}
}
