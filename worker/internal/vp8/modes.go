package vp8

// mode is a prediction mode (11.2 and 11.3). Macroblocks use the first four, subblocks all ten.
type mode uint8

const (
	modeDC mode = iota
	modeTrueMotion
	modeVertical
	modeHorizontal
	modeLeftDown
	modeRightDown
	modeVerticalRight
	modeVerticalLeft
	modeHorizontalDown
	modeHorizontalUp

	subblockModes = 10
)

// readModes reads the header of a macroblock (19.3). It keeps the modes along the borders of the macroblock, because
// the macroblocks below and to the right depend on them (11.3).
func (d *decoder) readModes(m *macroblock, above *borders) {
	b := &d.first
	m.segment = 0
	if d.mapped {
		if b.bit(d.segmentTree[0]) {
			m.segment = 2 + uint8(b.bit01(d.segmentTree[2]))
		} else {
			m.segment = uint8(b.bit01(d.segmentTree[1]))
		}
	}
	m.skip = d.skips && b.bit(d.skip)
	if m.split = !b.bit(145); m.split {
		readSubblockModes(b, m, above, &d.left)
	} else {
		m.luma = readLumaMode(b)
		for i := range 4 {
			above.modes[i], d.left.modes[i] = m.luma, m.luma
		}
	}
	m.colour = readColourMode(b)
}

// readLumaMode reads a branch of the tree of luma modes in key frames (11.2).
func readLumaMode(b *booleans) mode {
	if !b.bit(156) {
		if !b.bit(163) {
			return modeDC
		}
		return modeVertical
	}
	if !b.bit(128) {
		return modeHorizontal
	}
	return modeTrueMotion
}

// readColourMode reads a branch of the tree of colour modes in key frames (11.4).
func readColourMode(b *booleans) mode {
	switch {
	case !b.bit(142):
		return modeDC
	case !b.bit(114):
		return modeVertical
	case !b.bit(183):
		return modeHorizontal
	}
	return modeTrueMotion
}

func readSubblockModes(b *booleans, m *macroblock, above, left *borders) {
	for y := range 4 {
		last := left.modes[y]
		for x := range 4 {
			last = readSubblockMode(b, &subblockModeProbabilities[above.modes[x]][last])
			m.sub[4*y+x] = last
			above.modes[x] = last
		}
		left.modes[y] = last
	}
}

// readSubblockMode reads a branch of the tree of subblock modes (11.2).
func readSubblockMode(b *booleans, p *[subblockModes - 1]uint8) mode {
	switch {
	case !b.bit(p[0]):
		return modeDC
	case !b.bit(p[1]):
		return modeTrueMotion
	case !b.bit(p[2]):
		return modeVertical
	case !b.bit(p[3]):
		switch {
		case !b.bit(p[4]):
			return modeHorizontal
		case !b.bit(p[5]):
			return modeRightDown
		}
		return modeVerticalRight
	case !b.bit(p[6]):
		return modeLeftDown
	case !b.bit(p[7]):
		return modeVerticalLeft
	case !b.bit(p[8]):
		return modeHorizontalDown
	}
	return modeHorizontalUp
}
