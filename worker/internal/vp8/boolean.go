package vp8

import (
	"encoding/binary"
	"math/bits"
)

// even is a probability of 1/2 (7.3).
const even = 128

// booleans decodes the bits of a partition (7). Probabilities are those of a zero, in 1/256.
type booleans struct {
	data    []byte // bytes not yet in value
	value   uint64 // bits that were read but not decoded
	ahead   int    // bits in value beyond the 8 that the next decision needs
	span    uint32 // range minus 1, 127 to 254
	overrun bool   // a decision needed bytes beyond the end
}

func newBooleans(data []byte) booleans { return booleans{data: data, ahead: -8, span: 254} }

// load adds seven bytes to value, or one byte near the end of the data, or zeros after it.
func (b *booleans) load() {
	switch {
	case len(b.data) >= 8:
		b.value = b.value<<56 | binary.BigEndian.Uint64(b.data)>>8
		b.ahead += 56
		b.data = b.data[7:]
	case len(b.data) > 0:
		b.value = b.value<<8 | uint64(b.data[0])
		b.ahead += 8
		b.data = b.data[1:]
	default:
		b.value <<= 8
		b.ahead += 8
		b.overrun = true
	}
}

// bit decodes a bit that is zero with the given probability.
func (b *booleans) bit(probability uint8) bool {
	if b.ahead < 0 {
		b.load()
	}
	ahead := uint(b.ahead) & 63
	split := b.span * uint32(probability) >> 8
	one := uint32(b.value>>ahead) > split
	span := split + 1
	if one {
		span = b.span - split
		b.value -= uint64(split+1) << ahead
	}
	shift := bits.LeadingZeros8(uint8(span))
	b.span = span<<shift - 1
	b.ahead -= shift
	return one
}

// bit01 is [booleans.bit] with a number as its result.
func (b *booleans) bit01(probability uint8) int32 {
	if b.bit(probability) {
		return 1
	}
	return 0
}

// signed returns a value with the sign of the next bit. It does what [booleans.bit] does for an even probability, in
// cases in which the range always halves: only the first decision of a partition has the range 255, and a sign is never
// the first.
func (b *booleans) signed(v int32) int32 {
	if b.ahead < 0 {
		b.load()
	}
	ahead := uint(b.ahead) & 63
	split := b.span >> 1
	negative := int32(split-uint32(b.value>>ahead)) >> 31 // 0 or -1
	b.value -= uint64((split+1)&uint32(negative)) << ahead
	b.span = (b.span + uint32(negative)) | 1
	b.ahead--
	return v ^ negative - negative
}

func (b *booleans) flag() bool { return b.bit(even) }

// unsigned decodes a number of n bits, the highest first.
func (b *booleans) unsigned(n int) int {
	v := 0
	for range n {
		v = v<<1 | int(b.bit01(even))
	}
	return v
}

// optional decodes a flag and, if that is set, a number of n bits and its sign. Otherwise it returns 0.
func (b *booleans) optional(n int) int {
	if !b.flag() {
		return 0
	}
	v := b.unsigned(n)
	if b.flag() {
		return -v
	}
	return v
}
