package pngscan

import (
	"context"
	"encoding/binary"
	"sync"
)

const (
	inWindow  = 64 << 10    // deflated bytes, collected from the chunks
	inSlack   = 64          // zeros after the deflated bytes, for loads beyond the end
	history   = 32 << 10    // largest distance of a match
	outWindow = 64 << 10    // bytes to inflate at once, after the history
	outSlack  = 3 + 258 + 7 // three literals and the longest match, whose last store may write beyond it
	atOnce    = 32          // bytes: more than a run of literals and a match can take
)

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// inflater inflates a zlib stream (RFC 1950, RFC 1951). It keeps about 180 KB.
//
//   - acc holds the next bits, with the first bit in the lowest position;
//   - bits is the number of valid bits in acc;
//   - pos is the next byte of the window to read.
type inflater struct {
	acc  uint64
	bits uint
	pos  int

	stream *stream
	piece  []byte // rest of the chunk, not in the window yet
	end    int    // end of the data in the window
	limit  int    // position in the window at which fill is due
	ended  bool   // all remaining data are in the window

	outPos int // position of the next byte in out
	from   int // position in out of the first byte not passed to write yet
	write  func([]byte) error
	failed bool // write returned an error

	lit  [litTable]uint32
	dist [distTable]uint32
	in   [inWindow + inSlack]byte
	out  [history + outWindow + outSlack]byte
}

// run inflates a stream and passes it to write in pieces. It stops at an error of write, and returns it. If anything
// else ends the stream, write gets all bytes inflated before. If the stream is whole, run returns the checksum after
// it, and whether there is one.
func (f *inflater) run(ctx context.Context, s *stream, write func([]byte) error) (sum uint32, checked bool, err error) {
	f.acc, f.bits, f.pos, f.end, f.outPos, f.from = 0, 0, 0, 0, 0, 0
	f.stream, f.piece, f.ended, f.failed = s, nil, false, false
	f.write = func(p []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return write(p)
	}
	defer func() { f.stream, f.piece, f.write = nil, nil, nil }()
	err = f.blocks(ctx)
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

// blocks inflates the blocks of the stream. It ignores the window size in the header and always keeps 32 KB, because
// some encoders declare less than they use.
func (f *inflater) blocks(ctx context.Context) error {
	f.fill()
	f.load()
	head := f.take(16)
	if f.bitsLeft() < 0 {
		return f.stream.endError()
	}
	if method, order := head&0xff, head>>8|head&0xff<<8; method&15 != 8 || method>>4 > 7 || order%31 != 0 || head>>13&1 != 0 {
		if err := f.stream.tolerate(corrupt("the pixel data have an invalid zlib header")); err != nil {
			return err
		}
	}
	for last := false; !last; {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.load()
		last = f.take(1) == 1
		var err error
		switch f.take(2) {
		case 0:
			err = f.storedBlock()
		case 1:
			err = f.codes(&fixedLit, &fixedDist)
		case 2:
			if err = f.tables(); err == nil {
				err = f.codes(&f.lit, &f.dist)
			}
		default:
			err = corrupt("a block of unknown type")
		}
		if f.bitsLeft() < 0 && !f.failed { // if zeros beyond the data were read, that is the fault
			return f.stream.endError()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bitsLeft returns how many bits of the window are left. It is negative if bits beyond the end were used.
func (f *inflater) bitsLeft() int { return 8*(f.end-f.pos) + int(f.bits) }

// load fills acc to at least 56 bits, and refills the window if needed.
func (f *inflater) load() {
	if f.pos > f.limit {
		f.fill()
	}
	if f.pos <= inWindow+inSlack-8 { // further on, the data ended long ago
		f.acc |= binary.LittleEndian.Uint64(f.in[f.pos:]) << (f.bits & 63)
		f.pos += int((63 - f.bits) >> 3)
		f.bits |= 56
	}
}

// take consumes and returns the next n bits, which acc must hold.
func (f *inflater) take(n uint) uint {
	v := uint(f.acc & (1<<n - 1))
	f.acc >>= n
	f.bits -= n
	return v
}

// fill moves the rest of the window to its beginning and appends as many data as fit.
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
	err := f.write(f.out[f.from:f.outPos])
	f.failed = err != nil
	f.outPos = copy(f.out[:], f.out[max(f.outPos-history, 0):f.outPos])
	f.from = f.outPos
	return err
}

// storedBlock copies a block that is not compressed (RFC 1951, 3.2.4).
func (f *inflater) storedBlock() error {
	f.take(f.bits & 7)
	f.load()
	n, inverse := int(f.take(16)), int(f.take(16))
	if n != ^inverse&0xffff {
		return corrupt("the length of a stored block")
	}
	if f.bitsLeft() < 0 {
		return f.stream.endError()
	}
	f.pos -= int(f.bits / 8) // whole bytes in acc go back to the window
	f.acc, f.bits = 0, 0
	for n > 0 {
		if f.pos >= f.end {
			if f.fill(); f.pos >= f.end {
				return f.stream.endError()
			}
		}
		if f.outPos >= history+outWindow {
			if err := f.flush(); err != nil {
				return err
			}
		}
		m := copy(f.out[f.outPos:history+outWindow], f.in[f.pos:min(f.end, f.pos+n)])
		f.outPos, f.pos, n = f.outPos+m, f.pos+m, n-m
	}
	return nil
}
