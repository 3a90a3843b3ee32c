package vp8l

import (
	"encoding/binary"
	"io"
)

// bitReader reads bits, the lowest of a byte first. Beyond the data it reads zeros: [bitReader.overrun] says whether
// any of them were read.
type bitReader struct {
	data []byte
	pos  int    // position of the next byte, which may be beyond the data
	bits uint64 // the next bits
	n    uint   // how many of the bits are valid; those above may be bits of the next bytes
}

// fill reads bytes until n is at least 56.
func (r *bitReader) fill() {
	r.bits |= load(r.data, r.pos) << (r.n & 63)
	r.pos += int(63-r.n) >> 3
	r.n |= 56
}

// load returns eight bytes, with zeros beyond the data.
func load(data []byte, pos int) uint64 {
	if pos+8 <= len(data) {
		return binary.LittleEndian.Uint64(data[pos:])
	}
	return loadLast(data, pos)
}

// loadLast is load at the end of the data. It is not inlined into the loop over pixels, where it would take registers.
//
//go:noinline
func loadLast(data []byte, pos int) uint64 {
	var v uint64
	for i := len(data) - 1; i >= pos; i-- {
		v = v<<8 | uint64(data[i])
	}
	return v
}

// read returns a number of at most 32 bits.
func (r *bitReader) read(count uint) int {
	if r.n < count {
		r.fill()
	}
	v := r.bits & (1<<count - 1)
	r.bits >>= count
	r.n -= count
	return int(v)
}

func (r *bitReader) flag() bool { return r.read(1) != 0 }

// overrun returns [io.ErrUnexpectedEOF] if bits beyond the data were read.
func (r *bitReader) overrun() error {
	if 8*r.pos-int(r.n) > 8*len(r.data) {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// fault returns why reading failed: io.ErrUnexpectedEOF if the data have ended, and otherwise err.
func (r *bitReader) fault(err error) error {
	if cut := r.overrun(); cut != nil {
		return cut
	}
	return err
}
