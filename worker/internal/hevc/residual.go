package hevc

import "math/bits"

// residualScan is the state of parseResidual for one block.
type residualScan struct {
	block    *transformBlock
	order    int         // scan order
	plain    bool        // all sig_coeff_flags share a context (transform_skip_context_enabled_flag)
	hiding   bool        // signs can be hidden
	scale    int         // factor of every coefficient, with levelScale
	factors  []uint8     // factors of a scaling list, or nil for 16 everywhere
	shift    int         // bdShift (8.6.3)
	statAt   int         // sbType
	offsets  *[16]uint16 // indexes of 4x4 coefficients in the block, in scan order
	greater1 uint8       // greater1Ctx after the previous block of coefficients
	first    bool        // no levels have been read yet
}

// parseResidual reads the coefficients of a block, scales them and stores them in c.coefs (7.3.8.11, 8.6.3).
func (c *coder) parseResidual(b *transformBlock) error {
	luma := b.component == 0
	chroma := min(b.component, 1)
	b.skip = c.pps.transformSkip && !c.cu.bypass && b.log2 <= c.pps.log2MaxSkip && c.bin(&c.states[ctxSkip+chroma]) != 0
	s := residualScan{block: b, order: c.scanOf(b), first: true}
	s.offsets = &scanOffsets[s.order][(b.log2-2)&3]
	s.plain = c.sps.contextSkip && (b.skip || c.cu.bypass)
	s.hiding = c.pps.signHiding && !c.cu.bypass && !(b.skip && c.isDifferential(b))
	if luma {
		s.statAt = 2
	}
	if b.skip || c.cu.bypass {
		s.statAt++
	}
	c.prepareScaling(&s)

	lastX, lastY := c.parseLast(b.log2, chroma, s.order)
	log2Blocks := b.log2 - 2
	lastBlock := int(scanIndex[s.order][log2Blocks][lastY>>2<<log2Blocks|lastX>>2])
	last := int(scanIndex[s.order][2][lastY&3<<2|lastX&3])
	b.columns, b.rows = 1, 1
	if lastX|lastY == 0 {
		return c.parseOnlyDC(&s)
	}

	var coded [9][9]uint8 // coded_sub_block_flag, with a border
	for i := lastBlock; i >= 0; i-- {
		pos := scans[s.order][log2Blocks][i]
		x, y := int(pos.x), int(pos.y)
		prev := coded[y&7][x&7+1] | coded[y&7+1][x&7]<<1
		infer := false
		if i < lastBlock && i > 0 {
			ctx := ctxCodedBlock + 2*chroma
			if prev != 0 {
				ctx++
			}
			if c.bin(&c.states[ctx]) == 0 {
				continue
			}
			infer = true
		}
		coded[y&7][x&7] = 1

		var found [16]uint8
		n, from := 0, 15
		if i == lastBlock {
			found[0], n, from = uint8(last), 1, last-1
		}
		row, base := c.sigContext(&s, x|y, int(prev))
		if from > 0 {
			n = c.sigFlags(row, base, from, n, &found)
		}
		if from >= 0 { // the coefficient at 0, 0
			sig := infer && n == 0
			if !sig {
				ctx := base + int(row[0])
				if i == 0 && !s.plain {
					ctx = ctxSig + 27*chroma
				}
				sig = c.bin(&c.states[ctx]) != 0
			}
			if sig {
				found[n&15] = 0
				n++
			}
		}
		if n == 0 {
			continue
		}
		b.columns, b.rows = max(b.columns, 4*x+4), max(b.rows, 4*y+4)
		if err := c.parseLevels(&s, i, x, y, &found, n); err != nil {
			return err
		}
	}
	return nil
}

// parseOnlyDC reads a block whose only coefficient is the one at 0, 0.
func (c *coder) parseOnlyDC(s *residualScan) error {
	return c.parseLevels(s, 0, 0, 0, &[16]uint8{}, 1)
}

// prepareScaling derives the scaling of a block's coefficients (8.6.3).
func (c *coder) prepareScaling(s *residualScan) {
	b := s.block
	if c.cu.bypass { // coefficients are not scaled
		s.scale = 1
		return
	}
	s.shift = c.planes[b.component].depth + b.log2 - 5
	s.scale = int(c.cu.scale[b.component])
	if c.pps.scaling != nil && !(b.skip && b.log2 > 2) {
		s.factors = c.pps.scaling[b.log2-2][b.component]
	} else {
		s.scale *= 16
	}
}

// parseLast reads the position of the last coefficient that is not 0.
func (c *coder) parseLast(log2, chroma, order int) (x, y int) {
	first, shift := 3*(log2-2)+(log2-1)>>2, (log2+1)>>2
	if chroma != 0 {
		first, shift = 15, log2-2
	}
	most := log2<<1 - 1
	for x < most && c.bin(&c.states[ctxLastX+first+x>>shift]) != 0 {
		x++
	}
	for y < most && c.bin(&c.states[ctxLastY+first+y>>shift]) != 0 {
		y++
	}
	x = c.lastSuffix(x)
	y = c.lastSuffix(y)
	if order == scanVertical {
		x, y = y, x
	}
	return x, y
}

// lastSuffix returns the coordinate that a prefix and its suffix stand for (7.4.9.11). It reads the suffix, if any.
func (c *coder) lastSuffix(prefix int) int {
	if prefix < 4 {
		return prefix
	}
	n := prefix>>1 - 1
	return 1<<n*(2+prefix&1) + int(c.bypasses(n))
}

// sigContext returns the contexts of the sig_coeff_flags of a 4x4 block of coefficients. The index of a context is base
// plus an entry of row. outer is 0 for the block at 0, 0.
func (c *coder) sigContext(s *residualScan, outer, prev int) (row *[16]uint8, base int) {
	b := s.block
	luma := b.component == 0
	if s.plain {
		base = ctxSig + 42
		if !luma {
			base++
		}
		return &sigContexts[s.order][5], base
	}
	base = ctxSig
	if !luma {
		base += 27
	}
	if b.log2 == 2 {
		return &sigContexts[s.order][4], base
	}
	switch {
	case !luma && b.log2 == 3:
		base += 9
	case !luma:
		base += 12
	case b.log2 > 3:
		base += 21
	case s.order == scanDiagonal:
		base += 9
	default:
		base += 15
	}
	if luma && outer != 0 {
		base += 3
	}
	return &sigContexts[s.order][prev], base
}

// sigFlags reads the sig_coeff_flags from index from down to 1. It appends the indexes whose flags are set to found,
// which holds n already. It is a copy of cabac.bin that keeps the engine in registers and branches, because these bins
// are predictable enough.
func (c *coder) sigFlags(row *[16]uint8, base, from, n int, found *[16]uint8) int {
	states := c.states[base : base+16 : base+16]
	value, width, ahead := c.value, c.width, c.ahead
	for k := from; k > 0; k-- {
		state := &states[row[k&15]&15]
		s := uint32(*state) & 127
		lps := uint32(lpsWidths[(width&0xc0)<<1|s])
		width -= lps
		scaled := uint64(width) << (uint(ahead) & 63)
		found[n&15] = uint8(k)
		if value < scaled {
			n += int(s & 1)
			*state = nextStates[s<<1]
			if width >= 256 {
				continue
			}
			width <<= 1
			ahead--
		} else {
			value -= scaled
			n += int(s&1 ^ 1)
			*state = nextStates[s<<1|1]
			shift := bits.LeadingZeros32(lps) - 23
			width = lps << (uint(shift) & 31)
			ahead -= shift
		}
		if ahead < minAhead {
			c.ahead, c.value = ahead, value
			c.fill()
			ahead, value = c.ahead, c.value
		}
	}
	c.value, c.width, c.ahead = value, width, ahead
	return n
}
