package hevc

import (
	"math"
	"math/rand/v2"
)

// drawing is a picture to be encoded, as planes of samples.
type drawing struct {
	width, height, chroma, depth int
	planes                       [][]int
}

// draw draws one of several kinds of pictures: noise, a gradient, flat shapes with hard edges, and something like a
// photo.
func draw(r *rand.Rand, width, height, chroma, depth int) *drawing {
	d := &drawing{width: width, height: height, chroma: chroma, depth: depth}
	kind := r.IntN(4)
	for c := range 3 {
		w, h := width, height
		if c > 0 {
			if chroma == Grey {
				break
			}
			w, h = (w+bit(chroma != Chroma444))>>bit(chroma != Chroma444), (h+bit(chroma == Chroma420))>>bit(chroma == Chroma420)
		}
		d.planes = append(d.planes, drawPlane(r, kind, w, h, 1<<depth-1))
	}
	return d
}

func drawPlane(r *rand.Rand, kind, width, height, top int) []int {
	p := make([]int, width*height)
	fill := func(f func(x, y int) float64) {
		for i := range p {
			p[i] = max(0, min(top, int(f(i%width, i/width)*float64(top))))
		}
	}
	switch kind {
	case 0: // noise
		strength := r.Float64()
		fill(func(x, y int) float64 { return 0.5 + strength*(r.Float64()-0.5) })
	case 1: // gradient
		a, b := r.Float64()-0.5, r.Float64()-0.5
		fill(func(x, y int) float64 { return 0.5 + a*float64(x)/float64(width) + b*float64(y)/float64(height) })
	case 2: // shapes
		ground := r.Float64()
		fill(func(x, y int) float64 { return ground })
		for range 4 + width*height/400 {
			v := r.IntN(top + 1)
			x0, y0, w, h := r.IntN(width), r.IntN(height), 1+r.IntN(12), 1+r.IntN(12)
			for y := y0; y < min(height, y0+h); y++ {
				for x := x0; x < min(width, x0+w); x++ {
					p[y*width+x] = v
				}
			}
		}
	case 3: // waves of several lengths, an edge, and grain
		type wave struct{ x, y, phase, height float64 }
		var waves []wave
		for i := range 6 {
			f := 0.02 * math.Pow(1.9, float64(i))
			waves = append(waves, wave{f * r.NormFloat64(), f * r.NormFloat64(), 6 * r.Float64(), 0.3 / float64(i+1)})
		}
		slope := r.NormFloat64()
		fill(func(x, y int) float64 {
			v := 0.5 + 0.02*r.NormFloat64()
			for _, w := range waves {
				v += w.height * math.Sin(w.x*float64(x)+w.y*float64(y)+w.phase)
			}
			if float64(y-height/2) > slope*float64(x-width/2) {
				v = 0.8 - v/2
			}
			return v
		})
	}
	return p
}

// raw returns the samples as encoders read them: one byte each, or two with the low byte first.
func (d *drawing) raw() []byte {
	var b []byte
	for _, p := range d.planes {
		for _, v := range p {
			b = append(b, byte(v))
			if d.depth > 8 {
				b = append(b, byte(v>>8))
			}
		}
	}
	return b
}
