package hevc

// units returns the NAL units of the picture: parameter sets and slice segments.
func (g *synth) units() [][]byte {
	units := append(g.ignoredUnits(), g.vps(), g.sps(), g.pps())
	units = append(units, g.ignoredUnits()...)
	n := len(g.toRaster)
	blocks := g.stride4 * g.height / 4
	g.modes, g.depths, g.sliceOf = make([]int8, blocks), make([]int8, blocks), make([]int, n)
	for i := range g.modes {
		g.modes[i] = -1
	}
	for i := range g.sliceOf {
		g.sliceOf[i] = -1
	}
	var ended, row entropyState // at the end of the previous segment, and after the second block of a row
	qp := 0
	sliceFirst := 0 // index in tile scan
	for ts := 0; ts < n; {
		dependent := ts > 0 && g.dependent && g.mayDepend(sliceFirst, ts) && g.chance(0.5)
		rs := g.toRaster[ts]
		header := new(bitWriter)
		header.flag(ts == 0)
		header.flag(false)
		header.ue(0)
		if ts > 0 {
			if g.dependent {
				header.flag(dependent)
			}
			header.u(bitsFor(n), rs)
		}
		if !dependent {
			qp = g.sliceHeader(header)
			g.sliceAddress, sliceFirst = rs, ts
		}
		g.w = arithmeticWriter{}
		switch first := ts == 0 || g.tileOf[rs] != g.tileOf[g.toRaster[ts-1]]; {
		case !first && g.wavefront && g.firstOf[rs] != 0:
			g.synchronise(rs, qp, &row)
		case !first && dependent:
			g.w.entropyState = ended
		default:
			g.w.reset(qp)
		}
		var parts [][]byte
		g.w.restart()
		for first := ts; ; {
			g.codingTreeUnit(g.toRaster[ts])
			rs := g.toRaster[ts]
			second := rs > 0 && g.firstOf[rs-1] != 0 && g.firstOf[rs] == 0
			ts++
			if g.wavefront && second {
				row = g.w.entropyState
			}
			end := ts == n || g.mayEnd(first, sliceFirst, ts)
			g.w.terminate(bit(end))
			if end {
				break
			}
			next := g.toRaster[ts]
			newTile := g.tileOf[next] != g.tileOf[rs]
			if newTile || g.wavefront && g.firstOf[next] != 0 {
				g.w.terminate(1)
				parts = append(parts, escape(g.w.data))
				state := g.w.entropyState
				g.w = arithmeticWriter{entropyState: state}
				g.w.restart()
				if newTile {
					g.w.reset(qp)
				} else {
					g.synchronise(next, qp, &row)
				}
			}
		}
		ended = g.w.entropyState
		parts = append(parts, escape(g.w.data))
		units = append(units, g.segment(header, parts))
		g.segments++
	}
	return units
}

// synchronise sets the contexts at the start of a row of a wavefront (9.3.1). If the second block of the row above is
// available, they are those after it.
func (g *synth) synchronise(rs, qp int, row *entropyState) {
	above := rs - g.columns + 1
	if rs%g.columns+1 < g.columns && above >= 0 && g.tileOf[above] == g.tileOf[rs] && g.sliceOf[above] == g.sliceAddress {
		g.w.entropyState = *row
	} else {
		g.w.reset(qp)
	}
}

// mayEnd draws whether a segment that began at first ends before the block at index ts, both in tile scan.
func (g *synth) mayEnd(first, sliceFirst, ts int) bool {
	next, before := g.toRaster[ts], g.toRaster[ts-1]
	newTile := g.tileOf[next] != g.tileOf[before]
	newRow := newTile || g.firstOf[next] != 0
	switch {
	case newTile && !g.wholeTiles:
		return true
	case !newTile && g.wholeTiles && g.tiles:
		return false
	case g.wavefront && newRow && g.firstOf[g.toRaster[first]] == 0:
		return true
	}
	return g.chance(g.sliceBreaks)
}

// mayDepend reports whether a dependent segment can start at a block. In a wavefront, a slice that starts within a row
// ends in it. A slice that holds part of a tile holds nothing of another tile (6.3.1).
func (g *synth) mayDepend(sliceFirst, ts int) bool {
	next, before := g.toRaster[ts], g.toRaster[ts-1]
	newTile := g.tileOf[next] != g.tileOf[before]
	if newTile && !g.wholeTiles {
		return false
	}
	return !g.wavefront || !newTile && g.firstOf[next] == 0 || g.firstOf[g.toRaster[sliceFirst]] != 0
}

// sliceHeader writes the header of an independent segment (7.3.6.1) and returns SliceQpY.
func (g *synth) sliceHeader(w *bitWriter) int {
	w.u(g.extraBits, g.r.IntN(1<<g.extraBits))
	w.ue(sliceI)
	if g.outputFlag {
		w.flag(true)
	}
	if g.kind != nalIDRWithLP && g.kind != nalIDR {
		w.u(8, 0)
		w.flag(false)
		if g.refSets {
			w.flag(false)
		}
		w.ue(0)
		w.ue(0)
		if g.longTerm {
			w.ue(0)
			w.ue(0)
		}
		if g.motion {
			w.flag(false)
		}
	}
	g.saoOn = [2]bool{}
	if g.sao {
		g.saoOn[0] = g.chance(0.7)
		w.flag(g.saoOn[0])
		if g.chroma != Grey {
			g.saoOn[1] = g.chance(0.7)
			w.flag(g.saoOn[1])
		}
	}
	qp := g.intBetween(max(-6*(g.depth-8), g.initQP-10), min(51, g.initQP+10))
	w.se(qp - g.initQP)
	if g.sliceQPOffsets {
		for _, v := range g.qpOffset[1:] {
			w.se(g.intBetween(max(-12, -12-v), min(12, 12-v)))
		}
	}
	g.chromaListsOn = false
	if len(g.chromaOffsets) > 0 {
		g.chromaListsOn = g.chance(0.8)
		w.flag(g.chromaListsOn)
	}
	off := g.control && g.deblockingOff
	if g.control && g.override {
		override := g.chance(0.5)
		w.flag(override)
		if override {
			off = g.chance(0.5)
			w.flag(off)
			if !off {
				w.se(g.intBetween(-6, 6))
				w.se(g.intBetween(-6, 6))
			}
		}
	}
	if g.acrossSlices && (g.saoOn[0] || g.saoOn[1] || !off) {
		w.flag(g.chance(0.5))
	}
	return qp
}

// segment returns the NAL unit of a slice segment.
func (g *synth) segment(header *bitWriter, parts [][]byte) []byte {
	if g.tiles || g.wavefront {
		header.ue(len(parts) - 1)
		if len(parts) > 1 {
			header.ue(31)
			for _, p := range parts[:len(parts)-1] {
				header.u(32, len(p)-1)
			}
		}
	}
	if g.sliceExtension {
		n := g.r.IntN(4)
		header.ue(n)
		header.u(8*n, 0x5a5a5a5a)
	}
	header.trailingBits()
	nal := nalUnit(g.kind, header.data)
	for _, p := range parts {
		nal = append(nal, p...)
	}
	return nal
}

// codingTreeUnit writes coding_tree_unit (7.3.8.2).
func (g *synth) codingTreeUnit(rs int) {
	g.ctb = rs
	g.sliceOf[rs] = g.sliceAddress
	if g.saoOn[0] || g.saoOn[1] {
		g.adaptiveOffset(rs)
	}
	g.codingTree(rs%g.columns<<g.log2CTB, rs/g.columns<<g.log2CTB, g.log2CTB, 0)
}

// adaptiveOffset writes sao (7.3.8.3).
func (g *synth) adaptiveOffset(rs int) {
	w := &g.w
	for _, from := range [][2]int{{bit(rs%g.columns > 0), rs - 1}, {bit(rs >= g.columns), rs - g.columns}} {
		if ts := from[1]; from[0] != 0 && g.sliceOf[ts] == g.sliceAddress && g.tileOf[ts] == g.tileOf[rs] {
			merge := g.chance(g.style.merge)
			w.decision(synSAOMerge, bit(merge))
			if merge {
				return
			}
		}
	}
	kind := 0
	for c := range 3 {
		if !g.saoOn[min(c, 1)] {
			continue
		}
		if c < 2 {
			kind = g.r.IntN(3)
			w.decision(synSAOType, bit(kind > 0))
			if kind > 0 {
				w.bypass(1, kind-1)
			}
		}
		if kind == 0 {
			continue
		}
		depth := g.depth
		if c > 0 {
			depth = g.chromaDepth
		}
		limit := 1<<(min(depth, 10)-5) - 1
		coded := 0
		for range 4 {
			v := g.r.IntN(limit + 1)
			for range v {
				w.bypass(1, 1)
			}
			if v < limit {
				w.bypass(1, 0)
			}
			coded += bit(v > 0)
		}
		switch {
		case kind == 1:
			w.bypass(coded, g.r.IntN(1<<coded))
			w.bypass(5, g.r.IntN(32))
		case c < 2:
			w.bypass(2, g.r.IntN(4))
		}
	}
}
