package pngscan

import "math/bits"

const (
	litBits  = 11 // bits of a literal or length code in the first lookup
	distBits = 8  // bits of a distance code in the first lookup
	maxBits  = 15 // bits of the longest code

	litTable  = 4096 // entries including the second lookups; no code needs more than 2342
	distTable = 1024 // no code needs more than 402
)

// An entry of a table describes a code. Its lowest 4 bits are the length of the code, or in a second table, the bits
// after those of the first lookup. The entry of an undefined code is 0.
//
//	literal, endOfBlock   flags
//	second                a flag: value is where the second table begins, extra is the bits of its index
//	bits 8 to 11          extra bits that follow the code (RFC 1951, 3.2.5)
//	bits 16 to 30         value: the literal, or what the extra bits are added to
const (
	literal    = 1 << 31
	endOfBlock = 1 << 7
	second     = 1 << 6

	lengthMask = 15
	extraShift = 8
	valueShift = 16
)

// The symbols of each alphabet, as entries without the lengths of their codes.
var (
	litSymbols  [288]uint32
	distSymbols [32]uint32 // 30 and 31 are undefined
	metaSymbols [19]uint32 // symbols of the code for code lengths
	fixedLit    [litTable]uint32
	fixedDist   [distTable]uint32
)

func init() {
	for i := range 256 {
		litSymbols[i] = literal | uint32(i)<<valueShift
	}
	litSymbols[256] = endOfBlock
	for i, base := 0, 3; i < 28; i++ { // symbols 257 to 284
		extra := max(0, i/4-1)
		litSymbols[257+i] = uint32(base)<<valueShift | uint32(extra)<<extraShift
		base += 1 << extra
	}
	litSymbols[285] = 258 << valueShift
	for i, base := 0, 1; i < 30; i++ {
		extra := max(0, i/2-1)
		distSymbols[i] = uint32(base)<<valueShift | uint32(extra)<<extraShift
		base += 1 << extra
	}
	for i := range metaSymbols {
		metaSymbols[i] = literal | uint32(i)<<valueShift
	}
	var lengths [288]byte // RFC 1951, 3.2.6
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	build(fixedLit[:], litBits, lengths[:], litSymbols[:])
	for i := range 32 {
		lengths[i] = 5
	}
	build(fixedDist[:], distBits, lengths[:32], distSymbols[:])
}

// build fills the table of the codes with these lengths (RFC 1951, 3.2.2). It reports whether the lengths are valid:
// the codes use all bit patterns, or there is only one code, of one bit, or none.
func build(table []uint32, first int, lengths []byte, symbols []uint32) bool {
	var count, next [maxBits + 1]int
	for _, n := range lengths {
		count[n]++
	}
	clear(table[:1<<first])
	if count[0] == len(lengths) {
		return true
	}
	count[0] = 0
	code := 0
	for n := 1; n <= maxBits; n++ {
		code = (code + count[n-1]) << 1
		next[n] = code
	}
	if whole := code + count[maxBits]; whole != 1<<maxBits && !(count[1] == 1 && whole == 1<<(maxBits-1)) {
		return false
	}
	var seconds [1 << litBits]byte // index bits of the second table, for each first lookup
	codes := next
	for _, n := range lengths {
		if int(n) > first {
			index := reverseBits(codes[n], n) & (1<<first - 1)
			seconds[index] = max(seconds[index], n-byte(first))
		}
		codes[n]++
	}
	end := 1 << first
	for sym, n := range lengths {
		if n == 0 {
			continue
		}
		index := reverseBits(next[n], n)
		next[n]++
		if int(n) <= first {
			for ; index < 1<<first; index += 1 << n {
				table[index] = entry(symbols[sym], n)
			}
			continue
		}
		low, high := index&(1<<first-1), index>>first
		wide := int(seconds[low])
		if table[low] == 0 {
			table[low] = second | uint32(end)<<valueShift | uint32(wide)<<extraShift | uint32(first)
			end += 1 << wide
		}
		sub := table[table[low]>>valueShift:][:1<<wide]
		for ; high < 1<<wide; high += 1 << (int(n) - first) {
			sub[high] = entry(symbols[sym], n-byte(first))
		}
	}
	return true
}

// entry is 0 for an undefined symbol.
func entry(symbol uint32, length byte) uint32 {
	if symbol == 0 {
		return 0
	}
	return symbol | uint32(length)
}

// reverseBits returns a code as it is in the data: with its first bit in the lowest position.
func reverseBits(code int, length byte) int {
	return int(bits.Reverse16(uint16(code)) >> (16 - length))
}

// metaOrder is the order of the code lengths for the code length alphabet (RFC 1951, 3.2.7).
var metaOrder = [19]byte{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// tables reads the codes of a block and builds their tables (RFC 1951, 3.2.7).
func (f *inflater) tables() error {
	lits, dists, meta := int(f.take(5))+257, int(f.take(5))+1, int(f.take(4))+4
	if lits > 286 || dists > 30 {
		return corrupt("too many codes")
	}
	var lengths [286 + 30]byte
	for _, i := range metaOrder[:meta] {
		f.load()
		lengths[i] = byte(f.take(3))
	}
	var table [1 << 7]uint32
	if !build(table[:], 7, lengths[:19], metaSymbols[:]) {
		return corrupt("the code of the lengths of codes")
	}
	clear(lengths[:19])
	for i := 0; i < lits+dists; {
		f.load()
		e := table[f.acc&(1<<7-1)]
		if e == 0 {
			return corrupt("a code of the length of a code")
		}
		f.take(uint(e & lengthMask))
		sym := byte(e >> valueShift)
		if sym < 16 {
			lengths[i] = sym
			i++
			continue
		}
		var value byte
		var again int
		switch sym {
		case 16:
			if i == 0 {
				return corrupt("the first length of a code repeats one before")
			}
			value, again = lengths[i-1], 3+int(f.take(2))
		case 17:
			again = 3 + int(f.take(3))
		default:
			again = 11 + int(f.take(7))
		}
		if i+again > lits+dists {
			return corrupt("more lengths than codes")
		}
		for range again {
			lengths[i] = value
			i++
		}
	}
	if !build(f.lit[:], litBits, lengths[:lits], litSymbols[:]) || !build(f.dist[:], distBits, lengths[lits:lits+dists], distSymbols[:]) {
		return corrupt("the lengths of codes")
	}
	return nil
}
