package vp8

// coefficientProbabilities holds the probabilities of the tree of tokens by kind of block, band of the coefficient, and
// context: how many neighbours have coefficients, or how large the previous coefficient was (13.3).
type coefficientProbabilities [4][8][3][11]uint8

// Kinds of blocks (13.3).
const (
	kindLumaAC = iota // luma with DCs in a separate block
	kindLumaDCs
	kindColour
	kindLuma
)

// lumaDCs is the index of the block of luma DCs. It follows 16 blocks of luma, 4 of U and 4 of V.
const lumaDCs = 24

// bands holds the band of each coefficient (13.3). The last entry is not used.
var bands = [17]uint8{0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0}

// zigzag holds the position of each coefficient in its block (13).
var zigzag = [16]uint8{0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15}

// categories holds, by category, the probabilities of the extra bits of large values and the least value (13.2).
var categories = [6]struct {
	least int32
	extra []uint8
}{
	{5, []uint8{159}},
	{7, []uint8{165, 145}},
	{11, []uint8{173, 148, 140}},
	{19, []uint8{176, 155, 140, 135}},
	{35, []uint8{180, 157, 141, 134, 130}},
	{67, []uint8{254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}},
}

// readCoefficients reads the coefficients of a macroblock into the workspace (13).
func (d *decoder) readCoefficients(b *booleans, m *macroblock, above *borders) {
	w, left := &d.block, &d.left
	w.dc, w.ac = 0, 0
	m.interior = m.split
	if m.skip {
		above.coded, left.coded = [8]uint8{}, [8]uint8{}
		if !m.split {
			above.dc, left.dc = 0, 0
		}
		return
	}
	w.coefficients = [25][16]int16{}
	q := &d.quantizers[m.segment]
	kind, from := kindLuma, 0
	if !m.split {
		kind, from = kindLumaAC, 1
		c := &w.coefficients[lumaDCs]
		n := b.tokens(&d.probabilities[kindLumaDCs], above.dc+left.dc, 0, &q.y2, c)
		above.dc = min(uint8(n), 1)
		left.dc = above.dc
		if n > 0 {
			w.spreadDCs()
		}
	}
	for i := range 16 {
		w.read(b, i, &d.probabilities[kind], &above.coded[i%4], &left.coded[i/4], from, &q.y)
	}
	for i := 16; i < lumaDCs; i++ {
		plane := 4 + (i-16)/4*2
		w.read(b, i, &d.probabilities[kindColour], &above.coded[plane+i%2], &left.coded[plane+i/2%2], 0, &q.uv)
	}
	m.interior = m.split || w.dc|w.ac != 0
}

// read reads a block, and records for the blocks below and to the right whether it has coefficients.
func (w *workspace) read(b *booleans, i int, p *[8][3][11]uint8, above, left *uint8, from int, q *[2]int32) {
	c := &w.coefficients[i]
	n := b.tokens(p, *above+*left, from, q, c)
	*above = 0
	if n > from {
		*above = 1
	}
	*left = *above
	switch {
	case n > 1:
		w.ac |= 1 << i
	case c[0] != 0:
		w.dc |= 1 << i
	}
}

// tokens reads the coefficients of a block from an index on. It returns the index after the last one, or the given
// index if there are none.
func (b *booleans) tokens(bandProbabilities *[8][3][11]uint8, context uint8, from int, q *[2]int32, to *[16]int16) int {
	n := from
	p := &bandProbabilities[bands[n]][context]
	for n < 16 {
		if !b.bit(p[0]) {
			return n // end of block
		}
		for !b.bit(p[1]) {
			n++
			if n == 16 {
				return 16
			}
			p = &bandProbabilities[bands[n]][0]
		}
		v, next := int32(1), &bandProbabilities[bands[n+1]]
		if b.bit(p[2]) {
			v = b.readLarge(p)
			p = &next[2]
		} else {
			p = &next[1]
		}
		if n == 0 {
			v *= q[0]
		} else {
			v *= q[1]
		}
		to[zigzag[n]] = int16(b.signed(v))
		n++
	}
	return 16
}

// readLarge reads a value of at least 2.
func (b *booleans) readLarge(p *[11]uint8) int32 {
	if !b.bit(p[3]) {
		if !b.bit(p[4]) {
			return 2
		}
		return 3 + b.bit01(p[5])
	}
	var category int32
	if !b.bit(p[6]) {
		category = b.bit01(p[7])
	} else {
		high := b.bit01(p[8])
		category = 2 + 2*high + b.bit01(p[9+high])
	}
	c, v := &categories[category], int32(0)
	for _, probability := range c.extra {
		v = v<<1 | b.bit01(probability)
	}
	return c.least + v
}
