package hevc

// synthNode is a node of the transform tree. Bit 0 of cb and cr is for the first chroma block, bit 1 for the second one
// of 4:2:2.
type synthNode struct {
	x, y, log2, depth, index int
	cb, cr                   int // flags of the parent if the node has none
}

func (g *synth) transformTree(u *synthUnit, n synthNode) {
	w := &g.w
	split := n.log2 > g.log2MaxTB || u.split && n.depth == 0
	maxDepth := g.maxIntraDepth + bit(u.split)
	if n.log2 <= g.log2MaxTB && n.log2 > g.log2MinTB && n.depth < maxDepth && !(u.split && n.depth == 0) {
		split = g.chance(g.style.splitTransform)
		w.decision(synSplitTU+5-n.log2, bit(split))
	}
	if n.log2 > 2 && g.chroma != Grey || g.chroma == Chroma444 {
		two := g.chroma == Chroma422 && (!split || n.log2 == 3)
		for _, c := range []*int{&n.cb, &n.cr} {
			coded := *c != 0
			*c = 0
			if !coded {
				continue
			}
			for i := range 1 + bit(two) {
				if g.chance(g.style.coded) {
					*c |= 1 << i
				}
				w.decision(synCBFChroma+n.depth, *c>>i&1)
			}
		}
	} else if g.chroma == Grey || n.depth == 0 {
		n.cb, n.cr = 0, 0
	}
	if split {
		for i := range 4 {
			half := 1 << (n.log2 - 1)
			g.transformTree(u, synthNode{x: n.x + i&1*half, y: n.y + i>>1*half, log2: n.log2 - 1,
				depth: n.depth + 1, index: i, cb: n.cb, cr: n.cr})
		}
		return
	}
	luma := g.chance(g.style.coded)
	w.decision(synCBFLuma+bit(n.depth == 0), bit(luma))
	g.transformUnit(u, n, luma)
}

// transformUnit writes transform_unit (7.3.8.10).
func (g *synth) transformUnit(u *synthUnit, n synthNode, luma bool) {
	small := n.log2 == 2 && g.chroma != Chroma444
	if !luma && n.cb|n.cr == 0 {
		return
	}
	g.quantisation(u, n.cb|n.cr != 0)
	part := 0
	if u.split {
		part = bit(n.x >= u.x+1<<(u.log2-1)) + 2*bit(n.y >= u.y+1<<(u.log2-1))
	}
	if luma {
		g.residual(n.log2, 0, u.luma[part], u.bypass)
	}
	log2C := n.log2
	switch {
	case g.chroma == Grey || small && n.index < 3:
		return
	case small:
	case g.chroma != Chroma444:
		log2C--
	}
	if g.chroma != Chroma444 {
		part = 0
	}
	for c, flags := range []int{n.cb, n.cr} {
		if g.crossComponent && luma && u.chromaPred[part] == 4 {
			g.resScale(c)
		}
		for i := range 2 {
			if flags>>i&1 != 0 {
				g.residual(log2C, c+1, g.chromaMode(u, part), u.bypass)
			}
		}
	}
}

// resScale writes cross_comp_pred (7.3.8.12).
func (g *synth) resScale(c int) {
	v := g.r.IntN(5)
	for i := range v {
		g.w.decision(synResScale+4*c+i, 1)
	}
	if v < 4 {
		g.w.decision(synResScale+4*c+v, 0)
	}
	if v > 0 {
		g.w.decision(synResSign+c, g.r.IntN(2))
	}
}

// quantisation writes delta_qp and chroma_qp_offset (7.3.8.14, 7.3.8.15).
func (g *synth) quantisation(u *synthUnit, chroma bool) {
	w := &g.w
	if g.cuQPDelta && !g.qpCoded {
		g.qpCoded = true
		half := 3 * (g.depth - 8)
		v := 0
		if g.chance(g.style.qpDelta) {
			v = g.r.IntN(52+2*half) - 26 - half
			if g.chance(0.7) {
				v %= 8
			}
		}
		m := abs(v)
		for i := range min(m, 5) {
			w.decision(synQPDelta+min(i, 1), 1)
		}
		if m < 5 {
			w.decision(synQPDelta+min(m, 1), 0)
		} else {
			w.golomb(0, m-5)
		}
		if m > 0 {
			w.bypass(1, bit(v < 0))
		}
	}
	if g.chromaListsOn && chroma && !u.bypass && !g.offsetCoded {
		g.offsetCoded = true
		on := g.chance(0.7)
		w.decision(synOffsetFlag, bit(on))
		if n := len(g.chromaOffsets); on && n > 1 {
			v := g.r.IntN(n)
			for range v {
				w.decision(synOffsetIndex, 1)
			}
			if v < n-1 {
				w.decision(synOffsetIndex, 0)
			}
		}
	}
}
