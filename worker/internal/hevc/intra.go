package hevc

//go:generate go run darkroom/worker/internal/neon intra_arm64.neon deblock_arm64.neon sao_arm64.neon narrow_arm64.neon

// predict writes the intra prediction of a block to dst (8.4.4.2).
func (c *coder) predict(b *transformBlock, dst []uint16, stride int) {
	c.gather(b)
	size := 1 << b.log2
	e := &c.border
	topAt, leftAt := &e.top, &e.left
	if c.filtersBorder(b) {
		if c.usesStrongFilter(b, topAt, leftAt) {
			smoothStrongly(&e.softTop, topAt)
			smoothStrongly(&e.softLeft, leftAt)
		} else {
			smoothBorder(e, 2*size)
		}
		topAt, leftAt = &e.softTop, &e.softLeft
	}
	edge := b.component == 0 && b.log2 < 5 // smooth the samples at the edge towards the border
	switch b.mode {
	case modePlanar:
		predictPlanar(dst, stride, topAt, leftAt, b.log2, c.planes[b.component].depth)
	case modeDC:
		dc := predictDC(dst, stride, topAt, leftAt, b.log2)
		if edge {
			smoothEdge(dst, stride, topAt, leftAt, size, dc)
		}
	default:
		edge = edge && !(c.sps.implicitRDPCM && c.cu.bypass) // disableIntraBoundaryFilter
		c.predictAngular(b, dst, stride, topAt, leftAt, edge)
	}
}

// filtersBorder reports whether the border of a block is filtered before the prediction (8.4.4.2.3).
func (c *coder) filtersBorder(b *transformBlock) bool {
	if c.sps.noSmoothing || b.mode == modeDC || b.log2 == 2 || b.component > 0 && c.sps.Chroma != Chroma444 {
		return false
	}
	if b.mode == modePlanar {
		return true
	}
	distance := min(abs(int(b.mode)-modeVertical), abs(int(b.mode)-modeHorizontal))
	return distance > [6]int{3: 7, 4: 1, 5: 0}[b.log2]
}

// usesStrongFilter reports whether straight lines replace the border because it is nearly linear (8.4.4.2.3).
func (c *coder) usesStrongFilter(b *transformBlock, top, left *[maxBorder]uint16) bool {
	if !c.sps.strongSmoothing || b.component > 0 || b.log2 != 5 {
		return false
	}
	limit := 1 << (c.sps.Depth - 5)
	even := func(s *[maxBorder]uint16) bool { return abs(int(s[0])+int(s[64])-2*int(s[32])) < limit }
	return even(top) && even(left)
}

// smoothStrongly interpolates between the ends of one side of a block of 32 (8.4.4.2.3).
func smoothStrongly(to, from *[maxBorder]uint16) {
	first, last := int(from[0]), int(from[64])
	sum, step := 64*first+32, last-first
	for i := range 65 {
		to[i] = uint16(sum >> 6)
		sum += step
	}
}

// smoothBorder filters both sides, each of n samples and the corner (8.4.4.2.3).
func smoothBorder(e *border, n int) {
	smooth(&e.softTop, &e.top, n)
	smooth(&e.softLeft, &e.left, n)
	corner := uint16((int(e.left[1]) + 2*int(e.top[0]) + int(e.top[1]) + 2) >> 2)
	e.softTop[0], e.softLeft[0] = corner, corner
	e.softTop[n], e.softLeft[n] = e.top[n], e.left[n]
}

// smoothEdge replaces the first row and column of a block that was filled with dc (8.4.4.2.5).
func smoothEdge(dst []uint16, stride int, top, left *[maxBorder]uint16, size, dc int) {
	row := dst[:size]
	for x := range row {
		row[x] = uint16((int(top[1+x]) + 3*dc + 2) >> 2)
	}
	dst[0] = uint16((int(left[1]) + 2*dc + int(top[1]) + 2) >> 2)
	index := 0
	for y := 1; y < size; y++ {
		index += stride
		dst[index] = uint16((int(left[1+y]) + 3*dc + 2) >> 2)
	}
}
