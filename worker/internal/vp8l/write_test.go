package vp8l

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// bitWriter writes bits, the lowest of a byte first.
type bitWriter struct {
	data []byte
	n    int // bits
}

func (w *bitWriter) put(v, count int) {
	for i := range count {
		if w.n%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
}

// code is a prefix code to write: its symbols, and the length and the bits of each symbol's code.
type code struct {
	symbols []int
	lengths []int
	codes   []int
}

// codeOf returns the canonical code with these lengths.
func codeOf(lengths []int) code {
	c := code{nil, lengths, make([]int, len(lengths))}
	next := 0
	for n := 1; n <= longest; n++ {
		for symbol, l := range lengths {
			if l == n {
				c.symbols = append(c.symbols, symbol)
				c.codes[symbol] = int(bits.Reverse16(uint16(next << (16 - n))))
				next++
			}
		}
		next <<= 1
	}
	if len(c.symbols) == 1 {
		c.lengths = make([]int, len(lengths)) // a code of one symbol takes no bits
	}
	return c
}

func (c code) put(w *bitWriter, symbol int) { w.put(c.codes[symbol], c.lengths[symbol]) }

// randomLengths returns the lengths of a complete code of some symbols of an alphabet. A skewed one has the longest
// codes.
func randomLengths(r *rand.Rand, alphabet int, symbols []int, skewed bool) []int {
	lengths := []int{0}
	for len(lengths) < len(symbols) {
		i := r.IntN(len(lengths))
		if skewed {
			i = len(lengths) - 1
		}
		if lengths[i] == longest {
			i = slices.IndexFunc(lengths, func(n int) bool { return n < longest })
		}
		lengths[i]++
		lengths = append(lengths, lengths[i])
	}
	all := make([]int, alphabet)
	for i, n := range lengths {
		all[symbols[i]] = max(n, 1)
	}
	return all
}

// putSimple writes a code of one or two symbols.
func putSimple(w *bitWriter, r *rand.Rand, alphabet int, symbols []int) code {
	w.put(1, 1)
	w.put(len(symbols)-1, 1)
	if symbols[0] > 1 || r.IntN(2) == 0 {
		w.put(1, 1)
		w.put(symbols[0], 8)
	} else {
		w.put(0, 1)
		w.put(symbols[0], 1)
	}
	if len(symbols) == 2 {
		w.put(symbols[1], 8)
	}
	all := make([]int, alphabet)
	for _, symbol := range symbols {
		all[symbol] = 1
	}
	return codeOf(all)
}

// putNormal writes a normal code. The code of its lengths has 4 bits for 13 of them, and 5 for the others.
func putNormal(w *bitWriter, r *rand.Rand, lengths []int) code {
	w.put(0, 1)
	outer := make([]int, len(codeLengthOrder)) // 13 codes of 4 bits and 6 of 5
	w.put(len(codeLengthOrder)-4, 4)
	for i := range outer {
		outer[i] = 4
		if i >= 13 {
			outer[i] = 5
		}
	}
	for _, symbol := range codeLengthOrder {
		w.put(outer[symbol], 3)
	}
	c := codeOf(outer)
	end := len(lengths)
	for end > 0 && lengths[end-1] == 0 {
		end--
	}
	tokens := tokensOf(r, lengths[:end])
	if len(tokens) >= 2 && r.IntN(2) == 0 {
		w.put(1, 1)
		w.put(7, 3)
		w.put(len(tokens)-2, 16)
	} else {
		w.put(0, 1)
		for range len(lengths) - end {
			tokens = append(tokens, [3]int{})
		}
	}
	for _, t := range tokens {
		c.put(w, t[0])
		w.put(t[1], t[2])
	}
	return codeOf(lengths)
}

// tokensOf returns the tokens that code lengths: a symbol, extra bits, and their number.
func tokensOf(r *rand.Rand, lengths []int) (tokens [][3]int) {
	last := 8
	for i := 0; i < len(lengths); {
		run := 1
		for i+run < len(lengths) && lengths[i+run] == lengths[i] {
			run++
		}
		switch n := lengths[i]; {
		case n == last && run >= 3 && r.IntN(3) > 0:
			run = min(run, 6)
			tokens = append(tokens, [3]int{16, run - 3, 2})
		case n == 0 && run >= 11:
			run = min(run, 138)
			tokens = append(tokens, [3]int{18, run - 11, 7})
		case n == 0 && run >= 3:
			run = min(run, 10)
			tokens = append(tokens, [3]int{17, run - 3, 3})
		default:
			run = 1
			tokens = append(tokens, [3]int{n})
			if n != 0 {
				last = n
			}
		}
		i += run
	}
	return tokens
}
