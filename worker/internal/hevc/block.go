package hevc

// transformBlock is a transform block to reconstruct.
type transformBlock struct {
	component  int
	x, y, log2 int // samples of the component
	mode       uint8
	coded      bool // has a residual
	keep       bool // the residual is needed for cross-component prediction
	scale      int  // ResScaleVal

	skip bool // transform_skip_flag
	// All coefficients that are not 0 have x < columns and y < rows.
	columns, rows int
}

// reconstruct predicts a block, reads its residual and adds it (8.4.4.1, 8.6.2).
func (c *coder) reconstruct(b *transformBlock) error {
	p := &c.planes[b.component]
	index := b.y*p.stride + b.x
	c.predict(b, p.pix[index:], p.stride)
	if !b.coded && b.scale == 0 {
		return nil
	}
	if b.coded {
		if err := c.parseResidual(b); err != nil {
			return err
		}
	}
	if !b.coded || b.skip || c.cu.bypass || b.keep || b.scale != 0 {
		c.addSpecial(b, p.pix[index:], p.stride, p.depth)
		return nil
	}
	addInverse(p.pix[index:], p.stride, &c.coefs, transformOf(b), b.log2, b.columns, b.rows, p.depth)
	return nil
}

// transformOf returns the kind of transform of a block (8.6.4.2).
func transformOf(b *transformBlock) int {
	if b.component == 0 && b.log2 == 2 {
		return dst
	}
	return dct
}

// addSpecial adds a residual that needs more than a transform: one without a transform, one that predicts another
// component, or one that is predicted by another.
func (c *coder) addSpecial(b *transformBlock, to []uint16, stride, depth int) {
	n := 1 << (2 * b.log2)
	res := &c.residual
	switch {
	case !b.coded:
		clear(res[:n])
	case c.cu.bypass:
		for i, v := range c.coefs[:n] {
			res[i] = int32(v)
		}
		c.finishUntransformed(b)
	case b.skip: // 8.6.2: tsShift up, then bdShift down like a transform
		up, down := 5+b.log2, 20-depth
		round := int32(1) << down >> 1
		for i, v := range c.coefs[:n] {
			res[i] = (int32(v)<<up + round) >> down
		}
		c.finishUntransformed(b)
	default:
		inverse(res, &c.coefs, transformOf(b), b.log2, b.columns, b.rows, depth)
	}
	if b.keep {
		copy(c.luma[:n], res[:n])
	}
	if b.scale != 0 { // cross-component prediction (8.6.6)
		for i := range n {
			res[i] += int32(b.scale) * (c.luma[i] << c.sps.ChromaDepth >> c.sps.Depth) >> 3
		}
	}
	addResidual(to, stride, res, b.log2, depth)
}

// finishUntransformed finishes the residual of a block without a transform, which was copied from its coefficients. It
// sets the coefficients to 0. If the parameter sets say so, it rotates 4x4 blocks and adds up differences (8.6.2,
// 8.6.5).
func (c *coder) finishUntransformed(b *transformBlock) {
	size := 1 << b.log2
	n := size * size
	res := c.residual[:n]
	clear(c.coefs[:n])
	if c.sps.rotate && b.log2 == 2 {
		for i := range n / 2 {
			res[i], res[n-1-i] = res[n-1-i], res[i]
		}
	}
	if !c.isDifferential(b) {
		return
	}
	if b.mode == modeHorizontal {
		for y := range size {
			row := res[y*size:][:size]
			for x := 1; x < size; x++ {
				row[x] += row[x-1]
			}
		}
		return
	}
	for i := size; i < n; i++ {
		res[i] += res[i-size]
	}
}

// isDifferential reports whether the residual of a block without a transform is coded as differences
// (implicit_rdpcm_enabled_flag, 7.4.3.2.2).
func (c *coder) isDifferential(b *transformBlock) bool {
	return c.sps.implicitRDPCM && (c.cu.bypass || b.skip) && (b.mode == modeHorizontal || b.mode == modeVertical)
}
