package jpegscan

const (
	peekBits = 10 // look-ahead of a Huffman table's lookups
	skipBits = 11 // look-ahead where coefficients are skipped
)

// huffman is a Huffman table (C.2) for decoding.
//
// An entry of codes has in bits 0 to 7 how many bits to drop, and then one of:
//
//   - In an AC table, where code and value fit into the look-ahead: the run of zeros in bits 8 to 15 and the value in
//     bits 16 to 31, signed and never 0. The value's bits are among those to drop.
//   - Elsewhere, the code's symbol in bits 8 to 15 and 0 in bits 16 to 31.
//   - 0 in all bits: the code is longer, or there is none.
type huffman struct {
	codes [1 << peekBits]uint32

	// A code of length n that is longer than the look-ahead is less than end[n], and not less than the end of any
	// shorter length. Both are left-aligned in 16 bits. Such a code stands for symbols[code+first[n]].
	end     [17]uint32
	first   [17]int32
	symbols [256]byte
	counts  [16]byte // codes of each length

	built bool // everything but counts and symbols: building takes longer than reading a definition, and a file may have many of those

	skips      [1 << skipBits]uint16 // see buildSkips
	skipsBuilt bool
}

// set defines the table by the number of codes of each length and by their symbols in order. It returns false if there
// are more codes than can be. A table with an invalid symbol is not wrong until the symbol is used.
func (t *huffman) set(counts [16]byte, symbols []byte) bool {
	t.counts = counts
	copy(t.symbols[:], symbols)
	t.built, t.skipsBuilt = false, false
	code := 0
	for i, count := range counts {
		if code += int(count); code > 2<<i {
			return false
		}
		code <<= 1
	}
	return true
}

// build makes the lookups of a table that has been set.
func (t *huffman) build(ac bool) {
	if t.built {
		return
	}
	t.built = true
	t.codes = [1 << peekBits]uint32{}
	code, k := 0, 0
	for i, count := range t.counts {
		length, n := i+1, int(count)
		t.first[length], t.end[length] = int32(k-code), 0
		if n > 0 {
			t.end[length] = uint32(code+n) << (16 - length)
		}
		if length <= peekBits {
			for j := range n {
				t.fill(code+j, length, t.symbols[k+j], ac)
			}
		}
		k += n
		code = (code + n) << 1
	}
}

// fill sets the entries that begin with a code.
func (t *huffman) fill(code, length int, symbol byte, ac bool) {
	free := peekBits - length
	size := int(symbol & 15)
	for rest := range 1 << free {
		e := uint32(length) | uint32(symbol)<<8
		if ac && size > 0 && size <= free {
			value := rest >> (free - size)
			if value < 1<<(size-1) {
				value -= 1<<size - 1
			}
			e = uint32(length+size) | uint32(symbol>>4)<<8 | uint32(value)<<16
		}
		t.codes[code<<free|rest] = e
	}
}

// long decodes a code that is longer than the look-ahead. length is 0 if there is no such code.
func (t *huffman) long(acc uint64) (symbol byte, length uint) {
	look := uint32(acc >> 48)
	for n := peekBits + 1; n <= 16; n++ {
		if look < t.end[n] {
			return t.symbols[uint8(int32(look>>(16-n))+t.first[n])], uint(n)
		}
	}
	return 0, 0
}

// pass returns how many bits the next code of an AC table has with its value, and how many coefficients it is for: 0 if
// it ends the block. ok is false if there is no such code; the numbers are then those with which libjpeg continues.
func (t *huffman) pass(acc uint64) (drop, advance uint, ok bool) {
	e := t.codes[acc>>(64-peekBits)]
	if e>>16 != 0 {
		return uint(e & 0xff), uint(e>>8&0xff) + 1, true
	}
	symbol, length := byte(e>>8), uint(e&0xff)
	if length == 0 {
		symbol, length = t.long(acc)
	}
	size := uint(symbol & 15)
	switch {
	case length == 0:
		return badBits, 0, false
	case size == 0 && symbol != 0 && symbol != 0xf0:
		return length, 0, false
	case symbol == 0:
		return length, 0, true
	default:
		return length + size, uint(symbol>>4) + 1, true
	}
}

// Parts of an entry of skips. Bits 0 to 3 hold how many bits to drop.
const (
	skipEnd     = 1 << 15 // the last of the codes ends the block
	skipAdvance = 4       // first bit of the number of coefficients that the codes are for
	skipDrop    = 1<<skipAdvance - 1
)

// buildSkips makes the table that passes over as many whole codes with their values as fit into the look-ahead, up to
// the end of the block. An entry is 0 where not even one does.
func (t *huffman) buildSkips() {
	if t.skipsBuilt {
		return
	}
	t.skipsBuilt = true
	for look := range t.skips {
		dropped, advance, end := 0, 0, 0
		for end == 0 && advance < 64 {
			e := t.codes[look<<dropped&(1<<skipBits-1)>>(skipBits-peekBits)]
			n, symbol := int(e&0xff), byte(e>>8)
			step := int(symbol) + 1 // the run, and the coefficient after it
			if e>>16 == 0 {
				switch symbol {
				case 0x00:
					step, end = 0, skipEnd
				case 0xf0:
					step = 16
				default:
					n = 0 // invalid, or the value is not in the entry
				}
			}
			if n == 0 || dropped+n > skipBits {
				end = 0
				break
			}
			dropped += n
			advance += step
		}
		t.skips[look] = uint16(dropped | advance<<skipAdvance | end)
	}
}
