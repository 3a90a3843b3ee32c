package hevc

import (
	"math"
	"math/bits"
)

// maxGreater1 is how many coefficients of a 4x4 block have a coeff_abs_level_greater1_flag.
const maxGreater1 = 8

// parseLevels reads the values of n coefficients, scales them and stores them (7.3.8.11). The coefficients belong to
// the 4x4 block with number i in scan order. found holds their indexes within it, the last one first.
func (c *coder) parseLevels(s *residualScan, i, x, y int, found *[16]uint8, n int) error {
	b := s.block
	set := 0
	if i > 0 && b.component == 0 {
		set = 2
	}
	if !s.first && s.greater1 == 0 {
		set++
	}
	s.first = false
	chroma := min(b.component, 1)

	// Bit k of greater says that coefficient k is greater than 1. Bit k of rest says that the rest of its value
	// follows.
	greater := c.greater1Flags(s, ctxGreater1+16*chroma+4*set, min(n, maxGreater1))
	rest := greater
	var levels [16]int
	for k := range min(n, 16) {
		levels[k] = 1 + int(greater>>uint(k)&1)
	}
	if greater != 0 {
		first := bits.TrailingZeros32(greater) & 15
		rest &= rest - 1
		if c.bin(&c.states[ctxGreater2+4*chroma+set]) != 0 {
			levels[first] = 3
			rest |= 1 << first
		}
	}
	if n > maxGreater1 {
		rest |= 1<<uint(n) - 1<<maxGreater1
	}

	hidden := s.hiding && found[0]-found[(n-1)&15] > 3
	signs := n
	if hidden {
		signs--
	}
	negative := c.bypasses(signs) << (32 - uint(signs))
	if rest != 0 {
		if err := c.parseRemaining(s, &levels, rest); err != nil {
			return err
		}
	}
	if hidden { // the last coefficient is negative if the sum is odd
		sum := 0
		for _, v := range levels {
			sum += v
		}
		negative |= uint32(sum&1) << (31 - uint(signs))
	}
	c.storeLevels(s, (4*y)<<b.log2+4*x, &levels, negative, found, n)
	return nil
}

// greater1Flags reads n coeff_abs_level_greater1_flags. The first one becomes bit 0 of the result. It is a copy of
// cabac.bin that keeps the engine in registers.
func (c *coder) greater1Flags(s *residualScan, context, n int) uint32 {
	states := (*[4]uint8)(c.states[context:])
	value, width, ahead := c.value, c.width, c.ahead
	flags, greater1 := uint32(0), uint32(1)
	for k := range n {
		state := &states[greater1&3]
		s := uint32(*state) & 127
		lps := uint32(lpsWidths[(width&0xc0)<<1|s])
		mps := width - lps
		scaled := uint64(mps) << (uint(ahead) & 63)
		isLPS := ^uint64(int64(value-scaled) >> 63)
		value -= scaled & isLPS
		width = mps ^ (mps^lps)&uint32(isLPS)
		shift := bits.LeadingZeros32(width) - 23
		width <<= uint(shift) & 31
		less := uint32(isLPS) & 1
		*state = nextStates[s<<1|less]
		flag := s&1 ^ less
		flags |= flag << (uint(k) & 31)
		greater1 = 0b11111000 >> (2 * greater1 & 7) & 3 & (flag - 1) // after 0, 1, 2, 3: 0, 2, 3, 3, and 0 after a 1
		if ahead -= shift; ahead < minAhead {
			c.ahead, c.value = ahead, value
			c.fill()
			ahead, value = c.ahead, c.value
		}
	}
	c.value, c.width, c.ahead = value, width, ahead
	s.greater1 = uint8(greater1)
	return flags
}

// storeLevels scales n coefficients and stores them (8.6.3). origin is the index of the first position of the 4x4 block
// in c.coefs. The highest bit of negative is the sign of the first coefficient.
func (c *coder) storeLevels(s *residualScan, origin int, levels *[16]int, negative uint32, found *[16]uint8, n int) {
	offsets, factors := s.offsets, s.factors
	scale, shift := s.scale, uint(s.shift)&63
	round := 1 << shift >> 1
	for k := range min(n, 16) {
		v := levels[k]
		sign := int(int32(negative)) >> 31
		negative <<= 1
		v = min(max(v^sign-sign, math.MinInt16), math.MaxInt16) // conforming coefficients are in this range (7.4.9.11)
		to := (origin + int(offsets[found[k]&15])) & 1023
		v *= scale
		if factors != nil {
			v *= int(factors[to])
		}
		c.coefs[to] = int16(min(max((v+round)>>shift, math.MinInt16), math.MaxInt16))
	}
}

// parseRemaining reads coeff_abs_level_remaining for the levels whose bits in rest are set, and adds it to them. Most
// take fewer bins than can be read at once.
func (c *coder) parseRemaining(s *residualScan, levels *[16]int, rest uint32) error {
	rice, most := 0, 4
	stat := &c.stat[s.statAt&3]
	adapt := c.sps.persistentRice
	if adapt {
		rice, most = int(*stat/4), 63
	}
	width := c.width
	reciprocal := reciprocalOf(width)
	value, ahead := c.value, c.ahead
	for ; rest != 0; rest &= rest - 1 {
		if ahead < peekAhead {
			c.value, c.ahead = value, ahead
			c.fill()
			value, ahead = c.value, c.ahead
		}
		next := uint32(value >> (uint(ahead-peeked) & 63) * reciprocal >> reciprocalShift) // the next bins
		prefix := bits.LeadingZeros16(^uint16(next))
		v, n := prefix, rice
		if prefix > 3 {
			v, n = 1<<uint(prefix-3)+2, rice+prefix-3
		}
		if used := prefix + 1 + n; used <= peeked {
			next >>= uint(peeked-used) & 31
			ahead -= used
			value -= uint64(next*width) << (uint(ahead) & 63)
			v = v<<(uint(rice)&63) + int(next&(1<<(uint(n)&31)-1))
		} else {
			c.value, c.ahead = value, ahead
			if v = c.parseRice(rice); v < 0 {
				return corrupt("coefficient")
			}
			value, ahead = c.value, c.ahead
		}
		level := &levels[bits.TrailingZeros32(rest)&15]
		*level += v
		if *level > 3<<(uint(rice)&63) {
			rice = min(rice+1, most)
		}
		if adapt { // only the first level updates StatCoeff (9.3.3.11)
			adapt = false
			if v >= 3<<(*stat/4) {
				*stat++
			} else if 2*v < 1<<(*stat/4) && *stat > 0 {
				*stat--
			}
		}
	}
	c.value, c.ahead = value, ahead
	return nil
}

// parseRice reads a coeff_abs_level_remaining (9.3.3.11). It returns -1 if its prefix is too long.
func (c *coder) parseRice(rice int) int {
	prefix := 0
	for c.bypass() != 0 {
		if prefix++; prefix > 31 {
			return -1
		}
	}
	if prefix < 4 {
		return prefix<<rice + int(c.bypasses(rice))
	}
	n := prefix - 3 + rice
	if n > 32 {
		return -1
	}
	return (1<<(prefix-3)+2)<<rice + int(c.bypasses(n))
}
