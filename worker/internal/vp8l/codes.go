package vp8l

import (
	"errors"
	"fmt"
	"math/bits"
)

// Sizes of the alphabets of a group (3.7.2.1). The alphabet of green also has the lengths of backward references and
// the colours of the cache.
const (
	literals  = 256
	lengths   = 24
	distances = 40
	maxCached = 1 << maxCacheBits
	alphabet  = literals + lengths + maxCached // the largest alphabet
)

// codeTable decodes a prefix code. An entry is a symbol in the upper 12 bits and the length of its code in the lower 4.
// The first 256 entries are found by the next 8 bits. If the code has more bits, the entry has the position of another
// table instead of a symbol, and 8 more than the number of bits that find the entry there. That entry has the number of
// bits beyond the first 8.
type codeTable []uint16

const (
	rootBits   = 8
	rootSize   = 1 << rootBits
	longest    = 15   // bits of a code
	maxTable   = 2704 // entries of a table for the largest alphabet, as zlib's program calculates: enough 2328 8 15
	lengthBits = 4    // bits of an entry for the length
)

// symbol decodes a symbol.
func (t codeTable) symbol(r *bitReader) int {
	if r.n < longest {
		r.fill()
	}
	e := t[r.bits%rootSize]
	if e&15 > rootBits {
		e = t.longEntry(r.bits, e)
		r.bits >>= rootBits
		r.n -= rootBits
	}
	r.bits >>= e & 15
	r.n -= uint(e & 15)
	return int(e >> lengthBits)
}

// longEntry returns the second entry of a code of more than 8 bits. e is its first entry.
func (t codeTable) longEntry(bits uint64, e uint16) uint16 {
	return t[uint64(e>>lengthBits)+bits>>rootBits&(1<<(e&7)-1)]
}

// codeReader reads prefix codes (3.7.2.1): their lengths, from which it builds tables.
type codeReader struct {
	lengths [alphabet]uint8 // bits of each symbol's code; 0 for none
	codes   [alphabet]uint16
	table   [maxTable]uint16
	outer   [rootSize]uint16 // table of the code for the lengths
}

var (
	errIncomplete = errors.New("incomplete prefix code")
	errRepeat     = errors.New("code lengths beyond the alphabet")
)

// read reads the lengths of a code for an alphabet of n symbols.
func (c *codeReader) read(r *bitReader, n int) error {
	clear(c.lengths[:])
	if !r.flag() {
		return c.readNormal(r, n)
	}
	// A simple code has one or two symbols (3.7.2.1.1).
	two, wide := r.flag(), r.flag()
	if wide {
		c.lengths[r.read(8)] = 1
	} else {
		c.lengths[r.read(1)] = 1
	}
	if two {
		c.lengths[r.read(8)] = 1
	}
	return nil
}

// codeLengthOrder is the order of the lengths of the code for code lengths (3.7.2.1.2).
var codeLengthOrder = [...]uint8{17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

// readNormal reads the lengths of a normal code (3.7.2.1.2).
func (c *codeReader) readNormal(r *bitReader, n int) error {
	var outer [len(codeLengthOrder)]uint8
	for _, symbol := range codeLengthOrder[:4+r.read(4)] {
		outer[symbol] = uint8(r.read(3))
	}
	table, err := c.build(outer[:])
	if err != nil {
		return fmt.Errorf("code of code lengths: %w", err)
	}
	t := codeTable(c.outer[:copy(c.outer[:], table)]) // codes of code lengths have at most 7 bits
	tokens := n
	if r.flag() {
		if tokens = 2 + r.read(uint(2+2*r.read(3))); tokens > n {
			return errRepeat
		}
	}
	const first, copies, zeros, manyZeros = 8, 16, 17, 18
	last := uint8(first)
	for i := 0; i < n && tokens > 0; tokens-- {
		symbol := t.symbol(r)
		if symbol < copies {
			if c.lengths[i] = uint8(symbol); symbol != 0 {
				last = uint8(symbol)
			}
			i++
			continue
		}
		var value uint8
		var repeat int
		switch symbol {
		case copies:
			value, repeat = last, 3+r.read(2)
		case zeros:
			repeat = 3 + r.read(3)
		case manyZeros:
			repeat = 11 + r.read(7)
		}
		if repeat > n-i {
			return errRepeat
		}
		for ; repeat > 0; repeat-- {
			c.lengths[i] = value
			i++
		}
	}
	return nil
}

// build returns the table of a canonical code with these lengths. The table is valid until the next call. A code of one
// symbol takes no bits, whatever its length. Any other code must be complete.
func (c *codeReader) build(lengths []uint8) (codeTable, error) {
	var count [longest + 1]int
	used, only := 0, 0
	for symbol, n := range lengths {
		if n != 0 {
			count[n]++
			used, only = used+1, symbol
		}
	}
	if used == 1 {
		t := c.table[:rootSize]
		for i := range t {
			t[i] = uint16(only) << lengthBits
		}
		return t, nil
	}
	var next [longest + 1]int
	space := 0 // how many codes of the longest length are in use
	for n := 1; n <= longest; n++ {
		next[n] = space >> (longest - n)
		space += count[n] << (longest - n)
	}
	if space != 1<<longest {
		return nil, errIncomplete
	}
	// Codes with the same first bits are sorted by length, so the last one gives the size of their table.
	var depth [rootSize]uint8
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		code := bits.Reverse16(uint16(next[n]) << (16 - n)) // the bits of a code are read starting with the highest
		next[n]++
		c.codes[symbol] = code
		if n > rootBits {
			depth[code%rootSize] = max(depth[code%rootSize], n-rootBits)
		}
	}
	size := rootSize
	for prefix, n := range depth {
		if n > 0 {
			c.table[prefix] = uint16(size)<<lengthBits | uint16(rootBits+n)
			size += 1 << n
		}
	}
	c.fill(lengths, &depth)
	return c.table[:size], nil
}

// fill writes the entries of all symbols.
func (c *codeReader) fill(lengths []uint8, depth *[rootSize]uint8) {
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		code, entry := int(c.codes[symbol]), uint16(symbol)<<lengthBits
		if n <= rootBits {
			for ; code < rootSize; code += 1 << n {
				c.table[code] = entry | uint16(n)
			}
			continue
		}
		prefix := code % rootSize
		t := c.table[c.table[prefix]>>lengthBits:][:1<<depth[prefix]]
		for i := code >> rootBits; i < len(t); i += 1 << (n - rootBits) {
			t[i] = entry | uint16(n-rootBits)
		}
	}
}
