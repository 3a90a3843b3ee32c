package hevc

// subBlock writes the coefficients of a sub-block.
func (g *synth) subBlock(b subBlock, greater1 *int) {
	w := &g.w
	var places []int // positions of nonzero coefficients, in coding order
	start := 15
	if b.isLast {
		places = append(places, b.lastN)
		start = b.lastN - 1
	}
	for n := start; n >= 0; n-- {
		significant := b.level(n) != 0
		if n > 0 || !b.inferDC {
			w.decision(b.sigContext(n), bit(significant))
		} else {
			significant = true
		}
		if significant {
			places = append(places, n)
			b.inferDC = false
		}
	}
	if len(places) == 0 {
		return
	}
	magnitude := func(k int) int { return max(1, abs(b.level(places[k]))) }
	set := 2
	if b.i == 0 || b.chroma == 1 {
		set = 0
	}
	if *greater1 == 0 {
		set++
	}
	*greater1 = 1
	firstLarge := -1
	for k := range min(8, len(places)) {
		large := magnitude(k) > 1
		w.decision(synGreater1+16*b.chroma+4*set+*greater1, bit(large))
		if large {
			*greater1 = 0
			if firstLarge < 0 {
				firstLarge = k
			}
		} else if *greater1 > 0 {
			*greater1 = min(3, *greater1+1)
		}
	}
	if firstLarge >= 0 {
		w.decision(synGreater2+4*b.chroma+set, bit(magnitude(firstLarge) > 2))
	}
	hide := b.hidden && places[0]-places[len(places)-1] > 3
	for k, n := range places {
		if !hide || k < len(places)-1 {
			w.bypass(1, bit(b.level(n) < 0))
		}
	}
	g.remaining(b.riceKind, len(places), firstLarge, magnitude)
}

// remaining writes coeff_abs_level_remaining of a sub-block (9.3.3.11).
func (g *synth) remaining(kind, n, firstLarge int, magnitude func(k int) int) {
	w := &g.w
	rice, first := 0, true
	if g.persistentRice {
		rice = w.rice[kind] / 4
	}
	for k := range n {
		base := 1
		switch {
		case k >= 8:
		case firstLarge < 0 || k < firstLarge:
			base = 2
		case k == firstLarge:
			base = 3
		default:
			base = 2
		}
		m := magnitude(k)
		if m < base {
			continue
		}
		v := m - base
		if v>>rice < 4 {
			w.bypass(v>>rice+1, 1<<(v>>rice+1)-2)
			w.bypass(rice, v&(1<<rice-1))
		} else {
			w.bypass(4, 15)
			w.golomb(rice+1, v-4<<rice)
		}
		if m > 3<<rice {
			rice++
			if !g.persistentRice {
				rice = min(rice, 4)
			}
		}
		if g.persistentRice && first {
			stat := &w.rice[kind]
			if v >= 3<<(*stat/4) {
				*stat++
			} else if 2*v < 1<<(*stat/4) && *stat > 0 {
				*stat--
			}
		}
		first = false
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
