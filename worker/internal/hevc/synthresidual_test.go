package hevc

// synthScan returns the positions of a block of 4x4 coefficients, or of a block's sub-blocks, by scanIdx (6.5.3 to
// 6.5.5): 0 up-right diagonal, 1 horizontal, 2 vertical. Blocks with 8 sub-blocks a side have only the diagonal scan.
func synthScan(kind, side int) [][2]int {
	var scan [][2]int
	switch kind {
	case 0:
		for d := range 2*side - 1 {
			for x := range side {
				if y := d - x; y >= 0 && y < side {
					scan = append(scan, [2]int{x, y})
				}
			}
		}
	default:
		for a := range side {
			for b := range side {
				if kind == 1 {
					scan = append(scan, [2]int{b, a})
				} else {
					scan = append(scan, [2]int{a, b})
				}
			}
		}
	}
	return scan
}

// levels draws TransCoeffLevel of a block. At least one level is not 0.
func (g *synth) levels(log2 int) []int {
	side := 1 << log2
	levels := make([]int, side*side)
	draw := func() int {
		v := 1
		for v < g.style.magnitude && g.chance(0.5) {
			v <<= 1
		}
		v += g.r.IntN(v)
		if g.chance(g.style.extreme) {
			v = 1 + g.r.IntN(32767)
		}
		if g.chance(0.5) {
			v = -v
		}
		return max(-32767, min(32767, v))
	}
	extent := 1 + g.r.IntN(side)
	if g.chance(g.style.low) {
		extent = min(extent, 1+g.r.IntN(4))
	}
	for y := range extent {
		for x := range extent {
			if g.chance(g.style.density) {
				levels[y<<log2|x] = draw()
			}
		}
	}
	levels[g.r.IntN(extent)<<log2|g.r.IntN(extent)] = draw()
	return levels
}

// residual writes residual_coding (7.3.8.11) of a block of one component with random coefficients.
func (g *synth) residual(log2, component, mode int, bypass bool) {
	w := &g.w
	skip := false
	chroma := min(component, 1)
	if g.transformSkip && !bypass && log2 <= g.log2MaxSkip {
		skip = g.chance(g.style.skip)
		w.decision(synSkip+chroma, bit(skip))
	}
	scanKind := 0
	if log2 == 2 || log2 == 3 && (component == 0 || g.chroma == Chroma444) {
		switch {
		case mode >= 6 && mode <= 14:
			scanKind = 2
		case mode >= 22 && mode <= 30:
			scanKind = 1
		}
	}
	levels := g.levels(log2)
	inner, outer := synthScan(scanKind, 4), synthScan(scanKind, 1<<(log2-2))
	position := func(i, n int) (x, y int) { return outer[i][0]<<2 + inner[n][0], outer[i][1]<<2 + inner[n][1] }
	level := func(i, n int) int { x, y := position(i, n); return levels[y<<log2|x] }
	last, lastN := len(outer)-1, 15
	for level(last, lastN) == 0 {
		if lastN--; lastN < 0 {
			last, lastN = last-1, 15
		}
	}
	x, y := position(last, lastN)
	if scanKind == 2 {
		x, y = y, x
	}
	g.lastPosition(log2, chroma, x, y)

	hidden := g.signHiding && !bypass && !(g.implicitRDPCM && skip && (mode == 10 || mode == 26))
	riceKind := 2*(1-chroma) + bit(skip || bypass)
	coded := make([]bool, len(outer)) // index: y<<(log2-2) | x
	greater1 := 1                     // greater1Ctx at the end of the previous sub-block
	for i := last; i >= 0; i-- {
		sx, sy := outer[i][0], outer[i][1]
		right := sx+1 < 1<<(log2-2) && coded[sy<<(log2-2)|sx+1]
		below := sy+1 < 1<<(log2-2) && coded[(sy+1)<<(log2-2)|sx]
		any := false
		for n := range 16 {
			any = any || level(i, n) != 0
		}
		inferDC := false
		if i < last && i > 0 {
			if !any && g.chance(0.1) { // a coded sub-block needs a coefficient, so it gets one
				x, y := position(i, g.r.IntN(16))
				levels[y<<log2|x] = 1
				any = true
			}
			w.decision(synSubBlock+2*chroma+bit(right || below), bit(any))
			inferDC = true
		} else {
			any = true
		}
		coded[sy<<(log2-2)|sx] = any
		if !any {
			continue
		}
		g.subBlock(subBlock{
			log2: log2, chroma: chroma, scanKind: scanKind, i: i, isLast: i == last, lastN: lastN, x: sx, y: sy,
			neighbours: bit(right) + 2*bit(below), inferDC: inferDC, hidden: hidden, riceKind: riceKind,
			flat: g.contextSkip && (skip || bypass), inner: inner, level: func(n int) int { return level(i, n) },
		}, &greater1)
	}
}

// lastPosition writes the position of the last coefficient (7.3.8.11, 9.3.3.1, 9.3.4.2.3).
func (g *synth) lastPosition(log2, chroma, x, y int) {
	offset, shift := 3*(log2-2)+(log2-1)>>2, (log2+1)>>2
	if chroma == 1 {
		offset, shift = 15, log2-2
	}
	prefix := func(v int) int {
		if v < 4 {
			return v
		}
		k := 2
		for v >= 4<<(k-1) {
			k++
		}
		return 2*k + v>>(k-1)&1
	}
	write := func(context, v int) {
		for i := range v {
			g.w.decision(context+offset+i>>shift, 1)
		}
		if v < 2*log2-1 {
			g.w.decision(context+offset+v>>shift, 0)
		}
	}
	px, py := prefix(x), prefix(y)
	write(synLastX, px)
	write(synLastY, py)
	for _, c := range [][2]int{{px, x}, {py, y}} {
		if c[0] > 3 {
			n := c[0]>>1 - 1
			g.w.bypass(n, c[1]&(1<<n-1))
		}
	}
}

// subBlock describes 16 coefficients of a block.
type subBlock struct {
	log2, chroma, scanKind, i int
	isLast                    bool
	lastN, x, y, neighbours   int
	inferDC, hidden           bool
	riceKind                  int
	flat                      bool // all sig_coeff_flags share a context
	inner                     [][2]int
	level                     func(n int) int
}

var synthSigMap = [15]int{0, 1, 4, 5, 2, 3, 4, 5, 6, 6, 8, 8, 7, 7, 8}

// sigContext returns the context of sig_coeff_flag (9.3.4.2.5).
func (b *subBlock) sigContext(n int) int {
	x, y := b.inner[n][0], b.inner[n][1]
	c := 0
	switch {
	case b.flat:
		return synSig + 42 + b.chroma
	case b.log2 == 2:
		c = synthSigMap[y<<2|x]
	case b.x+b.y+x+y == 0:
	default:
		switch b.neighbours {
		case 0:
			c = max(0, 2-x-y)
			if x+y == 0 {
				c = 2
			} else if x+y < 3 {
				c = 1
			}
		case 1:
			c = max(0, 2-y)
		case 2:
			c = max(0, 2-x)
		default:
			c = 2
		}
		switch {
		case b.chroma == 1 && b.log2 == 3:
			c += 9
		case b.chroma == 1:
			c += 12
		default:
			if b.x+b.y > 0 {
				c += 3
			}
			switch {
			case b.log2 != 3:
				c += 21
			case b.scanKind == 0:
				c += 9
			default:
				c += 15
			}
		}
	}
	return synSig + 27*b.chroma + c
}
