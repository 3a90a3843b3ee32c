package hevc

// transformNode is a node of the transform tree (7.3.8.8).
type transformNode struct {
	x, y, log2   int // luma samples
	baseX, baseY int // position of the parent
	depth        int
	index        int // position among the children of the parent, 0 to 3

	// Coded block flags: bit 0, and for chroma in 4:2:2 bit 1 for the lower block. Before the node's own flags are
	// read, these are the parent's.
	cbf [3]uint8
}

// transformTree decodes a node and all nodes below it.
func (c *coder) transformTree(n transformNode, maxDepth int) error {
	sps, u := c.sps, &c.cu
	var split bool
	switch {
	case n.log2 > sps.log2MaxTB, u.split && n.depth == 0:
		split = true
	case n.log2 > sps.log2MinTB && n.depth < maxDepth:
		split = c.bin(&c.states[ctxSplitTU+5-n.log2]) != 0
	}
	if n.log2 > 2 && sps.Chroma != Grey || sps.Chroma == Chroma444 {
		for i := 1; i < 3; i++ {
			if n.cbf[i] == 0 {
				continue
			}
			n.cbf[i] = uint8(c.bin(&c.states[ctxCBFChroma+n.depth]))
			if sps.Chroma == Chroma422 && (!split || n.log2 == 3) {
				n.cbf[i] |= uint8(c.bin(&c.states[ctxCBFChroma+n.depth])) << 1
			}
		}
	} else if sps.Chroma == Grey {
		n.cbf = [3]uint8{}
	}
	if split {
		half := 1 << n.log2 >> 1
		for i := range 4 {
			child := transformNode{x: n.x + i&1*half, y: n.y + i>>1*half, log2: n.log2 - 1,
				baseX: n.x, baseY: n.y, depth: n.depth + 1, index: i, cbf: n.cbf}
			if err := c.transformTree(child, maxDepth); err != nil {
				return err
			}
		}
		return nil
	}
	first := 0
	if n.depth == 0 {
		first = 1
	}
	n.cbf[0] = uint8(c.bin(&c.states[ctxCBFLuma+first]))
	return c.transformUnit(&n)
}

// transformUnit predicts the blocks of a leaf and adds their residuals (7.3.8.10, 8.4.4.1).
func (c *coder) transformUnit(n *transformNode) error {
	u := &c.cu
	chroma := n.cbf[1]|n.cbf[2] != 0
	if n.cbf[0] != 0 || chroma {
		if c.pps.cuQPDelta && !c.deltaKnown {
			if err := c.parseQPDelta(); err != nil {
				return err
			}
		}
		if chroma && !u.bypass && c.s.chromaLists && !c.offKnown {
			c.parseChromaOffset()
		}
	}
	part := 0
	if u.split {
		half := u.log2 - 1
		part = (n.y-u.y)>>half<<1 | (n.x-u.x)>>half
	}
	c.markEdges(n.x, n.y, n.log2)
	cross := c.pps.crossComponent && n.cbf[0] != 0 && u.chromaCodes[part] == chromaFromLuma
	b := transformBlock{component: 0, x: n.x, y: n.y, log2: n.log2, mode: u.luma[part], coded: n.cbf[0] != 0, keep: cross}
	if err := c.reconstruct(&b); err != nil {
		return err
	}
	fill(c.region[n.y>>2*c.stride4+n.x>>2:], c.stride4, 1<<n.log2>>2, c.current)
	if c.sps.Chroma == Grey {
		return nil
	}
	x, y, log2 := n.x, n.y, n.log2
	if c.sps.Chroma != Chroma444 {
		if log2 == 2 {
			if n.index < 3 {
				return nil
			}
			x, y, log2 = n.baseX, n.baseY, 3
		}
		log2--
	}
	halves := 1
	if c.sps.Chroma == Chroma422 {
		halves = 2
	}
	for i := 1; i < 3; i++ {
		scale := 0
		if cross {
			scale = c.parseResScale(i - 1)
		}
		for half := range halves {
			b := transformBlock{component: i, x: x >> c.planes[i].shiftX, y: y>>c.planes[i].shiftY + half<<log2, log2: log2,
				mode: u.chroma[part], coded: n.cbf[i]>>half&1 != 0, scale: scale}
			if err := c.reconstruct(&b); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseQPDelta reads cu_qp_delta_abs and its sign (7.3.8.14).
func (c *coder) parseQPDelta() error {
	delta := 0
	for delta < 5 && c.bin(&c.states[ctxQPDelta+min(delta, 1)]) != 0 {
		delta++
	}
	if delta == 5 {
		k := 0
		for ; c.bypass() != 0; k++ {
			if k > 6 {
				return corrupt("difference of quantisation parameters")
			}
			delta += 1 << k
		}
		delta += int(c.bypasses(k))
	}
	if delta != 0 && c.bypass() != 0 {
		delta = -delta
	}
	offset := 6 * (c.sps.Depth - 8)
	if delta < -(26+offset/2) || delta > 25+offset/2 {
		return corrupt("quantisation parameters that differ by %d", delta)
	}
	c.deltaKnown, c.qpDelta = true, delta
	c.setQP()
	return nil
}

// parseChromaOffset reads cu_chroma_qp_offset_flag and its index (7.3.8.15).
func (c *coder) parseChromaOffset() {
	c.offset = [3]int{}
	if c.bin(&c.states[ctxChromaQPFlag]) != 0 {
		index := 0
		for index < len(c.pps.chromaOffsets)-1 && c.bin(&c.states[ctxChromaQPIdx]) != 0 {
			index++
		}
		list := c.pps.chromaOffsets[index]
		c.offset = [3]int{0, list[0], list[1]}
	}
	c.offKnown = true
	c.setQP()
}

// parseResScale reads ResScaleVal of cross-component prediction (7.3.8.12).
func (c *coder) parseResScale(component int) int {
	n := 0
	for n < 4 && c.bin(&c.states[ctxResScale+4*component+n]) != 0 {
		n++
	}
	if n == 0 {
		return 0
	}
	if c.bin(&c.states[ctxResScaleSign+component]) != 0 {
		return -(1 << (n - 1))
	}
	return 1 << (n - 1)
}
