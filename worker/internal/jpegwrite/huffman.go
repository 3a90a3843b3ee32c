package jpegwrite

import "slices"

// maxCodeBits is the length of the longest Huffman code.
const maxCodeBits = 16

// huffman is a table of Huffman codes as a file has it (B.2.4.2).
type huffman struct {
	lengths [maxCodeBits + 1]int // number of codes of each length
	symbols []byte               // those with short codes first; symbols with codes of one length by value
}

// newHuffman returns the best table for the given counts of symbols. No code has ones only. Codes are made as Huffman
// did, from two queues, and then shortened to 16 bits as in figure K.3. The table is empty if no symbol occurs.
func newHuffman(counts *[256]uint32) huffman {
	// A leaf is the count of a symbol and, in the lower bits, 256 less the symbol. The first leaf gets the code with
	// ones only.
	const symbolBits = 9
	var leaves [257]uint64
	n := 1
	for symbol, count := range counts {
		if count > 0 {
			leaves[n] = uint64(count)<<symbolBits | uint64(256-symbol)
			n++
		}
	}
	var h huffman
	if n == 1 {
		return h
	}
	slices.Sort(leaves[1:n])

	// Nodes from n on are pairs, in the order in which they are made, which is also that of their counts.
	var counted [2 * 257]uint64
	for i, l := range leaves[:n] {
		counted[i] = l >> symbolBits
	}
	var parent, depth [2 * 257]int16
	single, pair := 0, n
	for made := n; made < 2*n-1; made++ {
		for range 2 {
			least := single
			if single == n || pair < made && counted[pair] < counted[single] {
				least = pair
				pair++
			} else {
				single++
			}
			counted[made] += counted[least]
			parent[least] = int16(made)
		}
	}
	var lengths [257]int // number of codes of each length, before they are shortened
	for i := 2*n - 3; i >= 0; i-- {
		depth[i] = depth[parent[i]] + 1
		if i < n {
			lengths[depth[i]]++
		}
	}
	limit(lengths[:])
	copy(h.lengths[:], lengths[:maxCodeBits+1])
	for l := maxCodeBits; l > 0; l-- { // drops the code with ones only, which is the last of the longest
		if h.lengths[l] > 0 {
			h.lengths[l]--
			break
		}
	}

	h.symbols = make([]byte, 0, n-1)
	for i := n - 1; i > 0; i-- { // the longer codes are for the rarer symbols
		h.symbols = append(h.symbols, byte(256-leaves[i]&(1<<symbolBits-1)))
	}
	at := 0
	for _, count := range h.lengths {
		slices.Sort(h.symbols[at : at+count])
		at += count
	}
	return h
}

// limit changes the number of codes of each length so that none is longer than maxCodeBits (figure K.3).
func limit(lengths []int) {
	for l := len(lengths) - 1; l > maxCodeBits; l-- {
		for lengths[l] > 0 {
			shorter := l - 2
			for lengths[shorter] == 0 {
				shorter--
			}
			lengths[l] -= 2
			lengths[l-1]++
			lengths[shorter+1] += 2
			lengths[shorter]--
		}
	}
}

// code is the Huffman code of a token, shifted to the left by the number of additional bits, and in the lower 8 bits
// the number of bits of both.
type code uint64

func (c code) bits() int { return int(c & 0xff) }

// codes sets the codes of symbols (C.2). extra returns how many additional bits a symbol has.
func (h huffman) codes(dst []code, extra func(symbol byte) int) {
	next, at := 0, 0
	for l, count := range h.lengths {
		next <<= 1
		for _, symbol := range h.symbols[at : at+count] {
			n := extra(symbol)
			dst[symbol] = code(next)<<(8+n) | code(l+n)
			next++
		}
		at += count
	}
}

// The number of additional bits of a symbol: for DC coefficients, for AC coefficients, and for AC coefficients in a
// progressive file, where symbols below 0xf0 without a category end bands.
func dcExtra(symbol byte) int { return int(symbol) }

func acExtra(symbol byte) int { return int(symbol & 15) }

func bandExtra(symbol byte) int {
	if symbol&15 == 0 && symbol < zeroRun {
		return int(symbol >> 4)
	}
	return int(symbol & 15)
}
