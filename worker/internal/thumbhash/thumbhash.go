// Package thumbhash makes the placeholder of a picture: 5 to 25 bytes that a page turns into a blurred preview, with
// the picture's proportions, average colour and transparency, before the picture itself has loaded.
//
// The format is ThumbHash, https://evanw.github.io/thumbhash/: the picture's lowest frequencies in lightness, two
// colour axes and opacity, each as a four-bit number. Any ThumbHash decoder reads what this package writes.
package thumbhash

import (
	"image"
	"math"
)

// MaxSide is the most pixels that a side of a picture may have. More detail would not be visible in the placeholder.
const MaxSide = 100

// Encode returns the placeholder of a picture whose sides have 1 to MaxSide pixels. It panics on any other size.
//
// The same pixels give the same bytes on every architecture: products are rounded before they are added, which keeps
// the compiler from fusing the two on processors that can.
func Encode(m *image.NRGBA) []byte {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if w < 1 || h < 1 || w > MaxSide || h > MaxSide {
		panic("thumbhash: sides must be from 1 to MaxSide pixels")
	}
	light, yellow, red, alpha, opaque := channels(m)

	// The longer side has seven frequencies of lightness, or five if the hash also stores opacity.
	most := 7.0
	if !opaque {
		most = 5
	}
	longer := float64(max(w, h))
	nx := max(1, int(round(most*float64(w)/longer)))
	ny := max(1, int(round(most*float64(h)/longer)))
	l := transform(light, w, h, max(3, nx), max(3, ny))
	p := transform(yellow, w, h, 3, 3)
	q := transform(red, w, h, 3, 3)

	landscape := w > h
	header := bits(l.mean, 0, 63, 6) | bits(p.mean, 31.5, 31.5, 6)<<6 | bits(q.mean, 31.5, 31.5, 6)<<12 | bits(l.scale, 0, 31, 5)<<18 | flag(!opaque)<<23
	side := ny
	if !landscape {
		side = nx
	}
	second := uint32(side) | bits(p.scale, 0, 63, 6)<<3 | bits(q.scale, 0, 63, 6)<<9 | flag(landscape)<<15
	hash := []byte{byte(header), byte(header >> 8), byte(header >> 16), byte(second), byte(second >> 8)}
	waves := append(append(l.waves, p.waves...), q.waves...)
	if !opaque {
		a := transform(alpha, w, h, 5, 5)
		hash = append(hash, byte(bits(a.mean, 0, 15, 4)|bits(a.scale, 0, 15, 4)<<4))
		waves = append(waves, a.waves...)
	}
	for i, v := range waves {
		nibble := byte(bits(v, 0, 15, 4))
		if i%2 == 0 {
			hash = append(hash, nibble)
		} else {
			hash[len(hash)-1] |= nibble << 4
		}
	}
	return hash
}

// channels splits a picture into lightness, yellow against blue, red against green, and opacity. Lightness and opacity
// range from 0 to 1, the others from -1 to 1. Transparent pixels take the picture's average colour.
func channels(m *image.NRGBA) (light, yellow, red, alpha []float64, opaque bool) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	var mean [3]float64
	var weight float64
	for y := range h {
		row := m.Pix[y*m.Stride:][:4*w]
		for x := 0; x < len(row); x += 4 {
			a := float64(row[x+3]) / 255
			weight += a
			for c := range mean {
				mean[c] += float64(a / 255 * float64(row[x+c]))
			}
		}
	}
	if weight > 0 {
		for c := range mean {
			mean[c] /= weight
		}
	}
	n := w * h
	light, yellow, red, alpha = make([]float64, 0, n), make([]float64, 0, n), make([]float64, 0, n), make([]float64, 0, n)
	for y := range h {
		row := m.Pix[y*m.Stride:][:4*w]
		for x := 0; x < len(row); x += 4 {
			a := float64(row[x+3]) / 255
			var c [3]float64
			for i := range c {
				c[i] = float64(mean[i]*(1-a)) + float64(a/255*float64(row[x+i]))
			}
			light = append(light, (c[0]+c[1]+c[2])/3)
			yellow = append(yellow, (c[0]+c[1])/2-c[2])
			red = append(red, c[0]-c[1])
			alpha = append(alpha, a)
		}
	}
	return light, yellow, red, alpha, weight >= float64(n)
}

// spectrum holds the low frequencies of a channel.
type spectrum struct {
	mean  float64
	scale float64   // the largest amplitude
	waves []float64 // the others, from 0 (minus scale) to 1 (plus scale)
}

// faint is the amplitude below which every channel is stored as zero, so that its waves do not show.
const faint = 1.0 / 128

// silent is an amplitude that can only be a rounding error. Otherwise its sign would decide how half a step is rounded.
const silent = 1e-9

// transform returns the discrete cosine transform of a channel, for the frequencies below the diagonal of an nx by ny
// table.
func transform(channel []float64, w, h, nx, ny int) spectrum {
	var s spectrum
	across, down := cosines(w, nx), cosines(h, ny)
	for cy := range ny {
		for cx := 0; cx*ny < nx*(ny-cy); cx++ {
			sum := 0.0
			for y := range h {
				row, fy := channel[y*w:][:w], down[cy*h+y]
				for x, v := range row {
					sum += float64(float64(v*across[cx*w+x]) * fy)
				}
			}
			sum /= float64(w * h)
			if math.Abs(sum) < silent {
				sum = 0
			}
			if cx == 0 && cy == 0 {
				s.mean = sum
				continue
			}
			s.waves = append(s.waves, sum)
			s.scale = max(s.scale, math.Abs(sum))
		}
	}
	for i, v := range s.waves {
		s.waves[i] = 0.5
		if s.scale >= faint {
			s.waves[i] = 0.5 + float64(0.5/s.scale*v)
		}
	}
	return s
}

// cosines returns the table of cos(pi/size * frequency * (position + 1/2)).
func cosines(size, frequencies int) []float64 {
	table := make([]float64, 0, size*frequencies)
	for f := range frequencies {
		for i := range size {
			table = append(table, math.Cos(math.Pi/float64(size)*float64(f)*(float64(i)+0.5)))
		}
	}
	return table
}

// bits returns v as an unsigned integer of width bits.
func bits(v, offset, factor float64, width int) uint32 {
	n := round(offset + float64(factor*v))
	return uint32(min(max(n, 0), float64(int(1)<<width-1)))
}

// round rounds halves up, as decoders in other languages expect.
func round(v float64) float64 { return math.Floor(v + 0.5) }

func flag(set bool) uint32 {
	if set {
		return 1
	}
	return 0
}
