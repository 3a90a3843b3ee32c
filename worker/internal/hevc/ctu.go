package hevc

// codingUnit is the coding unit being decoded (7.3.8.5).
type codingUnit struct {
	x, y, log2  int  // luma samples
	bypass      bool // cu_transquant_bypass_flag
	split       bool // IntraSplitFlag: four prediction blocks
	luma        [4]uint8
	chroma      [4]uint8 // IntraPredModeC
	chromaCodes [4]uint8 // intra_chroma_pred_mode
	qp          int      // QpY
	scale       [3]qpScale
}

// codingTree decodes a coding tree unit (7.3.8.2).
func (c *coder) codingTree() error {
	sps := c.sps
	x, y := c.ctb%sps.ctbColumns<<sps.log2CTB, c.ctb/sps.ctbColumns<<sps.log2CTB
	if c.s.saoOn[0] || c.s.saoOn[1] {
		c.parseSAO()
	}
	return c.quadtree(x, y, sps.log2CTB, 0)
}

// parseSAO reads the parameters of sample adaptive offset for a coding tree block (7.3.8.3).
func (c *coder) parseSAO() {
	columns := c.sps.ctbColumns
	if c.ctb%columns > 0 && c.sameRegion(c.ctb-1) && c.bin(&c.states[ctxSaoMerge]) != 0 {
		c.sao[c.ctb] = c.sao[c.ctb-1]
		return
	}
	if c.ctb >= columns && c.sameRegion(c.ctb-columns) && c.bin(&c.states[ctxSaoMerge]) != 0 {
		c.sao[c.ctb] = c.sao[c.ctb-columns]
		return
	}
	var o sao
	for i := range c.planes {
		if !c.s.saoOn[i] {
			continue
		}
		if i == 2 {
			o.kind[2], o.class[2] = o.kind[1], o.class[1]
		} else if c.bin(&c.states[ctxSaoType]) != 0 {
			o.kind[i] = saoBand + uint8(c.bypass())
		}
		if o.kind[i] != 0 {
			c.parseOffsets(&o, i)
		}
	}
	c.sao[c.ctb] = o
}

// parseOffsets reads the offsets of a component (7.3.8.3, 7.4.9.3).
func (c *coder) parseOffsets(o *sao, i int) {
	scale := c.pps.log2OffsetScale[min(i, 1)]
	var offsets [4]int16
	most := 1<<(min(c.planes[i].depth, 10)-5) - 1
	for k := range offsets {
		for int(offsets[k]) < most && c.bypass() != 0 {
			offsets[k]++
		}
	}
	if o.kind[i] == saoBand {
		for k := range offsets {
			if offsets[k] != 0 && c.bypass() != 0 {
				offsets[k] = -offsets[k]
			}
		}
		o.band[i] = uint8(c.bypasses(5))
	} else {
		offsets[2], offsets[3] = -offsets[2], -offsets[3]
		if i < 2 {
			o.class[i] = uint8(c.bypasses(2))
		}
	}
	for k, v := range offsets {
		o.offsets[i][k] = v << scale
	}
}

// quadtree decodes a coding quadtree (7.3.8.4).
func (c *coder) quadtree(x, y, log2, depth int) error {
	sps := c.sps
	size := 1 << log2
	split := log2 > sps.log2MinCB
	if x+size <= sps.codedWidth && y+size <= sps.codedHeight {
		split = split && c.bin(&c.states[ctxSplitCU+c.countDeeper(x, y, depth)]) != 0
	}
	if c.pps.cuQPDelta && log2 >= c.pps.log2QPGroup {
		c.deltaKnown, c.qpDelta = false, 0
	}
	if log2 >= c.pps.log2QPGroup {
		c.qpGroup = c.predictQP(x, y)
	}
	if c.s.chromaLists && log2 >= c.pps.log2ChromaGroup {
		c.offKnown = false
	}
	if !split {
		return c.codingUnit(x, y, log2, depth)
	}
	half := size / 2
	for i := range 4 {
		px, py := x+i&1*half, y+i>>1*half
		if px < sps.codedWidth && py < sps.codedHeight {
			if err := c.quadtree(px, py, log2-1, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// countDeeper counts the neighbours, on the left and above, that are split further (9.3.4.2.2).
func (c *coder) countDeeper(x, y, depth int) (n int) {
	index := y>>2*c.stride4 + x>>2
	if x > 0 && c.region[index-1] == c.current && int(c.depths[index-1]) > depth {
		n++
	}
	if y > 0 && c.region[index-c.stride4] == c.current && int(c.depths[index-c.stride4]) > depth {
		n++
	}
	return n
}

// predictQP returns qPY_PRED of the quantisation group at x, y (8.6.1).
func (c *coder) predictQP(x, y int) int {
	index := y>>2*c.stride4 + x>>2
	mask := 1<<c.sps.log2CTB - 1
	left, above := c.qpPrevious, c.qpPrevious
	if x&mask > 0 { // otherwise it is in another coding tree block
		left = int(c.qp[index-1])
	}
	if y&mask > 0 {
		above = int(c.qp[index-c.stride4])
	}
	return (left + above + 1) >> 1
}

// codingUnit decodes a coding unit (7.3.8.5).
func (c *coder) codingUnit(x, y, log2, depth int) error {
	u := &c.cu
	*u = codingUnit{x: x, y: y, log2: log2}
	if c.pps.bypass {
		u.bypass = c.bin(&c.states[ctxBypass]) != 0
	}
	c.setQP()
	if log2 == c.sps.log2MinCB {
		u.split = c.bin(&c.states[ctxPartMode]) == 0
	}
	index, side := y>>2*c.stride4+x>>2, 1<<log2>>2
	fill(c.depths[index:], c.stride4, side, uint8(depth))
	pcm := false
	if c.sps.pcm && !u.split && log2 >= c.sps.log2MinPCM && log2 <= c.sps.log2MaxPCM {
		pcm = c.terminate()
	}
	if u.bypass || pcm && c.sps.pcmIntact {
		fill(c.block[index:], c.stride4, side, intact)
	}
	if pcm {
		fill(c.modes[index:], c.stride4, side, modeDC)
		c.markEdges(x, y, log2)
		if err := c.pcmBlock(x, y, log2); err != nil {
			return err
		}
		fill(c.region[index:], c.stride4, side, c.current)
	} else {
		c.parseModes()
		maxDepth := c.sps.maxIntraDepth
		if u.split {
			maxDepth++
		}
		if err := c.transformTree(transformNode{x: x, y: y, log2: log2, cbf: [3]uint8{0, 3, 3}}, maxDepth); err != nil {
			return err
		}
	}
	fill(c.qp[index:], c.stride4, side, int8(u.qp))
	c.qpPrevious = u.qp
	return nil
}

// fill sets a square of an array that has one entry for each 4x4 block.
func fill[T any](to []T, stride, side int, v T) {
	for y := range side {
		row := to[y*stride:][:side]
		for x := range row {
			row[x] = v
		}
	}
}

// markEdges marks the left and the upper side of a transform block for the deblocking filter (8.7.2.3).
func (c *coder) markEdges(x, y, log2 int) {
	if c.s.deblockingOff {
		return
	}
	mask := 1<<c.sps.log2CTB - 1
	index, side := y>>2*c.stride4+x>>2, 1<<log2>>2
	if x&7 == 0 && (x&mask > 0 || c.filterLeft) {
		for i := range side {
			c.block[index+i*c.stride4] |= edgeLeft
		}
	}
	if y&7 == 0 && (y&mask > 0 || c.filterTop) {
		for i := range side {
			c.block[index+i] |= edgeTop
		}
	}
}

// pcmBlock reads the samples of a coding unit in PCM (7.3.8.7, 8.4.4.1).
func (c *coder) pcmBlock(x, y, log2 int) error {
	r := &bitReader{data: c.data, pos: 8 * c.nextByte()}
	for i, p := range c.planes {
		depth := c.sps.pcmDepth[min(i, 1)]
		for row := range 1 << log2 >> p.shiftY {
			to := p.pix[(y>>p.shiftY+row)*p.stride+x>>p.shiftX:][:1<<log2>>p.shiftX]
			for k := range to {
				to[k] = uint16(r.u(depth)) << (p.depth - depth)
			}
		}
	}
	if r.pastEnd() {
		return corrupt("PCM samples end early")
	}
	c.start(c.data, (r.pos+7)/8)
	return nil
}
