package hevc

// synthUnit is what a coding unit passes to its transform tree.
type synthUnit struct {
	x, y, log2 int
	split      bool // PART_NxN
	bypass     bool
	chromaPred [4]int // intra_chroma_pred_mode
	luma       [4]int // IntraPredModeY
}

// chromaModes422 is process422 of table 8-3, by mode of 4:4:4.
var chromaModes422 = [35]int{0, 1, 2, 2, 2, 2, 3, 5, 7, 8, 10, 11, 13, 15, 16, 18, 19, 20, 21, 22, 23, 23, 24, 24, 25, 25, 26,
	27, 27, 28, 28, 29, 29, 30, 31}

// chromaMode returns IntraPredModeC of a part (8.4.3).
func (g *synth) chromaMode(u *synthUnit, part int) int {
	mode := u.luma[part]
	if p := u.chromaPred[part]; p < 4 {
		mode = [4]int{0, 26, 10, 1}[p]
		if mode == u.luma[part] {
			mode = 34
		}
	}
	if g.chroma == Chroma422 {
		mode = chromaModes422[mode]
	}
	return mode
}

// isAvailable reports whether the block at x, y precedes the current one in the same slice and tile (6.4.1).
func (g *synth) isAvailable(x, y int) bool {
	if x < 0 || y < 0 || x >= g.width || y >= g.height {
		return false
	}
	ctb := y>>g.log2CTB*g.columns + x>>g.log2CTB
	return g.modes[y/4*g.stride4+x/4] >= 0 && g.sliceOf[ctb] == g.sliceAddress && g.tileOf[ctb] == g.tileOf[g.ctb]
}

func (g *synth) codingTree(x, y, log2, depth int) {
	size := 1 << log2
	split := log2 > g.log2MinCB
	if x+size <= g.width && y+size <= g.height && split {
		context := synSplitCU
		if g.isAvailable(x-1, y) && int(g.depths[y/4*g.stride4+x/4-1]) > depth {
			context++
		}
		if g.isAvailable(x, y-1) && int(g.depths[(y/4-1)*g.stride4+x/4]) > depth {
			context++
		}
		split = g.chance(g.style.split)
		g.w.decision(context, bit(split))
	}
	if g.cuQPDelta && log2 >= g.log2CTB-g.qpGroupDepth {
		g.qpCoded = false
	}
	if g.chromaListsOn && log2 >= g.log2CTB-g.offsetGroupDepth {
		g.offsetCoded = false
	}
	if !split {
		g.codingUnit(x, y, log2, depth)
		return
	}
	for i := range 4 {
		if xi, yi := x+i&1*size/2, y+i>>1*size/2; xi < g.width && yi < g.height {
			g.codingTree(xi, yi, log2-1, depth+1)
		}
	}
}

func (g *synth) fill(x, y, size, mode, depth int) {
	for j := y / 4; j < (y+size)/4; j++ {
		for i := x / 4; i < (x+size)/4; i++ {
			g.modes[j*g.stride4+i], g.depths[j*g.stride4+i] = int8(mode), int8(depth)
		}
	}
}

func (g *synth) codingUnit(x, y, log2, depth int) {
	w := &g.w
	u := &synthUnit{x: x, y: y, log2: log2}
	if g.bypassOn {
		u.bypass = g.chance(g.style.bypass)
		w.decision(synBypass, bit(u.bypass))
	}
	if log2 == g.log2MinCB {
		u.split = g.chance(g.style.parts)
		w.decision(synPartMode, 1-bit(u.split))
	}
	if !u.split && g.pcm && log2 >= g.log2MinPCM && log2 <= g.log2MaxPCM {
		pcm := g.chance(g.style.pcm)
		w.terminate(bit(pcm))
		if pcm {
			g.samples(log2)
			g.fill(x, y, 1<<log2, 1, depth)
			return
		}
	}
	parts, size := 1, 1<<log2
	if u.split {
		parts, size = 4, size/2
	}
	var chosen, candidate [4]int // candidate is -1 if the mode is not among the candidates
	for i := range parts {
		candidate[i] = g.r.IntN(3)
		if g.chance(g.style.otherMode) {
			candidate[i] = -1
		}
		w.decision(synPrevLuma, bit(candidate[i] >= 0))
	}
	for i := range parts {
		xi, yi := x+i&1*size, y+i>>1*size
		list := g.candidates(xi, yi)
		if c := candidate[i]; c >= 0 {
			chosen[i] = list[c]
			w.bypass(min(c+1, 2), []int{0, 2, 3}[c])
		} else {
			rest := g.r.IntN(32)
			w.bypass(5, rest)
			chosen[i] = remainingModeOf(list, rest)
		}
		g.fill(xi, yi, size, chosen[i], depth)
	}
	u.luma = chosen
	if g.chroma != Grey {
		n := 1
		if g.chroma == Chroma444 {
			n = parts
		}
		for i := range n {
			p := 4
			if g.chance(g.style.chromaMode) {
				p = g.r.IntN(4)
			}
			u.chromaPred[i] = p
			w.decision(synChromaMode, bit(p < 4))
			if p < 4 {
				w.bypass(2, p)
			}
		}
	}
	if !u.split {
		for i := 1; i < 4; i++ {
			u.luma[i] = u.luma[0]
		}
	}
	if !u.split || g.chroma != Chroma444 {
		for i := 1; i < 4; i++ {
			u.chromaPred[i] = u.chromaPred[0]
		}
	}
	g.transformTree(u, synthNode{x: x, y: y, log2: log2, cb: 3, cr: 3})
}

// samples writes pcm_sample (7.3.8.7) and starts the arithmetic encoder again.
func (g *synth) samples(log2 int) {
	constant := g.r.IntN(1 << 12)
	noise := g.chance(0.5)
	n := [2]int{1 << (2 * log2), 0}
	if g.chroma != Grey {
		n[1] = 2 << (2*log2 - g.shiftX() - g.shiftY())
	}
	for c, count := range n {
		for range count {
			v := constant
			if noise {
				v = g.r.IntN(1 << 12)
			}
			g.w.u(g.pcmDepth[c], v&(1<<g.pcmDepth[c]-1))
		}
	}
	g.w.restart()
}

// candidates returns candModeList of the block at x, y (8.4.2).
func (g *synth) candidates(x, y int) [3]int {
	a, b := 1, 1
	if g.isAvailable(x-1, y) {
		a = int(g.modes[y/4*g.stride4+x/4-1])
	}
	if y&(1<<g.log2CTB-1) != 0 && g.isAvailable(x, y-1) {
		b = int(g.modes[(y/4-1)*g.stride4+x/4])
	}
	if a == b {
		if a < 2 {
			return [3]int{0, 1, 26}
		}
		return [3]int{a, 2 + (a+29)%32, 2 + (a-2+1)%32}
	}
	third := 26
	if a != 0 && b != 0 {
		third = 0
	} else if a != 1 && b != 1 {
		third = 1
	}
	return [3]int{a, b, third}
}

// remainingModeOf returns the mode that rem_intra_luma_pred_mode stands for.
func remainingModeOf(list [3]int, rest int) int {
	for mode := range 35 {
		if mode == list[0] || mode == list[1] || mode == list[2] {
			continue
		}
		if rest == 0 {
			return mode
		}
		rest--
	}
	panic("unreachable")
}
