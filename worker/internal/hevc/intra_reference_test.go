package hevc

import "slices"

// refAngles is intraPredAngle for the modes from 2 on (table 8-5).
var refAngles = []int{32, 26, 21, 17, 13, 9, 5, 2, 0, -2, -5, -9, -13, -17, -21, -26,
	-32, -26, -21, -17, -13, -9, -5, -2, 0, 2, 5, 9, 13, 17, 21, 26, 32}

// intraCase is a block to predict, with all inputs of the standard's process.
type intraCase struct {
	size, mode, component, depth int

	format                    int // ChromaArrayType
	strong, plain, noBoundary bool

	// Samples beside the block by position relative to it, from -1, -1 to 2*size-1. Samples missing from the map are
	// not available.
	p map[[2]int]int
}

// predict implements 8.4.4.2 step by step. The sample at x, y is at y*size+x.
func (c *intraCase) predict() []int {
	n := c.size
	var path [][2]int // positions from the lower left to the upper right
	for y := 2*n - 1; y >= -1; y-- {
		path = append(path, [2]int{-1, y})
	}
	for x := range 2 * n {
		path = append(path, [2]int{x, -1})
	}
	first := slices.IndexFunc(path, func(at [2]int) bool { _, ok := c.p[at]; return ok })
	p := map[[2]int]int{}
	for i, at := range path { // 8.4.4.2.2
		v, ok := c.p[at]
		switch {
		case first < 0:
			v = 1 << (c.depth - 1)
		case !ok && i == 0:
			v = c.p[path[first]]
		case !ok:
			v = p[path[i-1]]
		}
		p[at] = v
	}
	p = c.filtered(p, path)
	pred := make([]int, n*n)
	log2 := map[int]int{4: 2, 8: 3, 16: 4, 32: 5}[n]
	edge := c.component == 0 && n < 32
	leftAt := func(y int) int { return p[[2]int{-1, y}] }
	topAt := func(x int) int { return p[[2]int{x, -1}] }
	switch c.mode {
	case 0:
		for i := range pred {
			x, y := i%n, i/n
			pred[i] = ((n-1-x)*leftAt(y) + (x+1)*topAt(n) + (n-1-y)*topAt(x) + (y+1)*leftAt(n) + n) >> (log2 + 1)
		}
	case 1:
		dc := n
		for i := range n {
			dc += leftAt(i) + topAt(i)
		}
		dc >>= log2 + 1
		for i := range pred {
			x, y := i%n, i/n
			switch {
			case edge && i == 0:
				pred[i] = (leftAt(0) + 2*dc + topAt(0) + 2) >> 2
			case edge && y == 0:
				pred[i] = (topAt(x) + 3*dc + 2) >> 2
			case edge && x == 0:
				pred[i] = (leftAt(y) + 3*dc + 2) >> 2
			default:
				pred[i] = dc
			}
		}
	default:
		if c.mode < 18 {
			leftAt, topAt = topAt, leftAt
		}
		for i := range pred {
			x, y := i%n, i/n
			if c.mode < 18 {
				x, y = y, x
			}
			pred[i] = c.angular(x, y, topAt, leftAt, edge && !c.noBoundary)
		}
	}
	return pred
}

// filtered implements 8.4.4.2.3.
func (c *intraCase) filtered(p map[[2]int]int, path [][2]int) map[[2]int]int {
	n := c.size
	distance := min(refAbs(c.mode-26), refAbs(c.mode-10))
	if c.plain || c.mode == 1 || n == 4 || c.component > 0 && c.format != 3 ||
		distance <= map[int]int{8: 7, 16: 1, 32: 0}[n] {
		return p
	}
	corner, below, right := p[[2]int{-1, -1}], p[[2]int{-1, 2*n - 1}], p[[2]int{2*n - 1, -1}]
	even := 1 << (c.depth - 5)
	pf := map[[2]int]int{}
	if c.strong && c.component == 0 && n == 32 && refAbs(corner+right-2*p[[2]int{n - 1, -1}]) < even &&
		refAbs(corner+below-2*p[[2]int{-1, n - 1}]) < even {
		for i := range 63 {
			pf[[2]int{-1, i}] = ((63-i)*corner + (i+1)*below + 32) >> 6
			pf[[2]int{i, -1}] = ((63-i)*corner + (i+1)*right + 32) >> 6
		}
		pf[[2]int{-1, -1}], pf[[2]int{-1, 63}], pf[[2]int{63, -1}] = corner, below, right
		return pf
	}
	for i, at := range path {
		pf[at] = p[at]
		if i > 0 && i < len(path)-1 {
			pf[at] = (p[path[i-1]] + 2*p[at] + p[path[i+1]] + 2) >> 2
		}
	}
	return pf
}

// angular implements 8.4.4.2.6 for a mode of 18 or more, or for a lower one with rows and columns exchanged.
func (c *intraCase) angular(x, y int, top, left func(int) int, edge bool) int {
	angle := refAngles[c.mode-2]
	if angle == 0 && edge && x == 0 {
		return min(max(top(0)+(left(y)-left(-1))>>1, 0), 1<<c.depth-1)
	}
	ref := func(i int) int {
		if i >= 0 {
			return top(i - 1)
		}
		inverse := -(8192 - angle/2) / -angle // rounded, table 8-6
		return left(-1 + (i*inverse+128)>>8)
	}
	whole, part := (y+1)*angle>>5, (y+1)*angle&31
	if part == 0 {
		return ref(x + whole + 1)
	}
	return ((32-part)*ref(x+whole+1) + part*ref(x+whole+2) + 16) >> 5
}
