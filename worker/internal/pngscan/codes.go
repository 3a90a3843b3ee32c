package pngscan

import "encoding/binary"

// codes inflates a block of literals and matches (RFC 1951, 3.2.3). A load gives at least 56 bits, which is enough for
// three literals of at most 15 bits each, or for a length and a distance with their extra bits, at most 20 and 28 bits.
func (f *inflater) codes(lit *[litTable]uint32, dist *[distTable]uint32) error {
	acc, n, pos, outPos := f.acc, f.bits, f.pos, f.outPos
	out := &f.out
	for {
		if pos > f.limit {
			f.acc, f.bits, f.pos, f.outPos = acc, n, pos, outPos
			if f.fill(); f.pos > f.limit {
				return f.lastCodes(lit, dist)
			}
			pos = f.pos
		}
		if outPos >= history+outWindow {
			f.outPos = outPos
			if err := f.flush(); err != nil {
				return err
			}
			outPos = f.outPos
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
			out[outPos] = byte(e >> valueShift)
			outPos++
			e = lit[acc&(1<<litBits-1)]
		}
		if e&(literal|second) != 0 {
			continue // all three were literals; the next code is looked up again
		}
		acc >>= e & lengthMask
		n -= uint(e & lengthMask)
		if e&endOfBlock != 0 {
			f.acc, f.bits, f.pos, f.outPos = acc, n, pos, outPos
			return nil
		}
		if e == 0 {
			f.acc, f.bits, f.pos, f.outPos = acc, n, pos, outPos
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
		if e == 0 || back > outPos {
			f.acc, f.bits, f.pos, f.outPos = acc, n, pos, outPos
			return corrupt("a distance")
		}
		repeat(out, outPos, back, length)
		outPos += length
	}
}

// lastCodes is codes for the last bytes of a stream. After each code it checks that the data have not ended within it,
// so that the zeros after them are not inflated.
func (f *inflater) lastCodes(lit *[litTable]uint32, dist *[distTable]uint32) error {
	for {
		if f.outPos >= history+outWindow {
			if err := f.flush(); err != nil {
				return err
			}
		}
		f.load()
		e := f.lookup(lit[:], litBits)
		if f.bitsLeft() < 0 {
			return f.stream.endError()
		}
		switch {
		case e == 0:
			return corrupt("a code of a literal or length")
		case e&literal != 0:
			f.out[f.outPos] = byte(e >> valueShift)
			f.outPos++
			continue
		case e&endOfBlock != 0:
			return nil
		}
		length := f.extra(e)
		f.load()
		d := f.lookup(dist[:], distBits)
		back := f.extra(d)
		if f.bitsLeft() < 0 {
			return f.stream.endError()
		}
		if d == 0 || back > f.outPos {
			return corrupt("a distance")
		}
		repeat(&f.out, f.outPos, back, length)
		f.outPos += length
	}
}

// lookup consumes the next code and returns its entry. first is the number of bits of its first lookup.
func (f *inflater) lookup(table []uint32, first uint) uint32 {
	e := table[f.acc&(1<<first-1)]
	if e&second != 0 {
		f.take(first)
		e = table[(e>>valueShift+uint32(f.acc)&(1<<(e>>extraShift&15)-1))&uint32(len(table)-1)]
	}
	f.take(uint(e & lengthMask))
	return e
}

// extra consumes the extra bits of a code and returns its value.
func (f *inflater) extra(e uint32) int {
	return int(e>>valueShift) + int(f.take(uint(e>>extraShift&15)))
}

// repeat copies length bytes to pos from back bytes before it. Source and destination may overlap. repeat may write up
// to 7 bytes more.
func repeat(out *[history + outWindow + outSlack]byte, pos, back, length int) {
	if back < 8 {
		src := out[pos-back:][:length]
		for i, dst := 0, out[pos:][:length]; i < len(dst); i++ {
			dst[i] = src[i]
		}
		return
	}
	src, dst := out[pos-back:], out[pos:]
	for i := 0; i < length; i += 8 {
		binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(src[i:]))
	}
}
