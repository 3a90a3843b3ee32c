package jpegwrite

import "math/bits"

const (
	zeroRun  = 0xf0 // symbol of 16 coefficients that are 0 (F.1.2.2.1)
	endBlock = 0x00 // symbol of a block whose other coefficients are 0
)

// magnitude returns the category of a value and its additional bits (F.1.2.1.1, table F.1).
func magnitude(v int32) (category int, extra uint32) {
	sign := v >> 31
	category = bits.Len32(uint32((v ^ sign) - sign))
	return category, uint32(v+sign) & (1<<category - 1)
}

// maxBlockTokens is how many tokens a block has at most in a sequential scan.
const maxBlockTokens = 64

// sequentialScan tokenises all coefficients of all planes in one interleaved scan (F.1.1).
type sequentialScan struct {
	predictions []int32 // DC coefficient of the previous block of each component
}

func (s *sequentialScan) end(*tokens) {}

func (s *sequentialScan) row(e *encoder, t *tokens) {
	for x := range e.mcusX {
		t.reserve(e.mcuBlocks * maxBlockTokens)
		for i, c := range e.components {
			for by := range c.v {
				for bx := range c.h {
					n := c.block(x*c.h+bx, by)
					if n < 0 { // codes the cheapest possible block
						t.add(dcCodes+c.table<<8, 0)
						t.add(acCodes+c.table<<8+endBlock, 0)
						continue
					}
					b := &c.blocks[n]
					category, extra := magnitude(int32(b[0]) - s.predictions[i])
					s.predictions[i] = int32(b[0])
					t.add(dcCodes+c.table<<8+category, extra)
					t.coefficients(b, c.masks[n][0]&^1, acCodes+c.table<<8)
				}
			}
		}
	}
}

// coefficients adds the AC coefficients of a block that are not 0, as the mask says. first is the index of the first
// code.
func (t *tokens) coefficients(b *block, mask uint64, first int) {
	n := len(t.last)
	dst := t.last[:n+maxBlockTokens-1]
	before := 0
	for ; mask != 0; mask &= mask - 1 {
		k := bits.TrailingZeros64(mask) & 63
		run := k - before - 1
		before = k
		for ; run > 15; run -= 16 {
			dst[n] = newToken(first+zeroRun, 0)
			t.counts[first+zeroRun]++
			n++
		}
		category, extra := magnitude(int32(b[place[k]]))
		index := first + run<<4 + category
		t.counts[index]++
		dst[n] = newToken(index, extra)
		n++
	}
	if before < 63 {
		t.counts[first+endBlock]++
		dst[n] = newToken(first+endBlock, 0)
		n++
	}
	t.last = t.last[:n]
}
