package hevc

// predict writes the intra prediction of a block to dst (8.4.4.2).
func (c *coder) predict(b *transformBlock, dst []uint16, stride int) {
	c.gather(b)
	size := 1 << b.log2
	e := &c.border
	top, left := e.top[:2*size+1], e.left[:2*size+1]
	if c.filters(b) {
		softTop, softLeft := e.softTop[:2*size+1], e.softLeft[:2*size+1]
		if c.strong(b, top, left) {
			smoothStrongly(softTop, top)
			smoothStrongly(softLeft, left)
		} else {
			smooth(softTop, softLeft, top, left)
		}
		top, left = softTop, softLeft
	}
	edge := b.component == 0 && b.log2 < 5 // the samples at the edge are smoothed towards the border
	switch b.mode {
	case modePlanar:
		predictPlanar(dst, stride, top, left, b.log2)
	case modeDC:
		predictDC(dst, stride, top, left, b.log2, edge)
	default:
		edge = edge && !(c.sps.implicitRDPCM && c.cu.bypass) // disableIntraBoundaryFilter
		c.predictAngular(b, dst, stride, top, left, edge)
	}
}

// filters reports whether the border of a block is filtered (8.4.4.2.3).
func (c *coder) filters(b *transformBlock) bool {
	if c.sps.noSmoothing || b.mode == modeDC || b.log2 == 2 || b.component > 0 && c.sps.Chroma != Chroma444 {
		return false
	}
	if b.mode == modePlanar {
		return true
	}
	distance := min(abs(int(b.mode)-modeVertical), abs(int(b.mode)-modeHorizontal))
	return distance > [6]int{3: 7, 4: 1, 5: 0}[b.log2]
}

// strong reports whether the border is so even that it is replaced by straight lines (8.4.4.2.3).
func (c *coder) strong(b *transformBlock, top, left []uint16) bool {
	if !c.sps.strongSmoothing || b.component > 0 || b.log2 != 5 {
		return false
	}
	limit := 1 << (c.sps.Depth - 5)
	even := func(s []uint16) bool { return abs(int(s[0])+int(s[64])-2*int(s[32])) < limit }
	return even(top) && even(left)
}

// smoothStrongly interpolates between the ends of one side (8-51 to 8-55).
func smoothStrongly(to, from []uint16) {
	first, last := int(from[0]), int(from[64])
	for i := range to {
		to[i] = uint16(((64-i)*first + i*last + 32) >> 6)
	}
}

// smooth filters both sides with 1, 2, 1 (8-56 to 8-60).
func smooth(toTop, toLeft, top, left []uint16) {
	corner := uint16((int(left[1]) + 2*int(top[0]) + int(top[1]) + 2) >> 2)
	for _, side := range [2]struct{ to, from []uint16 }{{toTop, top}, {toLeft, left}} {
		to, from := side.to, side.from[:len(side.to)]
		to[0] = corner
		a, b := int(from[0]), int(from[1])
		for i := 1; i < len(to)-1; i++ {
			n := int(from[i+1])
			to[i] = uint16((a + 2*b + n + 2) >> 2)
			a, b = b, n
		}
		to[len(to)-1] = from[len(to)-1]
	}
}

// predictPlanar is 8.4.4.2.4.
func predictPlanar(dst []uint16, stride int, top, left []uint16, log2 int) {
	size := 1 << log2
	right, below := int(top[size+1]), int(left[size+1])
	for y := range size {
		row, above := dst[y*stride:][:size], top[1:][:size]
		l := int(left[1+y])
		across := (size-1)*l + right + size // at x = 0, with the rounding
		step := right - l
		for x := range row {
			row[x] = uint16((across + x*step + (size-1-y)*int(above[x]) + (y+1)*below) >> (log2 + 1))
		}
	}
}

// predictDC is 8.4.4.2.5.
func predictDC(dst []uint16, stride int, top, left []uint16, log2 int, edge bool) {
	size := 1 << log2
	sum := size
	for i := 1; i <= size; i++ {
		sum += int(top[i]) + int(left[i])
	}
	dc := sum >> (log2 + 1)
	for y := range size {
		fillRow(dst[y*stride:][:size], uint16(dc))
	}
	if !edge {
		return
	}
	dst[0] = uint16((int(left[1]) + 2*dc + int(top[1]) + 2) >> 2)
	for i := 1; i < size; i++ {
		dst[i] = uint16((int(top[1+i]) + 3*dc + 2) >> 2)
		dst[i*stride] = uint16((int(left[1+i]) + 3*dc + 2) >> 2)
	}
}
