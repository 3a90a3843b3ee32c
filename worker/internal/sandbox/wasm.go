package sandbox

import "encoding/binary"

// wasm reads the binary format of WebAssembly 2.0. Section numbers are those of its specification. After an error it
// returns zeros.
type wasm struct {
	data   []byte
	pos    int
	failed bool // the data ended too early or make no sense
}

func (r *wasm) byte() byte {
	if b := r.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (r *wasm) bytes(n int) []byte {
	if n < 0 || n > len(r.data)-r.pos {
		r.failed, r.pos = true, len(r.data)
		return nil
	}
	r.pos += n
	return r.data[r.pos-n : r.pos]
}

// u32 reads an unsigned number of up to 32 bits (5.2.2).
func (r *wasm) u32() uint32 {
	v, n := binary.Uvarint(r.data[r.pos:])
	if n <= 0 || v >= 1<<32 {
		r.failed, r.pos = true, len(r.data)
		return 0
	}
	r.pos += n
	return uint32(v)
}

// s32 reads a signed number of up to 32 bits.
func (r *wasm) s32() int32 {
	v, shift := int64(0), 0
	for shift < 35 {
		b := r.byte()
		v |= int64(b&0x7f) << shift
		if shift += 7; b < 0x80 {
			return int32(v << (64 - shift) >> (64 - shift))
		}
	}
	r.failed = true
	return 0
}

// skip skips a number of any size.
func (r *wasm) skip() {
	for r.byte() >= 0x80 {
	}
}

// Instructions (5.4).
const (
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opEnd          = 0x0b
	opCall         = 0x10
	opCallIndirect = 0x11
	opI32Const     = 0x41
	opMisc         = 0xfc // prefix: saturating truncation and bulk memory
	opVector       = 0xfd // prefix
	opShuffle      = 0x0d // i8x16.shuffle, after opVector
	lastPlain      = 0xc4 // the last instruction that has one byte
)

// instruction skips one instruction and returns its first byte.
func (r *wasm) instruction() byte {
	op := r.byte()
	switch {
	case op >= 0x02 && op <= 0x04, // block, loop, if: a type
		op == 0x0c, op == 0x0d, // br, br_if
		op == 0x10,               // call
		op >= 0x20 && op <= 0x26, // variables and tables
		op == 0x3f, op == 0x40,   // memory.size, memory.grow
		op == opI32Const, op == 0x42, // i64.const
		op == 0xd0, op == 0xd2: // references
		r.skip()
	case op == 0x0e: // br_table
		for range r.u32() + 1 {
			r.skip()
		}
	case op == 0x11, op >= 0x28 && op <= 0x3e: // call_indirect, loads and stores
		r.skip()
		r.skip()
	case op == 0x1c: // select with types
		for range r.u32() {
			r.skip()
		}
	case op == 0x43:
		r.bytes(4)
	case op == 0x44:
		r.bytes(8)
	case op == opMisc:
		r.misc()
	case op == opVector:
		r.vector()
	case op <= 0x01, op == 0x05, op == opEnd, op == 0x0f, op == 0x1a, op == 0x1b, op >= 0x45 && op <= lastPlain, op == 0xd1:
	default:
		r.failed = true
	}
	return op
}

func (r *wasm) misc() {
	switch sub := r.u32(); {
	case sub <= 7: // saturating truncation
	case sub == 9, sub == 11, sub == 13, sub >= 15 && sub <= 17: // one index
		r.skip()
	case sub == 8, sub == 10, sub == 12, sub == 14: // two
		r.skip()
		r.skip()
	default:
		r.failed = true
	}
}

func (r *wasm) vector() {
	switch sub := r.u32(); {
	case sub <= 11, sub == 92, sub == 93: // loads and stores
		r.skip()
		r.skip()
	case sub == 12, sub == opShuffle: // v128.const, i8x16.shuffle
		r.bytes(16)
	case sub >= 21 && sub <= 34: // lanes
		r.byte()
	case sub >= 84 && sub <= 91: // loads and stores of a lane
		r.skip()
		r.skip()
		r.byte()
	case sub <= 255:
	default:
		r.failed = true
	}
}
