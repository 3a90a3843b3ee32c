package pngscan

import (
	"encoding/binary"
	"sync"
)

const (
	inWindow  = 64 << 10    // of deflated bytes, copied together from the chunks
	inSlack   = 64          // zeros after the last of them, for loads that reach beyond
	history   = 32 << 10    // how far back a match may reach
	outWindow = 64 << 10    // of inflated bytes at once, after the history
	outSlack  = 3 + 258 + 7 // three literals and the longest match, whose last store may go beyond it
	atOnce    = 32          // bytes, more than a literal run with a match after it takes
)

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// inflater inflates a zlib stream (RFC 1950, RFC 1951). It keeps about 180 KB.
//
//   - acc holds the next bits, the first in the lowest place;
//   - bits is the number of them that were read from the window;
//   - pos is the next byte of the window to read.
type inflater struct {
	acc  uint64
	bits uint
	pos  int

	stream *stream
	piece  []byte // what of the chunk is not in the window yet
	end    int    // of the data in the window
	limit  int    // pos beyond which there is something to do
	ended  bool   // there is no more data than in the window

	at     int // in the output, the next byte
	from   int // in the output, the first byte that is not written yet
	write  func([]byte) error
	failed bool // write returned an error

	lit  [litTable]uint32
	dist [distTable]uint32
	in   [inWindow + inSlack]byte
	out  [history + outWindow + outSlack]byte
}

// run inflates a stream in pieces that write gets. An error of write ends it, and is returned. Whatever else ends it,
// write gets all that was inflated before. If the stream is whole, run returns the checksum that follows it, and whether
// that is there.
func (f *inflater) run(s *stream, write func([]byte) error) (sum uint32, checked bool, err error) {
	f.acc, f.bits, f.pos, f.end, f.at, f.from = 0, 0, 0, 0, 0, 0
	f.stream, f.piece, f.ended, f.write, f.failed = s, nil, false, write, false
	defer func() { f.stream, f.piece, f.write = nil, nil, nil }()
	err = f.blocks()
	if !f.failed {
		if failure := f.flush(); failure != nil {
			return 0, false, failure
		}
	}
	if err != nil {
		return 0, false, err
	}
	f.take(f.bits & 7)
	f.load()
	for range 4 {
		sum = sum<<8 | uint32(f.take(8))
	}
	return sum, f.bitsLeft() >= 0, nil
}

// blocks inflates the blocks of the stream. The size of the window in its header means nothing: all of 32 KB is kept,
// and some encoders write less than they use.
func (f *inflater) blocks() error {
	f.fill()
	f.load()
	head := f.take(16)
	if f.bitsLeft() < 0 {
		return f.stream.ended()
	}
	if method, order := head&0xff, head>>8|head&0xff<<8; method&15 != 8 || method>>4 > 7 || order%31 != 0 || head>>13&1 != 0 {
		if err := f.stream.tolerate(corrupt("the data of the pixels do not begin as they should")); err != nil {
			return err
		}
	}
	for last := false; !last; {
		f.load()
		last = f.take(1) == 1
		var err error
		switch f.take(2) {
		case 0:
			err = f.stored()
		case 1:
			err = f.codes(&fixedLit, &fixedDist)
		case 2:
			if err = f.tables(); err == nil {
				err = f.codes(&f.lit, &f.dist)
			}
		default:
			err = corrupt("a block of unknown type")
		}
		if f.bitsLeft() < 0 && !f.failed { // what is wrong, if anything, is that zeros were read instead of data
			return f.stream.ended()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bitsLeft returns how many bits of the window are not used yet. It is negative when more were used than there are.
func (f *inflater) bitsLeft() int { return 8*(f.end-f.pos) + int(f.bits) }

// load makes acc hold at least 56 bits, and makes the window ready where that needs it.
func (f *inflater) load() {
	if f.pos > f.limit {
		f.fill()
	}
	if f.pos <= inWindow+inSlack-8 { // beyond it, the data have ended long before
		f.acc |= binary.LittleEndian.Uint64(f.in[f.pos:]) << (f.bits & 63)
		f.pos += int((63 - f.bits) >> 3)
		f.bits |= 56
	}
}

// take returns the next n bits, which acc must hold.
func (f *inflater) take(n uint) uint {
	v := uint(f.acc & (1<<n - 1))
	f.acc >>= n
	f.bits -= n
	return v
}

// fill moves the rest of the window to its beginning and appends as much data as fits.
func (f *inflater) fill() {
	if f.ended {
		return
	}
	f.end = copy(f.in[:], f.in[f.pos:f.end])
	f.pos = 0
	for f.end < inWindow {
		if len(f.piece) == 0 {
			p, ok := f.stream.next()
			if !ok {
				f.ended = true
				break
			}
			f.piece = p
			continue
		}
		n := copy(f.in[f.end:inWindow], f.piece)
		f.end += n
		f.piece = f.piece[n:]
	}
	f.limit = f.end - atOnce
	if f.ended {
		clear(f.in[f.end : f.end+inSlack])
	}
}

// flush writes the inflated bytes and keeps the history.
func (f *inflater) flush() error {
	err := f.write(f.out[f.from:f.at])
	f.failed = err != nil
	f.at = copy(f.out[:], f.out[max(f.at-history, 0):f.at])
	f.from = f.at
	return err
}

// stored copies a block that is not compressed (RFC 1951, 3.2.4).
func (f *inflater) stored() error {
	f.take(f.bits & 7)
	f.load()
	n, inverse := int(f.take(16)), int(f.take(16))
	if n != ^inverse&0xffff {
		return corrupt("the length of a stored block")
	}
	if f.bitsLeft() < 0 {
		return f.stream.ended()
	}
	f.pos -= int(f.bits / 8) // whole bytes of acc go back
	f.acc, f.bits = 0, 0
	for n > 0 {
		if f.pos >= f.end {
			if f.fill(); f.pos >= f.end {
				return f.stream.ended()
			}
		}
		if f.at >= history+outWindow {
			if err := f.flush(); err != nil {
				return err
			}
		}
		m := copy(f.out[f.at:history+outWindow], f.in[f.pos:min(f.end, f.pos+n)])
		f.at, f.pos, n = f.at+m, f.pos+m, n-m
	}
	return nil
}

// codes inflates a block of literals and matches (RFC 1951, 3.2.3). A load gives at least 56 bits: three literals, of
// at most 15 bits each; or a length with its extra bits and a distance with its, at most 20 and 28.
func (f *inflater) codes(lit *[litTable]uint32, dist *[distTable]uint32) error {
	acc, n, pos, at := f.acc, f.bits, f.pos, f.at
	out := &f.out
	for {
		if pos > f.limit {
			f.acc, f.bits, f.pos, f.at = acc, n, pos, at
			if f.fill(); f.pos > f.limit {
				return f.lastCodes(lit, dist)
			}
			pos = f.pos
		}
		if at >= history+outWindow {
			f.at = at
			if err := f.flush(); err != nil {
				return err
			}
			at = f.at
		}
		acc |= binary.LittleEndian.Uint64(f.in[pos:]) << (n & 63)
		pos += int((63 - n) >> 3)
		n |= 56
		e := lit[acc&(1<<litBits-1)]
		for range 3 {
			if e&second != 0 {
				acc >>= litBits
				n -= litBits
				e = lit[(e>>valueShift+uint32(acc)&(1<<(e>>extraShift&15)-1))&(litTable-1)]
			}
			if e&literal == 0 {
				break
			}
			acc >>= e & lengthMask
			n -= uint(e & lengthMask)
			out[at] = byte(e >> valueShift)
			at++
			e = lit[acc&(1<<litBits-1)]
		}
		if e&(literal|second) != 0 {
			continue // the three were literals; what follows is looked up again
		}
		acc >>= e & lengthMask
		n -= uint(e & lengthMask)
		if e&endOfBlock != 0 {
			f.acc, f.bits, f.pos, f.at = acc, n, pos, at
			return nil
		}
		if e == 0 {
			f.acc, f.bits, f.pos, f.at = acc, n, pos, at
			return corrupt("a code of a literal or length")
		}
		acc |= binary.LittleEndian.Uint64(f.in[pos:]) << (n & 63)
		pos += int((63 - n) >> 3)
		n |= 56
		extra := e >> extraShift & 15
		length := int(e>>valueShift) + int(acc&(1<<extra-1))
		acc >>= extra
		n -= uint(extra)
		e = dist[acc&(1<<distBits-1)]
		if e&second != 0 {
			acc >>= distBits
			n -= distBits
			e = dist[(e>>valueShift+uint32(acc)&(1<<(e>>extraShift&15)-1))&(distTable-1)]
		}
		acc >>= e & lengthMask
		n -= uint(e & lengthMask)
		extra = e >> extraShift & 15
		back := int(e>>valueShift) + int(acc&(1<<extra-1))
		acc >>= extra
		n -= uint(extra)
		if e == 0 || back > at {
			f.acc, f.bits, f.pos, f.at = acc, n, pos, at
			return corrupt("a distance")
		}
		repeat(out, at, back, length)
		at += length
	}
}

// lastCodes is codes for the last bytes of a stream. It checks after each code that the data have not ended in it, so that
// nothing is inflated from the zeros behind them.
func (f *inflater) lastCodes(lit *[litTable]uint32, dist *[distTable]uint32) error {
	for {
		if f.at >= history+outWindow {
			if err := f.flush(); err != nil {
				return err
			}
		}
		f.load()
		e := f.lookup(lit[:], litBits)
		if f.bitsLeft() < 0 {
			return f.stream.ended()
		}
		switch {
		case e == 0:
			return corrupt("a code of a literal or length")
		case e&literal != 0:
			f.out[f.at] = byte(e >> valueShift)
			f.at++
			continue
		case e&endOfBlock != 0:
			return nil
		}
		length := f.extra(e)
		f.load()
		d := f.lookup(dist[:], distBits)
		back := f.extra(d)
		if f.bitsLeft() < 0 {
			return f.stream.ended()
		}
		if d == 0 || back > f.at {
			return corrupt("a distance")
		}
		repeat(&f.out, f.at, back, length)
		f.at += length
	}
}

// lookup takes the next code, whose first lookup has so many bits, and returns its entry.
func (f *inflater) lookup(table []uint32, first uint) uint32 {
	e := table[f.acc&(1<<first-1)]
	if e&second != 0 {
		f.take(first)
		e = table[(e>>valueShift+uint32(f.acc)&(1<<(e>>extraShift&15)-1))&uint32(len(table)-1)]
	}
	f.take(uint(e & lengthMask))
	return e
}

// extra takes the extra bits of a code and returns its value.
func (f *inflater) extra(e uint32) int {
	return int(e>>valueShift) + int(f.take(uint(e>>extraShift&15)))
}

// repeat copies length bytes from back bytes before at, where they may not all be yet. It may write up to 7 bytes more.
func repeat(out *[history + outWindow + outSlack]byte, at, back, length int) {
	if back < 8 {
		src := out[at-back:][:length]
		for i, dst := 0, out[at:][:length]; i < len(dst); i++ {
			dst[i] = src[i]
		}
		return
	}
	src, dst := out[at-back:], out[at:]
	for i := 0; i < length; i += 8 {
		binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(src[i:]))
	}
}
