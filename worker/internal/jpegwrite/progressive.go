package jpegwrite

import (
	"fmt"
	"math/bits"
)

// dcScan codes bits of the DC coefficients of one plane, or of several that are interleaved (G.1.2.1).
type dcScan struct {
	Scan
	predictions []int32 // coefficient of the previous block of each component, without its low bits
}

func (s *dcScan) end(*tokens) {}

func (s *dcScan) row(e *encoder, t *tokens) {
	if len(s.Planes) == 1 { // a scan of one plane has its blocks row by row, and only those with samples
		i := s.Planes[0]
		c := e.components[i]
		for y := range c.rows {
			t.reserve(c.across)
			for x := range c.across {
				s.block(t, c, i, c.block(x, y))
			}
		}
		return
	}
	for x := range e.mcusX {
		t.reserve(e.mcuBlocks)
		for _, i := range s.Planes {
			c := e.components[i]
			for by := range c.v {
				for bx := range c.h {
					s.block(t, c, i, c.block(x*c.h+bx, by))
				}
			}
		}
	}
}

// block codes block n of component i. If n is negative, it codes the cheapest possible block.
func (s *dcScan) block(t *tokens, c *component, i, n int) {
	v := s.predictions[i]
	if n >= 0 {
		v = int32(c.blocks[n][0]) >> s.Low
	}
	if s.High > 0 {
		t.add(bitCodes+1, uint32(v&1))
		s.predictions[i] = v
		return
	}
	category, extra := magnitude(v - s.predictions[i])
	s.predictions[i] = v
	t.add(dcCodes+c.table<<8+category, extra)
}

// maxRun is how many blocks one symbol for the end of bands covers at most (G.1.2.2).
const maxRun = 0x7fff

// acScan codes bits of a band of the AC coefficients of a plane: the first bits (G.1.2.2), or one more (G.1.2.3).
type acScan struct {
	Scan
	component *component
	band      uint64 // coefficients, as a bit mask like masks
	codes     int    // index of the first code

	run   int    // ended blocks that are not coded yet
	open  *token // place of the symbol for these blocks, if there are any
	bits  uint64 // correction bits that follow the symbol
	count int    // number of correction bits in bits, less than 16
}

func newACScan(s Scan, c *component) *acScan {
	return &acScan{Scan: s, component: c, band: ^uint64(0) >> (63 - s.Last) &^ (1<<s.First - 1), codes: acCodes + c.table<<8}
}

func (s *acScan) row(_ *encoder, t *tokens) {
	c := s.component
	for y := range c.rows {
		for x := range c.across {
			n := y*c.stride + x
			t.reserve(maxBlockTokens + 16)
			switch mask := c.masks[n][s.Low] & s.band; {
			case mask == 0:
				s.endBlock(t)
			case s.High == 0:
				s.first(t, &c.blocks[n], mask)
			default:
				s.refine(t, &c.blocks[n], mask, c.masks[n][s.Low+1]&s.band)
			}
		}
	}
}

func (s *acScan) end(t *tokens) {
	t.reserve(2)
	s.endRun(t)
}

// endBlock counts a block that ends here.
func (s *acScan) endBlock(t *tokens) {
	if s.run == 0 {
		s.open = t.addPending()
	}
	if s.run++; s.run == maxRun {
		s.endRun(t)
	}
}

// endRun codes the blocks that have ended.
func (s *acScan) endRun(t *tokens) {
	if s.run == 0 {
		return
	}
	t.addBits(s.bits, s.count)
	n := bits.Len32(uint32(s.run)) - 1
	index := s.codes + n<<4
	t.counts[index]++
	*s.open = newToken(index, uint32(s.run)&(1<<n-1))
	s.run, s.bits, s.count = 0, 0, 0
}

// correct adds correction bits after the symbol for the end of the block. There are at most 63.
func (s *acScan) correct(t *tokens, more uint64, n int) {
	for n > 0 {
		k := min(n, 16-s.count)
		n -= k
		s.bits = s.bits<<k | more>>n&(1<<k-1)
		if s.count += k; s.count == 16 {
			t.addBits(s.bits&0xffff, 16)
			s.bits, s.count = 0, 0
		}
	}
}

// first codes the coefficients of a block that mask selects, without their low bits.
func (s *acScan) first(t *tokens, b *block, mask uint64) {
	s.endRun(t)
	before := s.First - 1
	for ; mask != 0; mask &= mask - 1 {
		k := bits.TrailingZeros64(mask) & 63
		run := k - before - 1
		before = k
		for ; run > 15; run -= 16 {
			t.add(s.codes+zeroRun, 0)
		}
		category, extra := magnitude(shorten(b[place[k]], s.Low))
		t.add(s.codes+run<<4+category, extra)
	}
	if before < s.Last {
		s.endBlock(t)
	}
}

// shorten drops low bits of the magnitude of a coefficient.
func shorten(v int16, low int) int32 {
	sign := int32(v) >> 31
	return ((int32(v)^sign)-sign)>>low ^ sign - sign
}

// refine codes one bit of the coefficients of a block that mask selects. old selects those of them with a bit that is
// already coded.
func (s *acScan) refine(t *tokens, b *block, mask, old uint64) {
	lastNew := bits.Len64(mask&^old) - 1
	if lastNew >= 0 {
		s.endRun(t)
	}
	var corrections uint64 // bits of coefficients since the last symbol
	count, run, before := 0, 0, s.First-1
	for ; mask != 0; mask &= mask - 1 {
		k := bits.TrailingZeros64(mask) & 63
		run += k - before - 1
		before = k
		for ; run > 15 && k <= lastNew; run -= 16 {
			t.add(s.codes+zeroRun, 0)
			t.addBits(corrections, count)
			corrections, count = 0, 0
		}
		v := shorten(b[place[k]], s.Low)
		if old>>k&1 != 0 {
			corrections = corrections<<1 | uint64(v^v>>31-v>>31)&1
			count++
			continue
		}
		category, extra := magnitude(v) // 1 and the sign
		t.add(s.codes+run<<4+category, extra)
		t.addBits(corrections, count)
		corrections, count, run = 0, 0, 0
	}
	if run += s.Last - before; run > 0 || count > 0 {
		s.endBlock(t)
		s.correct(t, corrections, count)
	}
}

// maxLow is how many low bits a scan may leave out at most.
const maxLow = levels - 1

// checkScript returns an error that wraps ErrOptions unless the scans code every bit of every coefficient of all planes
// exactly once, in an order that the standard allows (G.1.1.1).
func checkScript(script []Scan, planes int) error {
	var left [3][64]int // bits of each coefficient not coded yet, plus 1; 0 before its first scan
	for n, s := range script {
		wrong := func(what string, args ...any) error {
			return fmt.Errorf("%w: scan %d of the script: %s", ErrOptions, n, fmt.Sprintf(what, args...))
		}
		if s.First < 0 || s.Last > 63 || s.First > s.Last || s.First == 0 && s.Last > 0 {
			return wrong("coefficients %d to %d", s.First, s.Last)
		}
		if s.Low < 0 || s.Low > maxLow || s.High != 0 && s.High != s.Low+1 || s.High > maxLow {
			return wrong("low bits %d and %d, want one less in each scan and at most %d", s.High, s.Low, maxLow)
		}
		if len(s.Planes) == 0 || s.First > 0 && len(s.Planes) > 1 {
			return wrong("%d planes", len(s.Planes))
		}
		before := -1
		for _, i := range s.Planes {
			if i <= before || i > 2 {
				return wrong("planes %v, want some of 0 to 2 in order", s.Planes)
			}
			before = i
			if s.First > 0 && left[i][0] == 0 {
				return wrong("there is no DC coefficient yet")
			}
			for k := s.First; k <= s.Last; k++ {
				if want := max(left[i][k]-1, 0); want != s.High || left[i][k] == 1 {
					return wrong("coefficient %d of plane %d has %d low bits left out before", k, i, want)
				}
				left[i][k] = s.Low + 1
			}
		}
	}
	for i := range planes {
		for k, bits := range left[i] {
			if bits != 1 {
				return fmt.Errorf("%w: the script does not complete coefficient %d of plane %d", ErrOptions, k, i)
			}
		}
	}
	return nil
}
