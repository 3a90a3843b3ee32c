package engine

import (
	"image"
	"math"
)

// samples is one component of a picture in float64. The reference filter rounds and clips nothing between its passes.
type samples struct {
	w, h int
	v    []float64 // rows, one after the other
}

func newSamples(w, h int) samples { return samples{w, h, make([]float64, w*h)} }

// planeSamples converts the samples of a plane to float64.
func planeSamples(pix []byte, stride, w, h int) samples {
	s := newSamples(w, h)
	for y := range h {
		for x, v := range pix[y*stride:][:w] {
			s.v[y*w+x] = float64(v)
		}
	}
	return s
}

func (s samples) sample(x, y int) float64 { return s.v[y*s.w+x] }

// resize resamples with a Lanczos filter of three lobes. The coarser of the two samplings decides its width. At the
// edges the weights of the existing samples are scaled up to sum to one.
func (s samples) resize(w, h int) samples {
	return s.resizeWidth(w).transpose().resizeWidth(h).transpose()
}

func (s samples) transpose() samples {
	t := newSamples(s.h, s.w)
	for y := range s.h {
		for x := range s.w {
			t.v[x*t.w+y] = s.v[y*s.w+x]
		}
	}
	return t
}

// resizeWidth resamples the rows.
func (s samples) resizeWidth(w int) samples {
	if w == s.w {
		return s
	}
	dst := newSamples(w, s.h)
	ratio := float64(s.w) / float64(w)
	scale := max(1, ratio)
	for x := range w {
		centre := (float64(x)+0.5)*ratio - 0.5
		lo, hi := max(0, int(math.Ceil(centre-3*scale))), min(s.w-1, int(math.Floor(centre+3*scale)))
		weights, sum := make([]float64, hi-lo+1), 0.0
		for i := range weights {
			weights[i] = lanczos3((float64(lo+i) - centre) / scale)
			sum += weights[i]
		}
		for y := range s.h {
			v, row := 0.0, s.v[y*s.w+lo:][:len(weights)]
			for i, weight := range weights {
				v += weight * row[i]
			}
			dst.v[y*w+x] = v / sum
		}
	}
	return dst
}

func lanczos3(x float64) float64 {
	if math.Abs(x) >= 3 {
		return 0
	}
	return sinc(x) * sinc(x/3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// halve returns the means of two by two samples, which is how colours at half the resolution are stored. A sample at an
// odd edge counts twice.
func (s samples) halve() samples {
	d := newSamples((s.w+1)/2, (s.h+1)/2)
	for y := range d.h {
		for x := range d.w {
			right, below := min(2*x+1, s.w-1), min(2*y+1, s.h-1)
			d.v[y*d.w+x] = (s.sample(2*x, 2*y) + s.sample(right, 2*y) + s.sample(2*x, below) + s.sample(right, below)) / 4
		}
	}
	return d
}

// decibels returns the PSNR after clamping to 0 to 255, the range of 8-bit samples.
func (s samples) decibels(want samples) float64 {
	sum := 1e-9
	for i, v := range s.v {
		d := v - min(max(want.v[i], 0), 255)
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(s.v))/sum)
}

// turnUpright turns a picture upright that is stored with an EXIF orientation.
func (s samples) turnUpright(orientation int) samples {
	if orientation >= 5 {
		s = s.transpose()
		orientation = map[int]int{5: 1, 6: 2, 7: 3, 8: 4}[orientation]
	}
	d := newSamples(s.w, s.h)
	for y := range s.h {
		for x := range s.w {
			from, row := x, y
			if orientation == 2 || orientation == 3 {
				from = s.w - 1 - x
			}
			if orientation == 3 || orientation == 4 {
				row = s.h - 1 - y
			}
			d.v[y*s.w+x] = s.sample(from, row)
		}
	}
	return d
}

// fullComponents returns the components of a decoded JPEG at full resolution: luma, and Cb and Cr unless it is grey. A
// colour sample at half the resolution is repeated for each of its pixels.
func fullComponents(m image.Image) []samples {
	if m, ok := m.(*image.Gray); ok {
		return []samples{planeSamples(m.Pix, m.Stride, m.Rect.Dx(), m.Rect.Dy())}
	}
	c := m.(*image.YCbCr)
	w, h := c.Rect.Dx(), c.Rect.Dy()
	all := []samples{planeSamples(c.Y, c.YStride, w, h), newSamples(w, h), newSamples(w, h)}
	for y := range h {
		for x := range w {
			at := c.COffset(x, y)
			all[1].v[y*w+x], all[2].v[y*w+x] = float64(c.Cb[at]), float64(c.Cr[at])
		}
	}
	return all
}
