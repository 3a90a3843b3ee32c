package hevc

// The loop filters, sample by sample, as section 8.7 describes them. They share no code with the decoder.

var refBeta = []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22,
	24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 64}

var refTc = []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4,
	4, 4, 5, 5, 6, 6, 7, 8, 9, 10, 11, 13, 14, 16, 18, 20, 22, 24}

// refQpC is QpC for qPi of 30 to 43 in 4:2:0 (table 8-10).
var refQpC = []int{29, 30, 31, 32, 33, 33, 34, 34, 35, 35, 36, 36, 37, 37}

func refClip3(low, high, v int) int {
	if v < low {
		return low
	}
	if v > high {
		return high
	}
	return v
}

func refAbs(v int) int {
	if v < 0 {
		return -v
	}
	return v
}

// refLine gives access to the samples across an edge: p(i) and q(i).
type refLine struct {
	pix          *plane
	x, y, dx, dy int // index of q0, and the step away from the edge
}

func (l refLine) q(i int) int { return int(l.pix.pix[(l.y+i*l.dy)*l.pix.stride+l.x+i*l.dx]) }
func (l refLine) p(i int) int { return l.q(-1 - i) }
func (l refLine) setQ(i, v int) {
	l.pix.pix[(l.y+i*l.dy)*l.pix.stride+l.x+i*l.dx] = uint16(v)
}
func (l refLine) setP(i, v int) { l.setQ(-1-i, v) }

// referenceDeblock implements 8.7.2: all vertical edges of the picture, then all horizontal ones.
func referenceDeblock(f *frame) {
	for direction := range 2 {
		dx, dy, flag := 1, 0, uint8(edgeLeft)
		if direction == 1 {
			dx, dy, flag = 0, 1, edgeTop
		}
		for c := range f.planes {
			pl := &f.planes[c]
			for y := 0; y < pl.height; y += 4 {
				for x := 0; x < pl.width; x += 4 {
					if x*dx%8 != 0 || y*dy%8 != 0 {
						continue // the grid is 8x8 samples of the component
					}
					lx, ly := x<<pl.shiftX, y<<pl.shiftY
					q4 := ly/4*f.stride4 + lx/4
					if f.block[q4]&flag == 0 {
						continue
					}
					p4 := (ly-dy)/4*f.stride4 + (lx-dx)/4
					ctb := ly>>f.sps.log2CTB*f.sps.ctbColumns + lx>>f.sps.log2CTB
					keepP, keepQ := f.block[p4]&intact != 0, f.block[q4]&intact != 0
					var lines [4]refLine
					for k := range lines {
						lines[k] = refLine{pl, x + k*dy, y + k*dx, dx, dy}
					}
					qpl := (int(f.qp[q4]) + int(f.qp[p4]) + 1) >> 1
					if c == 0 {
						refLuma(lines, qpl, f.slices[ctb], pl.depth, keepP, keepQ)
						continue
					}
					qpi := qpl + f.pps.qpOffset[c]
					qpc := qpi
					if f.sps.Chroma == Chroma420 {
						if qpi >= 30 && qpi <= 43 {
							qpc = refQpC[qpi-30]
						} else if qpi > 43 {
							qpc = qpi - 6
						}
					} else if qpi > 51 {
						qpc = 51
					}
					tc := refTc[refClip3(0, 53, qpc+2+f.slices[ctb].tcOffset)] * (1 << (pl.depth - 8))
					for _, l := range lines {
						refChroma(l, tc, pl.depth, keepP, keepQ)
					}
				}
			}
		}
	}
}

// refLuma implements 8.7.2.5.3, 8.7.2.5.6 and 8.7.2.5.7.
func refLuma(l [4]refLine, qpl int, s *slice, depth int, keepP, keepQ bool) {
	beta := refBeta[refClip3(0, 51, qpl+s.betaOffset)] * (1 << (depth - 8))
	tc := refTc[refClip3(0, 53, qpl+2*(2-1)+s.tcOffset)] * (1 << (depth - 8))
	dp0 := refAbs(l[0].p(2) - 2*l[0].p(1) + l[0].p(0))
	dp3 := refAbs(l[3].p(2) - 2*l[3].p(1) + l[3].p(0))
	dq0 := refAbs(l[0].q(2) - 2*l[0].q(1) + l[0].q(0))
	dq3 := refAbs(l[3].q(2) - 2*l[3].q(1) + l[3].q(0))
	dpq0, dpq3, dp, dq := dp0+dq0, dp3+dq3, dp0+dp3, dq0+dq3
	if dpq0+dpq3 >= beta {
		return
	}
	strong := func(l refLine, dpq int) bool {
		return dpq < beta>>2 && refAbs(l.p(3)-l.p(0))+refAbs(l.q(0)-l.q(3)) < beta>>3 &&
			refAbs(l.p(0)-l.q(0)) < (5*tc+1)>>1
	}
	dE, dEp, dEq := 1, 0, 0
	if strong(l[0], 2*dpq0) && strong(l[3], 2*dpq3) {
		dE = 2
	}
	if dp < (beta+(beta>>1))>>3 {
		dEp = 1
	}
	if dq < (beta+(beta>>1))>>3 {
		dEq = 1
	}
	for _, l := range l {
		refLumaSample(l, dE, dEp, dEq, tc, 1<<depth-1, keepP, keepQ)
	}
}

func refLumaSample(l refLine, dE, dEp, dEq, tc, top int, keepP, keepQ bool) {
	p0, p1, p2, p3, q0, q1, q2, q3 := l.p(0), l.p(1), l.p(2), l.p(3), l.q(0), l.q(1), l.q(2), l.q(3)
	nDp, nDq := 0, 0
	newP, newQ := [3]int{}, [3]int{}
	if dE == 2 {
		nDp, nDq = 3, 3
		newP[0] = refClip3(p0-2*tc, p0+2*tc, (p2+2*p1+2*p0+2*q0+q1+4)>>3)
		newP[1] = refClip3(p1-2*tc, p1+2*tc, (p2+p1+p0+q0+2)>>2)
		newP[2] = refClip3(p2-2*tc, p2+2*tc, (2*p3+3*p2+p1+p0+q0+4)>>3)
		newQ[0] = refClip3(q0-2*tc, q0+2*tc, (p1+2*p0+2*q0+2*q1+q2+4)>>3)
		newQ[1] = refClip3(q1-2*tc, q1+2*tc, (p0+q0+q1+q2+2)>>2)
		newQ[2] = refClip3(q2-2*tc, q2+2*tc, (p0+q0+q1+3*q2+2*q3+4)>>3)
	} else if delta := (9*(q0-p0) - 3*(q1-p1) + 8) >> 4; refAbs(delta) < tc*10 {
		delta = refClip3(-tc, tc, delta)
		newP[0], newQ[0] = refClip3(0, top, p0+delta), refClip3(0, top, q0-delta)
		newP[1] = refClip3(0, top, p1+refClip3(-(tc>>1), tc>>1, (((p2+p0+1)>>1)-p1+delta)>>1))
		newQ[1] = refClip3(0, top, q1+refClip3(-(tc>>1), tc>>1, (((q2+q0+1)>>1)-q1-delta)>>1))
		nDp, nDq = dEp+1, dEq+1
	}
	if keepP {
		nDp = 0
	}
	if keepQ {
		nDq = 0
	}
	for i := range nDp {
		l.setP(i, newP[i])
	}
	for i := range nDq {
		l.setQ(i, newQ[i])
	}
}

// refChroma implements 8.7.2.5.8.
func refChroma(l refLine, tc, depth int, keepP, keepQ bool) {
	delta := refClip3(-tc, tc, ((((l.q(0) - l.p(0)) << 2) + l.p(1) - l.q(1) + 4) >> 3))
	p, q := refClip3(0, 1<<depth-1, l.p(0)+delta), refClip3(0, 1<<depth-1, l.q(0)-delta)
	if !keepP {
		l.setP(0, p)
	}
	if !keepQ {
		l.setQ(0, q)
	}
}

// referenceSAO implements 8.7.3.
func referenceSAO(f *frame) {
	rec := copyFrame(f)
	for c := range f.planes {
		pl := &f.planes[c]
		for y := range pl.height {
			for x := range pl.width {
				pl.pix[y*pl.stride+x] = uint16(refOffset(rec, c, x, y))
			}
		}
	}
}

func refOffset(f *frame, c, x, y int) int {
	pl := &f.planes[c]
	ctbOf := func(x, y int) int {
		return y<<pl.shiftY>>f.sps.log2CTB*f.sps.ctbColumns + x<<pl.shiftX>>f.sps.log2CTB
	}
	ctb := ctbOf(x, y)
	b := f.sao[ctb]
	v := int(pl.pix[y*pl.stride+x])
	if f.block[y<<pl.shiftY/4*f.stride4+x<<pl.shiftX/4]&intact != 0 || b.kind[c] == 0 {
		return v
	}
	offsets := [5]int{}
	for i, o := range b.offsets[c] {
		offsets[i+1] = int(o)
	}
	if b.kind[c] == 1 {
		bandTable := [32]int{}
		for k := range 4 {
			bandTable[(k+int(b.band[c]))&31] = k + 1
		}
		return refClip3(0, 1<<pl.depth-1, v+offsets[bandTable[v>>(pl.depth-5)]])
	}
	hPos := [4][2]int{{-1, 1}, {0, 0}, {-1, 1}, {1, -1}}[b.class[c]]
	vPos := [4][2]int{{0, 0}, {-1, 1}, {-1, 1}, {-1, 1}}[b.class[c]]
	edgeIdx := 2
	for k := range 2 {
		nx, ny := x+hPos[k], y+vPos[k]
		if nx < 0 || ny < 0 || nx >= pl.width || ny >= pl.height {
			return v
		}
		other := ctbOf(nx, ny)
		if s, o := f.slices[ctb], f.slices[other]; s != o {
			// Slices hold their blocks in tile order.
			if f.pps.toTile[other] < f.pps.toTile[ctb] && !s.across {
				return v
			}
			if f.pps.toTile[ctb] < f.pps.toTile[other] && !o.across {
				return v
			}
		}
		if !f.pps.acrossTiles && f.pps.tileID[other] != f.pps.tileID[ctb] {
			return v
		}
		n := int(pl.pix[ny*pl.stride+nx])
		if v > n {
			edgeIdx++
		} else if v < n {
			edgeIdx--
		}
	}
	switch edgeIdx {
	case 2:
		edgeIdx = 0
	case 0, 1:
		edgeIdx++
	}
	return refClip3(0, 1<<pl.depth-1, v+offsets[edgeIdx])
}
