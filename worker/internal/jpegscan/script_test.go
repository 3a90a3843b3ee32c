package jpegscan

import (
	"image"
	"math/rand/v2"

	"darkroom/deploy/testkit/jpegfile"
)

// step is a scan of a script: its components, coefficients, and bits.
type step struct {
	of          []int
	first, last int
	high, low   int
}

// drawing is a progressive picture of made-up coefficients, before it is written.
type drawing struct{ jpegfile.File }

// newDrawing makes up a picture. If there are several components, the first has h by v samples for each sample of the
// others. density in 64 coefficients are not 0, and they have up to maxBits bits.
func newDrawing(rnd *rand.Rand, size image.Point, components, h, v, interval, density, maxBits int) *drawing {
	d := &drawing{jpegfile.File{Width: size.X, Height: size.Y, Depth: 8, Progressive: true, Interval: interval}}
	for k := range d.Quants {
		d.Quants[k] = 1 + k/3
	}
	mcus := image.Pt((size.X+8*h-1)/(8*h), (size.Y+8*v-1)/(8*v))
	for i := range components {
		c := jpegfile.Component{ID: byte(i + 1), H: 1, V: 1}
		if i == 0 {
			c.H, c.V = h, v
		}
		c.Blocks = make([][64]int, mcus.X*mcus.Y*c.H*c.V)
		for i := range c.Blocks {
			b := &c.Blocks[i]
			b[0] = rnd.IntN(1<<maxBits) - 1<<(maxBits-1)
			if rnd.IntN(4) == 0 {
				continue // leaves runs of empty blocks
			}
			for k := 1; k < 64; k++ {
				if rnd.IntN(64) < density {
					limit := 1 << (1 + rnd.IntN(maxBits))
					b[k] = rnd.IntN(2*limit-1) - limit + 1
				}
			}
		}
		d.Components = append(d.Components, c)
	}
	return d
}

// file writes the picture with the scans of a script.
func (d *drawing) file(script []step) []byte {
	scans := make([]jpegfile.Scan, len(script))
	for i, s := range script {
		scans[i] = jpegfile.Scan{Of: s.of, First: s.first, Last: s.last, High: s.high, Low: s.low}
	}
	return d.Encode(scans...)
}
