package hevc

import "math"

// maxGreater1 is how many coefficients of a 4x4 block have a coeff_abs_level_greater1_flag.
const maxGreater1 = 8

// parseLevels reads the values of the coefficients at found, which are indexes within the 4x4 coefficients number i in
// scan order, last one first. It scales and stores them (7.3.8.11).
func (c *coder) parseLevels(s *residualScan, i, x, y int, found []uint8) error {
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

	var levels [16]int64
	n := len(found)
	ctx := c.states[ctxGreater1+16*chroma+4*set:][:4]
	greater1, firstGreater := uint8(1), -1
	for k := range min(n, maxGreater1) {
		g := c.bin(&ctx[greater1&3])
		levels[k&15] = 1 + int64(g)
		if g != 0 {
			greater1 = 0
			if firstGreater < 0 {
				firstGreater = k
			}
		} else if greater1 > 0 && greater1 < 3 {
			greater1++
		}
	}
	s.greater1 = greater1
	if firstGreater >= 0 {
		levels[firstGreater&15] += int64(c.bin(&c.states[ctxGreater2+4*chroma+set]))
	}

	hidden := s.hiding && found[0]-found[n-1] > 3
	signs := n
	if hidden {
		signs--
	}
	negative := c.bypasses(signs) << (32 - uint(signs))

	if err := c.parseRemaining(s, &levels, n, firstGreater); err != nil {
		return err
	}

	scan := scans[s.order][2]
	log2 := b.log2
	origin := 4*y<<log2 + 4*x
	sum := int64(0)
	for k, at := range found {
		v := levels[k&15]
		sum += v
		if negative>>31 != 0 {
			v = -v
		}
		negative <<= 1
		if hidden && k == n-1 && sum&1 != 0 {
			v = -v
		}
		p := scan[at&15]
		to := (origin + int(p.y)<<log2 + int(p.x)) & 1023
		c.coefs[to] = s.scaled(v, to)
	}
	return nil
}

// scaled returns a coefficient, scaled and rounded (8-309).
func (s *residualScan) scaled(v int64, at int) int16 {
	v = min(max(v, math.MinInt16), math.MaxInt16) // a conforming coefficient is in this range, 7.4.9.11
	if !s.raw {
		scale := s.scale
		if s.factors != nil {
			scale *= int64(s.factors[at])
		}
		v = (v*scale + 1<<(s.shift-1)) >> s.shift
	}
	return int16(min(max(v, math.MinInt16), math.MaxInt16))
}

// parseRemaining reads coeff_abs_level_remaining and adds it to the levels.
func (c *coder) parseRemaining(s *residualScan, levels *[16]int64, n, firstGreater int) error {
	rice, first := 0, true
	stat := &c.stat[s.statAt&3]
	if c.sps.persistentRice {
		rice = int(*stat / 4)
	}
	for k := range n {
		// Below this level the flags have said all: 3 with a coeff_abs_level_greater2_flag, 2 without, 1 without any.
		switch level := &levels[k&15]; {
		case k >= maxGreater1:
			*level = 1
		case k == firstGreater && *level < 3, k != firstGreater && *level < 2:
			continue
		}
		v := c.parseRice(rice)
		if v < 0 {
			return corrupt("coefficient")
		}
		levels[k&15] += v
		if levels[k&15] > 3<<rice {
			rice++
			if !c.sps.persistentRice {
				rice = min(rice, 4)
			}
		}
		if first && c.sps.persistentRice { // 9.3.2.4
			if v >= 3<<(*stat/4) {
				*stat++
			} else if 2*v < 1<<(*stat/4) && *stat > 0 {
				*stat--
			}
		}
		first = false
	}
	return nil
}

// parseRice reads a coeff_abs_level_remaining (9.3.3.11), or returns -1 if its prefix is too long.
func (c *coder) parseRice(rice int) int64 {
	prefix := 0
	for c.bypass() != 0 {
		if prefix++; prefix > 31 {
			return -1
		}
	}
	if prefix < 4 {
		return int64(prefix)<<rice + int64(c.bypasses(rice))
	}
	n := prefix - 3 + rice
	if n > 32 {
		return -1
	}
	return (1<<(prefix-3)+2)<<rice + int64(c.bypasses(n))
}
