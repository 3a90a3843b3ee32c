package hevc

// lumaVerticalPortable filters vertical edges that are 8 samples apart. Each edge has levels for four segments, one
// below the other. Sample q0,0 of the first edge is pix[4]. Segments that begin at rows or below must have levels of 0.
func lumaVerticalPortable(pix []uint16, stride, rows int, edges []levels, top int) {
	for segment := range rows / 4 {
		for i := range edges {
			if tc := edges[i].tc[segment]; tc != 0 {
				lumaSegment(pix, 4*segment*stride+8*i+4, 1, stride, int(tc), int(edges[i].beta[segment]), top, false, false)
			}
		}
	}
}

// lumaHorizontalPortable filters a horizontal edge. Each of the levels is for four segments, one beside the other.
// Sample q0,0 of the first is pix[4*stride].
func lumaHorizontalPortable(pix []uint16, stride int, edges []levels, top int) {
	for i := range edges {
		for segment, tc := range edges[i].tc {
			if tc != 0 {
				lumaSegment(pix, 4*stride+16*i+4*segment, stride, 1, int(tc), int(edges[i].beta[segment]), top, false, false)
			}
		}
	}
}

// chromaVerticalPortable is lumaVerticalPortable for chroma.
func chromaVerticalPortable(pix []uint16, stride, rows int, edges []levels, top int) {
	for segment := range rows / 4 {
		for i := range edges {
			if tc := edges[i].tc[segment]; tc != 0 {
				chromaSegment(pix, 4*segment*stride+8*i+4, 1, stride, int(tc), top, false, false)
			}
		}
	}
}

// chromaHorizontalPortable is lumaHorizontalPortable for chroma.
func chromaHorizontalPortable(pix []uint16, stride int, edges []levels, top int) {
	for i := range edges {
		for segment, tc := range edges[i].tc {
			if tc != 0 {
				chromaSegment(pix, 4*stride+16*i+4*segment, stride, 1, int(tc), top, false, false)
			}
		}
	}
}

// lumaSegment filters four lines of luma samples across an edge (8.7.2.5.3, 8.7.2.5.6, 8.7.2.5.7). Sample q0,0 is
// pix[index]. keepP and keepQ leave side P or Q unchanged.
func lumaSegment(pix []uint16, index, across, along, tc, beta, top int, keepP, keepQ bool) {
	first := lineAcross(pix, index, across)
	last := lineAcross(pix, index+3*along, across)
	p0, q0 := abs(first[1]-2*first[2]+first[3]), abs(first[4]-2*first[5]+first[6])
	p3, q3 := abs(last[1]-2*last[2]+last[3]), abs(last[4]-2*last[5]+last[6])
	if p0+q0+p3+q3 >= beta {
		return
	}
	if isFlat(&first, 2*(p0+q0), tc, beta) && isFlat(&last, 2*(p3+q3), tc, beta) {
		for range 4 {
			lumaStrong(pix, index, across, tc, keepP, keepQ)
			index += along
		}
		return
	}
	side := (beta + beta>>1) >> 3
	twoP, twoQ := p0+p3 < side, q0+q3 < side
	for range 4 {
		lumaWeak(pix, index, across, tc, top, twoP, twoQ, keepP, keepQ)
		index += along
	}
}

// lineAcross returns the eight samples of a line: p3, p2, p1, p0, q0, q1, q2 and q3.
func lineAcross(pix []uint16, index, across int) (line [8]int) {
	index -= 4 * across
	for i := range line {
		line[i] = int(pix[index])
		index += across
	}
	return line
}

// isFlat decides for one line whether the strong filter may be used (8.7.2.5.6).
func isFlat(line *[8]int, d, tc, beta int) bool {
	return d < beta>>2 && abs(line[0]-line[3])+abs(line[4]-line[7]) < beta>>3 && abs(line[3]-line[4]) < (5*tc+1)>>1
}

func lumaStrong(pix []uint16, index, across, tc int, keepP, keepQ bool) {
	l := lineAcross(pix, index, across)
	tc *= 2
	if !keepP {
		pix[index-across] = uint16(clip((l[1]+2*l[2]+2*l[3]+2*l[4]+l[5]+4)>>3, l[3]-tc, l[3]+tc))
		pix[index-2*across] = uint16(clip((l[1]+l[2]+l[3]+l[4]+2)>>2, l[2]-tc, l[2]+tc))
		pix[index-3*across] = uint16(clip((2*l[0]+3*l[1]+l[2]+l[3]+l[4]+4)>>3, l[1]-tc, l[1]+tc))
	}
	if !keepQ {
		pix[index] = uint16(clip((l[2]+2*l[3]+2*l[4]+2*l[5]+l[6]+4)>>3, l[4]-tc, l[4]+tc))
		pix[index+across] = uint16(clip((l[3]+l[4]+l[5]+l[6]+2)>>2, l[5]-tc, l[5]+tc))
		pix[index+2*across] = uint16(clip((l[3]+l[4]+l[5]+3*l[6]+2*l[7]+4)>>3, l[6]-tc, l[6]+tc))
	}
}

func lumaWeak(pix []uint16, index, across, tc, top int, twoP, twoQ, keepP, keepQ bool) {
	p2, p1, p0 := int(pix[index-3*across]), int(pix[index-2*across]), int(pix[index-across])
	q0, q1, q2 := int(pix[index]), int(pix[index+across]), int(pix[index+2*across])
	delta := (9*(q0-p0) - 3*(q1-p1) + 8) >> 4
	if abs(delta) >= 10*tc {
		return
	}
	delta = clip(delta, -tc, tc)
	if !keepP {
		pix[index-across] = uint16(clip(p0+delta, 0, top))
		if twoP {
			pix[index-2*across] = uint16(clip(p1+clip(((p2+p0+1)>>1-p1+delta)>>1, -(tc>>1), tc>>1), 0, top))
		}
	}
	if !keepQ {
		pix[index] = uint16(clip(q0-delta, 0, top))
		if twoQ {
			pix[index+across] = uint16(clip(q1+clip(((q2+q0+1)>>1-q1-delta)>>1, -(tc>>1), tc>>1), 0, top))
		}
	}
}

// chromaSegment filters four lines of chroma samples across an edge (8.7.2.5.8).
func chromaSegment(pix []uint16, index, across, along, tc, top int, keepP, keepQ bool) {
	for range 4 {
		p1, p0 := int(pix[index-2*across]), int(pix[index-across])
		q0, q1 := int(pix[index]), int(pix[index+across])
		delta := clip((4*(q0-p0)+p1-q1+4)>>3, -tc, tc)
		if !keepP {
			pix[index-across] = uint16(clip(p0+delta, 0, top))
		}
		if !keepQ {
			pix[index] = uint16(clip(q0-delta, 0, top))
		}
		index += along
	}
}

func clip(v, low, high int) int { return max(low, min(v, high)) }

func abs(v int) int {
	if v < 0 {
		return -v
	}
	return v
}
