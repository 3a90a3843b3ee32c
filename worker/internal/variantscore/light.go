package main

import (
	"context"
	"image"
	"image/color"
	"math"
)

// light is a picture in amounts of light: red, green and blue from 0 to 1, premultiplied by alpha, and then alpha.
type light struct {
	w, h int
	v    []float32 // four numbers a pixel, row by row
}

// linear maps an sRGB value to an amount of light (IEC 61966-2-1).
var linear = func() (table [256]float32) {
	for i := range table {
		v := float64(i) / 255
		if v <= 0.04045 {
			table[i] = float32(v / 12.92)
		} else {
			table[i] = float32(math.Pow((v+0.055)/1.055, 2.4))
		}
	}
	return table
}()

// gamma is the inverse of linear, for any value.
func gamma(v float32) uint8 {
	l := min(max(float64(v), 0), 1)
	if l <= 0.0031308 {
		return uint8(l*12.92*255 + 0.5)
	}
	return uint8((1.055*math.Pow(l, 1/2.4)-0.055)*255 + 0.5)
}

// newLight converts a picture in sRGB.
func newLight(m image.Image) *light {
	b := m.Bounds()
	l := &light{b.Dx(), b.Dy(), make([]float32, 0, 4*b.Dx()*b.Dy())}
	add := func(c color.NRGBA) {
		a := float32(c.A) / 255
		l.v = append(l.v, linear[c.R]*a, linear[c.G]*a, linear[c.B]*a, a)
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			switch m := m.(type) { // the two common types, read without an allocation for each pixel
			case *image.YCbCr:
				c := m.YCbCrAt(x, y)
				r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
				add(color.NRGBA{R: r, G: g, B: b, A: 255})
			case *image.NRGBA:
				add(m.NRGBAAt(x, y))
			default:
				add(color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA))
			}
		}
	}
	return l
}

// nrgba rounds the picture to sRGB with straight alpha.
func (l *light) nrgba() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, l.w, l.h))
	for i := 0; i < len(l.v); i += 4 {
		a := min(max(l.v[i+3], 0), 1)
		if a < 0.5/255 {
			continue // fully transparent
		}
		for c := range 3 {
			m.Pix[i+c] = gamma(l.v[i+c] / a)
		}
		m.Pix[i+3] = uint8(a*255 + 0.5)
	}
	return m
}

// resize resamples the picture with a Lanczos filter of three lobes, first horizontally and then vertically. It neither
// clips nor rounds between the two. When ctx ends, resize returns its error.
func (l *light) resize(ctx context.Context, size image.Point) (*light, error) {
	if size == image.Pt(l.w, l.h) {
		return l, nil
	}
	across := &light{size.X, l.h, make([]float32, 4*size.X*l.h)}
	columns := taps(l.w, size.X)
	for y := range l.h {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		src, dst := l.v[4*y*l.w:][:4*l.w], across.v[4*y*size.X:]
		for x, t := range columns {
			var sum [4]float32
			for i, weight := range t.weights {
				p := src[4*(t.first+i):][:4]
				for c := range sum {
					sum[c] += weight * p[c]
				}
			}
			copy(dst[4*x:], sum[:])
		}
	}
	out := &light{size.X, size.Y, make([]float32, 4*size.X*size.Y)}
	for y, t := range taps(l.h, size.Y) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		dst := out.v[4*y*size.X:][:4*size.X]
		for i, weight := range t.weights {
			for x, v := range across.v[4*(t.first+i)*size.X:][:4*size.X] {
				dst[x] += weight * v
			}
		}
	}
	return out, nil
}

// tap describes one sample of the result: the first source sample it depends on, and the weights of that and the
// following ones.
type tap struct {
	first   int
	weights []float32
}

// taps returns the taps for resampling n samples to m. The coarser of the two decides the width of the filter. At the
// edges it scales up the weights of the samples that exist, so that they sum to 1.
func taps(n, m int) []tap {
	ratio := float64(n) / float64(m)
	scale := max(1, ratio)
	all := make([]tap, m)
	for i := range all {
		centre := (float64(i)+0.5)*ratio - 0.5
		first, last := max(0, int(math.Ceil(centre-3*scale))), min(n-1, int(math.Floor(centre+3*scale)))
		weights, sum := make([]float64, last-first+1), 0.0
		for k := range weights {
			weights[k] = lanczos((float64(first+k) - centre) / scale)
			sum += weights[k]
		}
		all[i] = tap{first, make([]float32, len(weights))}
		for k, w := range weights {
			all[i].weights[k] = float32(w / sum)
		}
	}
	return all
}

// lanczos is the window sinc(x) sinc(x/3) for -3 < x < 3.
func lanczos(x float64) float64 {
	switch x = math.Abs(x) * math.Pi; {
	case x == 0:
		return 1
	case x >= 3*math.Pi:
		return 0
	}
	return 3 * math.Sin(x) * math.Sin(x/3) / (x * x)
}
