package jpegfile

import "math/bits"

// bitWriter writes entropy-coded data (F.1.2.3).
type bitWriter struct {
	out  []byte
	acc  uint32
	size int
}

func (w *bitWriter) bits(value, n int) {
	for n--; n >= 0; n-- {
		w.acc = w.acc<<1 | uint32(value>>n&1)
		if w.size++; w.size == 8 {
			if w.out = append(w.out, byte(w.acc)); byte(w.acc) == 0xff {
				w.out = append(w.out, 0)
			}
			w.acc, w.size = 0, 0
		}
	}
}

func (w *bitWriter) flush() {
	for w.size > 0 {
		w.bits(1, 1)
	}
}

// dcBits is the length of all codes of DC.
const dcBits = 5

// Codes of AC have 8 bits, up to the last few symbols, whose codes are longer than any look-ahead of a decoder.
const shortCodes = 0xe2

func dcTable() []byte {
	s := make([]byte, 17, 17+16)
	s[dcBits] = 16
	for i := range 16 {
		s = append(s, byte(i))
	}
	return Segment(dht, s...)
}

func acTable() []byte {
	s := make([]byte, 17, 17+255)
	s[0], s[8], s[14] = 0x10, shortCodes, 255-shortCodes
	for i := range 255 {
		s = append(s, byte(i))
	}
	return Segment(dht, s...)
}

func (w *bitWriter) symbol(s int) {
	if s < shortCodes {
		w.bits(s, 8)
		return
	}
	w.bits(shortCodes<<6+s-shortCodes, 14)
}

// value writes the size bits of a value (F.1.2.1).
func (w *bitWriter) value(v, size int) {
	if v < 0 {
		v--
	}
	w.bits(v, size)
}

func size(v int) int { return bits.Len(uint(max(v, -v))) }

// scanWriter writes one scan.
type scanWriter struct {
	bitWriter
	Scan
	progressive bool
	last        []int // DC of the block before, by component
	run         int   // consecutive blocks whose band has ended, not written yet
	corrections []int // bits that come after that
}

// scan returns the data of a scan.
func (f *File) scan(s Scan) []byte {
	w := &scanWriter{Scan: s, progressive: f.Progressive, last: make([]int, len(f.Components))}
	units, restarts := 0, 0
	unit := func() {
		if f.Interval > 0 && units == f.Interval {
			w.end()
			w.flush()
			w.out = append(w.out, 0xff, rst0+byte(restarts&7))
			units = 0
			clear(w.last)
			restarts++
		}
		units++
	}
	most, mcusX, mcusY := f.mcus()
	if len(s.Of) == 1 { // the blocks are in rows, without those that only complete MCUs (A.2.2)
		c := s.Of[0]
		p := &f.Components[c]
		h, v := p.H, p.V
		if len(f.Components) == 1 {
			most = [2]int{h, v}
		}
		for y := range (f.Height*v + 8*most[1] - 1) / (8 * most[1]) {
			for x := range (f.Width*h + 8*most[0] - 1) / (8 * most[0]) {
				unit()
				w.block(c, &p.Blocks[y*mcusX*h+x])
			}
		}
	} else {
		for m := range mcusX * mcusY {
			unit()
			for _, c := range s.Of {
				p := &f.Components[c]
				for i := range p.H * p.V {
					w.block(c, &p.Blocks[(m/mcusX*p.V+i/p.H)*mcusX*p.H+m%mcusX*p.H+i%p.H])
				}
			}
		}
	}
	w.end()
	w.flush()
	return w.out
}

func (w *scanWriter) block(c int, b *[64]int) {
	switch {
	case !w.progressive:
		w.dc(c, b)
		w.ac(b)
	case w.First == 0:
		w.dc(c, b)
	case w.High == 0:
		w.band(b)
	default:
		w.refine(b)
	}
}

// dc writes the first coefficient of a block.
func (w *scanWriter) dc(c int, b *[64]int) {
	v := b[0] >> w.Low
	if w.High > 0 {
		w.bits(v, 1)
		return
	}
	diff := v - w.last[c]
	w.last[c] = v
	w.bits(size(diff), dcBits)
	w.value(diff, size(diff))
}

// ac writes the other coefficients of a block of a sequential scan (F.1.2.2).
func (w *scanWriter) ac(b *[64]int) {
	zeros := 0
	for _, v := range b[1:] {
		if v == 0 {
			zeros++
			continue
		}
		for ; zeros > 15; zeros -= 16 {
			w.symbol(0xf0)
		}
		w.symbol(zeros<<4 | size(v))
		w.value(v, size(v))
		zeros = 0
	}
	if zeros > 0 {
		w.symbol(0)
	}
}

// reduced returns a coefficient without the bits that later scans bring.
func (w *scanWriter) reduced(v int) int { return v / (1 << w.Low) }

// end writes the code that ends the band in the pending run of blocks (G.1.2.2), and the corrections after it.
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

// band writes a band for the first time (G.1.2.2).
func (w *scanWriter) band(b *[64]int) {
	zeros := 0
	for k := w.First; k <= w.Last; k++ {
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
		w.finished()
	}
}

// finished counts a block that has no further coefficients in the band.
func (w *scanWriter) finished() {
	if w.run++; w.run == 1<<15-1 {
		w.end()
	}
}

// refine writes the next bit of a band (G.1.2.3).
func (w *scanWriter) refine(b *[64]int) {
	final := 0 // the last coefficient that is new
	for k := w.First; k <= w.Last; k++ {
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
	for k := w.First; k <= w.Last; k++ {
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
		w.finished()
	}
}
