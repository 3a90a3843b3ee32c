package hevc

import (
	"encoding/binary"
	"math/bits"
)

// cabac is the arithmetic decoding engine (9.3.4.3).
//
// value is ivlOffset followed by ahead more bits of the data. Instead of shifting value to the left with each bit, the
// engine compares ivlCurrRange at ever lower positions of it. Beyond the end of the data it reads zeros.
type cabac struct {
	data  []byte
	pos   int    // next byte of data to read
	value uint64 // 9+ahead bits
	width uint32 // ivlCurrRange, 256 to 510
	ahead int    // bits; at least minAhead before each bin
}

// minAhead is the most bits that a bin can take.
const minAhead = 8

// start initialises the engine at a byte of the data (9.3.2.5). ivlOffset must be less than ivlCurrRange, here and
// after each bin; otherwise groups of bins come out too large. No valid data starts with 510 or 511, so start treats
// such data as too short.
func (c *cabac) start(data []byte, pos int) {
	*c = cabac{data: data, pos: pos, width: 510, ahead: -9}
	c.fill()
	if c.value>>(uint(c.ahead)&63) >= uint64(c.width) {
		c.value, c.pos = 0, len(data)+8
	}
}

// fill reads four more bytes.
func (c *cabac) fill() {
	var next uint32
	if c.pos+4 <= len(c.data) {
		next = binary.BigEndian.Uint32(c.data[c.pos:])
	} else {
		for i := range 4 {
			next <<= 8
			if c.pos+i < len(c.data) {
				next |= uint32(c.data[c.pos+i])
			}
		}
	}
	c.pos += 4
	c.value = c.value<<32 | uint64(next)
	c.ahead += 32
}

// pastEnd reports whether more bits have been used than exist.
func (c *cabac) pastEnd() bool { return c.nextByte() > len(c.data) }

// nextByte returns the index of the next byte after a bin for termination was 1. All bits before it belong to earlier
// bins: the engine has read 9 bits and those that it shifted out, and the last of these is the stop bit or an alignment
// bit (9.3.2.5, 9.3.4.3.5).
func (c *cabac) nextByte() int { return c.pos - c.ahead/8 }

// Tables of the engine by state, which is pStateIdx with valMps as its lowest bit.
var (
	lpsWidths  [512]uint8 // rangeTabLps by qRangeIdx<<7|state (table 9-52)
	nextStates [256]uint8 // indexed by state<<1, with 1 added for the less probable symbol (table 9-53)
)

func init() {
	for state := range 64 {
		for mps := range 2 {
			s := state<<1 | mps
			for q := range 4 {
				lpsWidths[q<<7|s] = rangeTabLPS[state][q]
			}
			nextStates[s<<1] = uint8(min(state+1, 62)<<1 | mps)
			if state == 63 {
				nextStates[s<<1] = uint8(s)
			}
			flipped := mps
			if state == 0 {
				flipped ^= 1
			}
			nextStates[s<<1|1] = transIdxLPS[state]<<1 | uint8(flipped)
		}
	}
}

// bin decodes a bin with a context (9.3.4.3.2). It has no branches, because bins are hard to predict.
func (c *cabac) bin(state *uint8) uint32 {
	s := uint32(*state) & 127
	lps := uint32(lpsWidths[(c.width&0xc0)<<1|s])
	mps := c.width - lps
	scaled := uint64(mps) << (uint(c.ahead) & 63)
	isLPS := ^uint64(int64(c.value-scaled) >> 63) // all ones, or 0 for the more probable symbol
	c.value -= scaled & isLPS
	width := mps ^ (mps^lps)&uint32(isLPS)
	shift := bits.LeadingZeros32(width) - 23
	c.width = width << (uint(shift) & 31)
	less := uint32(isLPS) & 1
	*state = nextStates[s<<1|less]
	if c.ahead -= shift; c.ahead < minAhead {
		c.fill()
	}
	return s&1 ^ less
}

// bypass decodes a bin without a context (9.3.4.3.4).
func (c *cabac) bypass() uint32 {
	c.ahead--
	scaled := uint64(c.width) << (uint(c.ahead) & 63)
	one := ^uint64(int64(c.value-scaled) >> 63)
	c.value -= scaled & one
	if c.ahead < minAhead {
		c.fill()
	}
	return uint32(one) & 1
}

// Bins without a context are the digits of the quotient of value and width. Up to peeked of them are read at once, by a
// multiplication instead of a division. If ahead is peekAhead, there are enough bits for them and for the next bin.
const (
	peeked          = 16
	peekAhead       = peeked + minAhead
	reciprocalShift = 38
)

// reciprocals holds 1<<reciprocalShift/width, rounded up, by width-256. A dividend n of 9+peeked bits, multiplied by
// one and shifted down, is n/width rounded down: the error of the product is less than n*width, which is below
// 1<<reciprocalShift.
var reciprocals [256]uint32

func init() {
	for i := range reciprocals {
		width := uint64(256 + i)
		reciprocals[i] = uint32((1<<reciprocalShift + width - 1) / width)
	}
}

func reciprocalOf(width uint32) uint64 { return uint64(reciprocals[width&255]) }

// bypasses decodes n bins without a context, at most 32. The first one becomes the highest bit.
func (c *cabac) bypasses(n int) uint32 {
	if n > peeked {
		high := c.bypasses(n - peeked)
		return high<<peeked | c.bypasses(peeked)
	}
	if c.ahead < peekAhead {
		c.fill()
	}
	c.ahead -= n
	v := uint32(c.value >> (uint(c.ahead) & 63) * reciprocalOf(c.width) >> reciprocalShift)
	c.value -= uint64(v*c.width) << (uint(c.ahead) & 63)
	return v
}

// terminate decodes a bin before a possible end (9.3.4.3.5).
func (c *cabac) terminate() bool {
	c.width -= 2
	scaled := uint64(c.width) << (uint(c.ahead) & 63)
	if c.value >= scaled {
		return true
	}
	if c.width < 256 {
		c.width <<= 1
		if c.ahead--; c.ahead < minAhead {
			c.fill()
		}
	}
	return false
}

// rangeTabLPS is table 9-52.
var rangeTabLPS = [64][4]uint8{
	{128, 176, 208, 240}, {128, 167, 197, 227}, {128, 158, 187, 216}, {123, 150, 178, 205},
	{116, 142, 169, 195}, {111, 135, 160, 185}, {105, 128, 152, 175}, {100, 122, 144, 166},
	{95, 116, 137, 158}, {90, 110, 130, 150}, {85, 104, 123, 142}, {81, 99, 117, 135},
	{77, 94, 111, 128}, {73, 89, 105, 122}, {69, 85, 100, 116}, {66, 80, 95, 110},
	{62, 76, 90, 104}, {59, 72, 86, 99}, {56, 69, 81, 94}, {53, 65, 77, 89},
	{51, 62, 73, 85}, {48, 59, 69, 80}, {46, 56, 66, 76}, {43, 53, 63, 72},
	{41, 50, 59, 69}, {39, 48, 56, 65}, {37, 45, 54, 62}, {35, 43, 51, 59},
	{33, 41, 48, 56}, {32, 39, 46, 53}, {30, 37, 43, 50}, {29, 35, 41, 48},
	{27, 33, 39, 45}, {26, 31, 37, 43}, {24, 30, 35, 41}, {23, 28, 33, 39},
	{22, 27, 32, 37}, {21, 26, 30, 35}, {20, 24, 29, 33}, {19, 23, 27, 31},
	{18, 22, 26, 30}, {17, 21, 25, 28}, {16, 20, 23, 27}, {15, 19, 22, 25},
	{14, 18, 21, 24}, {14, 17, 20, 23}, {13, 16, 19, 22}, {12, 15, 18, 21},
	{12, 14, 17, 20}, {11, 14, 16, 19}, {11, 13, 15, 18}, {10, 12, 15, 17},
	{10, 12, 14, 16}, {9, 11, 13, 15}, {9, 11, 12, 14}, {8, 10, 12, 14},
	{8, 9, 11, 13}, {7, 9, 11, 12}, {7, 9, 10, 12}, {7, 8, 10, 11},
	{6, 8, 9, 11}, {6, 7, 9, 10}, {6, 7, 8, 9}, {2, 2, 2, 2},
}

// transIdxLPS is a row of table 9-53.
var transIdxLPS = [64]uint8{
	0, 0, 1, 2, 2, 4, 4, 5, 6, 7, 8, 9, 9, 11, 11, 12,
	13, 13, 15, 15, 16, 16, 18, 18, 19, 19, 21, 21, 22, 22, 23, 24,
	24, 25, 26, 26, 27, 27, 28, 29, 29, 30, 30, 30, 31, 32, 32, 33,
	33, 33, 34, 34, 35, 35, 35, 36, 36, 36, 37, 37, 37, 38, 38, 63,
}
