package jpegscan

import (
	"image"
	"math/bits"
	"math/rand/v2"
)

// step is a scan of a script: of which components, which coefficients, and which of their bits.
type step struct {
	of          []int
	first, last int
	high, low   int
}

// drawing is a progressive picture to be: the coefficients of each component in whole MCUs.
type drawing struct {
	size     image.Point
	h, v     int // sampling of the first component
	interval int
	blocks   [][][64]int // by component, row by row, in zigzag order
}

func (d *drawing) factors(c int) (h, v int) {
	if c == 0 && len(d.blocks) > 1 {
		return d.h, d.v
	}
	return 1, 1
}

func (d *drawing) mcus() image.Point {
	h, v := d.factors(0)
	return image.Pt((d.size.X+8*h-1)/(8*h), (d.size.Y+8*v-1)/(8*v))
}

// newDrawing makes up a picture. Of its coefficients density in 64 are not 0, and they have as many bits as maxBits.
func newDrawing(rnd *rand.Rand, size image.Point, components, h, v, interval, density, maxBits int) *drawing {
	d := &drawing{size: size, h: h, v: v, interval: interval, blocks: make([][][64]int, components)}
	mcus := d.mcus()
	for c := range d.blocks {
		h, v := d.factors(c)
		d.blocks[c] = make([][64]int, mcus.X*mcus.Y*h*v)
		for i := range d.blocks[c] {
			b := &d.blocks[c][i]
			b[0] = rnd.IntN(1<<maxBits) - 1<<(maxBits-1)
			if rnd.IntN(4) == 0 {
				continue // so that there are runs of blocks
			}
			for k := 1; k < 64; k++ {
				if rnd.IntN(64) < density {
					limit := 1 << (1 + rnd.IntN(maxBits))
					b[k] = rnd.IntN(2*limit-1) - limit + 1
				}
			}
		}
	}
	return d
}

// file writes the picture by a script, up to its end of image.
func (d *drawing) file(script []step) []byte {
	out := []byte{0xff, markerSOI, 0xff, markerDQT, 0, 67, 0}
	for k := range 64 {
		out = append(out, byte(1+k/3))
	}
	n := len(d.blocks)
	out = append(out, 0xff, markerSOF2, 0, byte(8+3*n), 8, byte(d.size.Y>>8), byte(d.size.Y), byte(d.size.X>>8), byte(d.size.X), byte(n))
	for c := range n {
		h, v := d.factors(c)
		out = append(out, byte(c+1), byte(h<<4|v), 0)
	}
	if d.interval > 0 {
		out = append(out, 0xff, markerDRI, 0, 4, byte(d.interval>>8), byte(d.interval))
	}
	for i, s := range script {
		if i%3 == 0 {
			out = append(out, codes(0x00)...)
			out = append(out, codes(0x10)...)
		}
		out = append(out, 0xff, markerSOS, 0, byte(6+2*len(s.of)), byte(len(s.of)))
		for _, c := range s.of {
			out = append(out, byte(c+1), 0)
		}
		out = append(out, byte(s.first), byte(s.last), byte(s.high<<4|s.low))
		out = append(out, d.scan(s)...)
	}
	return append(out, 0xff, markerEOI)
}

// scanWriter writes one scan.
type scanWriter struct {
	bitWriter
	step
	last        [3]int
	run         int   // blocks whose end is not written yet
	corrections []int // bits that come after that
}

// scan returns the data of a scan.
func (d *drawing) scan(s step) []byte {
	w := &scanWriter{step: s}
	units, restarts := 0, 0
	unit := func() {
		if d.interval > 0 && units == d.interval {
			w.end()
			w.flush()
			w.out = append(w.out, 0xff, markerRST0+byte(restarts&7))
			units, w.last = 0, [3]int{}
			restarts++
		}
		units++
	}
	mcus := d.mcus()
	if len(s.of) > 1 {
		for y := range mcus.Y {
			for x := range mcus.X {
				unit()
				for _, c := range s.of {
					h, v := d.factors(c)
					for i := range h * v {
						w.first(c, &d.blocks[c][(y*v+i/h)*mcus.X*h+x*h+i%h])
					}
				}
			}
		}
	} else {
		c := s.of[0]
		h, v := d.factors(c)
		leadH, leadV := d.factors(0)
		for y := range (d.size.Y*v/leadV + d.size.Y*v%leadV + 7) / 8 {
			for x := range (d.size.X*h/leadH + d.size.X*h%leadH + 7) / 8 {
				unit()
				b := &d.blocks[c][y*mcus.X*h+x]
				switch {
				case s.first == 0:
					w.first(c, b)
				case s.high == 0:
					w.band(b)
				default:
					w.refine(b)
				}
			}
		}
	}
	w.end()
	w.flush()
	return w.out
}

// value writes the size bits of a value (F.1.2.1).
func (w *scanWriter) value(v, size int) {
	if v < 0 {
		v--
	}
	w.bits(v, size)
}

func size(v int) int { return bits.Len(uint(max(v, -v))) }

// first writes the first coefficient of a block.
func (w *scanWriter) first(c int, b *[64]int) {
	v := b[0] >> w.low
	if w.high > 0 {
		w.bits(v, 1)
		return
	}
	diff := v - w.last[c]
	w.last[c] = v
	w.symbol(size(diff))
	w.value(diff, size(diff))
}

// reduced returns a coefficient without the bits that are for later scans.
func (w *scanWriter) reduced(v int) int { return v / (1 << w.low) }

// end writes that so many blocks have nothing more.
func (w *scanWriter) end() {
	if w.run > 0 {
		n := bits.Len(uint(w.run)) - 1
		w.symbol(n << 4)
		w.bits(w.run, n)
		w.run = 0
	}
	w.correct()
}

func (w *scanWriter) correct() {
	for _, bit := range w.corrections {
		w.bits(bit, 1)
	}
	w.corrections = w.corrections[:0]
}

// band writes a band for the first time.
func (w *scanWriter) band(b *[64]int) {
	zeros := 0
	for k := w.step.first; k <= w.step.last; k++ {
		v := w.reduced(b[k])
		if v == 0 {
			zeros++
			continue
		}
		w.end()
		for ; zeros > 15; zeros -= 16 {
			w.symbol(0xf0)
		}
		w.symbol(zeros<<4 | size(v))
		w.value(v, size(v))
		zeros = 0
	}
	if zeros > 0 {
		w.block()
	}
}

// block counts a block that has nothing more.
func (w *scanWriter) block() {
	if w.run++; w.run == 1<<15-1 {
		w.end()
	}
}

// refine writes the next bit of a band.
func (w *scanWriter) refine(b *[64]int) {
	final := 0 // the last coefficient that is new
	for k := w.step.first; k <= w.step.last; k++ {
		if size(w.reduced(b[k])) == 1 {
			final = k
		}
	}
	zeros := 0
	var own []int // corrections of this block since its last code
	code := func(symbol int) {
		w.end()
		w.symbol(symbol)
	}
	for k := w.step.first; k <= w.step.last; k++ {
		v := w.reduced(b[k])
		switch {
		case v == 0:
			if zeros++; zeros == 16 && k < final {
				code(0xf0)
				w.corrections = append(w.corrections, own...)
				w.correct()
				own, zeros = nil, 0
			}
		case size(v) > 1:
			own = append(own, max(v, -v)&1)
		default:
			code(zeros<<4 | 1)
			w.bits(max(v, 0), 1)
			w.corrections = append(w.corrections, own...)
			w.correct()
			own, zeros = nil, 0
		}
	}
	if zeros > 0 || len(own) > 0 {
		w.corrections = append(w.corrections, own...)
		w.block()
	}
}
