package hevc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// refAngles is intraPredAngle for the modes from 2 (table 8-5).
var refAngles = []int{32, 26, 21, 17, 13, 9, 5, 2, 0, -2, -5, -9, -13, -17, -21, -26,
	-32, -26, -21, -17, -13, -9, -5, -2, 0, 2, 5, 9, 13, 17, 21, 26, 32}

// intraCase is a block to be predicted, and what the standard's process depends on.
type intraCase struct {
	size, mode, component, depth int

	format                    int // ChromaArrayType
	strong, plain, noBoundary bool

	// Samples beside the block by their place relative to it, from -1, -1 to 2*size-1; those that are missing are not
	// available.
	p map[[2]int]int
}

// predict is 8.4.4.2 in the standard's words. The sample at x, y is at y*size+x.
func (c *intraCase) predict() []int {
	n := c.size
	var path [][2]int // from the lower left to the upper right
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
	left := func(y int) int { return p[[2]int{-1, y}] }
	top := func(x int) int { return p[[2]int{x, -1}] }
	switch c.mode {
	case 0:
		for i := range pred {
			x, y := i%n, i/n
			pred[i] = ((n-1-x)*left(y) + (x+1)*top(n) + (n-1-y)*top(x) + (y+1)*left(n) + n) >> (log2 + 1)
		}
	case 1:
		dc := n
		for i := range n {
			dc += left(i) + top(i)
		}
		dc >>= log2 + 1
		for i := range pred {
			x, y := i%n, i/n
			switch {
			case edge && i == 0:
				pred[i] = (left(0) + 2*dc + top(0) + 2) >> 2
			case edge && y == 0:
				pred[i] = (top(x) + 3*dc + 2) >> 2
			case edge && x == 0:
				pred[i] = (left(y) + 3*dc + 2) >> 2
			default:
				pred[i] = dc
			}
		}
	default:
		if c.mode < 18 {
			left, top = top, left
		}
		for i := range pred {
			x, y := i%n, i/n
			if c.mode < 18 {
				x, y = y, x
			}
			pred[i] = c.angular(x, y, top, left, edge && !c.noBoundary)
		}
	}
	return pred
}

// filtered is 8.4.4.2.3.
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

// angular is 8.4.4.2.6 for a mode of 18 or more, or for one below with rows and columns exchanged.
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

// testIntra predicts a block of a mode in a picture of noise, and compares it with the standard.
func testIntra(t *testing.T, r *rand.Rand, mode, log2, depth int) {
	t.Helper()
	const luma = 128
	format := []int{Chroma420, Chroma422, Chroma444}[r.IntN(3)]
	k := &intraCase{size: 1 << log2, mode: mode, component: r.IntN(3), depth: depth, format: format,
		strong: r.IntN(4) > 0, plain: r.IntN(8) == 0}
	sps := &SPS{Chroma: format, Depth: depth, strongSmoothing: k.strong, noSmoothing: k.plain,
		implicitRDPCM: r.IntN(2) == 0}
	c := &coder{frame: &frame{sps: sps, stride4: luma / 4}, region: make([]uint32, luma/4*luma/4), current: 7}
	c.cu.bypass = r.IntN(2) == 0
	k.noBoundary = sps.implicitRDPCM && c.cu.bypass
	c.planes = make([]plane, 3)
	p := &c.planes[k.component]
	p.width, p.height, p.depth = luma, luma, depth
	if k.component > 0 {
		p.shiftX, p.shiftY = sps.shiftX(), sps.shiftY()
		p.width, p.height = luma>>p.shiftX, luma>>p.shiftY
	}
	p.stride = p.width + rowPadding
	p.pix = make([]uint16, p.stride*p.height)
	swing := []int{1, 4, 1 << (depth - 4), 1 << depth}[r.IntN(4)] // the border is even, or extreme
	base := r.IntN(1<<depth - swing + 1)
	for i := range p.pix {
		p.pix[i] = uint16(base + r.IntN(swing))
		if swing == 1<<depth && r.IntN(2) == 0 {
			p.pix[i] = uint16(r.IntN(2) * (swing - 1))
		}
	}
	n := k.size
	b := &transformBlock{component: k.component, log2: log2, mode: uint8(mode),
		x: r.IntN(p.width/n) * n, y: r.IntN(p.height/n) * n}

	// What is available beside the block, in units of a 4x4 block of luma.
	k.p = map[[2]int]int{}
	stepX, stepY := 4>>p.shiftX, 4>>p.shiftY
	above, corner := r.IntN(4) > 0, r.IntN(4) > 0
	right, below := r.IntN(n/stepX+1)*stepX, r.IntN(2*n/stepY+1)*stepY
	add := func(x, y int) {
		px, py := b.x+x, b.y+y
		if px >= 0 && py >= 0 && px < p.width && py < p.height {
			k.p[[2]int{x, y}] = int(p.pix[py*p.stride+px])
			c.region[py<<p.shiftY>>2*c.stride4+px<<p.shiftX>>2] = c.current
		}
	}
	for i := range n {
		if above {
			add(i, -1)
		}
		if i < right {
			add(n+i, -1)
		}
	}
	for i := range below {
		add(-1, i)
	}
	if corner {
		add(-1, -1)
	}

	before := slices.Clone(p.pix)
	at := b.y*p.stride + b.x
	end := at + (n-1)*p.stride + n // no sample more than the block has
	c.predict(b, p.pix[at:end:end], p.stride)
	for i, v := range k.predict() {
		before[at+i/n*p.stride+i%n] = uint16(v)
	}
	for i, v := range before {
		if p.pix[i] != v {
			t.Fatalf("mode %d, %dx%d, depth %d, component %d at %d, %d: sample at %d, %d: got %d, want %d", mode, n, n, depth,
				k.component, b.x, b.y, i%p.stride-b.x, i/p.stride-b.y, p.pix[i], v)
		}
	}
}

// TestIntra compares the prediction of blocks with the definition in the standard, for all modes, sizes and depths. No
// sample outside of the block may change.
func TestIntra(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 4))
	for mode := 0; mode <= modeLast; mode++ {
		for log2 := 2; log2 <= 5; log2++ {
			for depth := 8; depth <= 12; depth++ {
				for range 3 {
					testIntra(t, r, mode, log2, depth)
				}
			}
		}
	}
	for range 200 { // the strong filter
		testIntra(t, r, r.IntN(35), 5, 8+r.IntN(5))
	}
}

// TestIntraKernels compares the predictions that this machine uses with the portable ones.
func TestIntraKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	for i := range 3000 {
		log2, depth := 2+i%4, 8+i/4%5
		size, stride := 1<<log2, 1<<log2+r.IntN(40)
		var e border
		sample := func() uint16 {
			if i%3 == 0 {
				return uint16(r.IntN(2) * (1<<depth - 1))
			}
			return uint16(r.IntN(1 << depth))
		}
		for i := range e.reference {
			e.reference[i] = sample()
		}
		for i := range e.columns {
			e.columns[i] = sample()
		}
		for i := range e.top {
			e.top[i], e.left[i] = sample(), sample()
		}
		angle := refAngles[r.IntN(len(refAngles))]
		compare := func(name string, used, portable func(dst []uint16, stride int) int) {
			t.Helper()
			got := make([]uint16, (size+2)*stride)
			for i := range got {
				got[i] = uint16(r.Uint32())
			}
			want := slices.Clone(got)
			end := stride + 1 + (size-1)*stride + size
			a, b := used(got[stride+1:end:end], stride), portable(want[stride+1:end:end], stride)
			if i := firstDifference(got, want); i >= 0 || a != b {
				t.Fatalf("%s: %dx%d, stride %d, depth %d, angle %d: differs at %d", name, size, size, stride, depth, angle, i)
			}
		}
		compare("planar", func(dst []uint16, stride int) int {
			predictPlanar(dst, stride, &e.top, &e.left, log2, depth)
			return 0
		}, func(dst []uint16, stride int) int {
			predictPlanarPortable(dst, stride, &e.top, &e.left, log2)
			return 0
		})
		compare("DC", func(dst []uint16, stride int) int {
			return predictDC(dst, stride, &e.top, &e.left, log2)
		}, func(dst []uint16, stride int) int {
			return predictDCPortable(dst, stride, &e.top, &e.left, log2)
		})
		compare("angular", func(dst []uint16, stride int) int {
			predictAlong(dst, stride, &e.reference, angle, log2)
			return 0
		}, func(dst []uint16, stride int) int {
			predictAlongPortable(dst, stride, &e.reference, angle, log2)
			return 0
		})
		compare("transposition", func(dst []uint16, stride int) int {
			transpose(dst, stride, &e.columns, log2)
			return 0
		}, func(dst []uint16, stride int) int {
			transposePortable(dst, stride, &e.columns, log2)
			return 0
		})

		n := 16 * (1 + r.IntN(4))
		smooth(&e.softTop, &e.top, n)
		smoothPortable(&e.softLeft, &e.top, n)
		if !slices.Equal(e.softTop[:n], e.softLeft[:n]) {
			t.Fatalf("smooth: %d samples differ", n)
		}
		from := r.IntN(65)
		n = r.IntN(65 - from)
		side := e.left
		fillFrom(&side, from, n, 5)
		other := func(v uint16) bool { return v != 5 }
		if slices.ContainsFunc(side[from:from+n], other) || !slices.Equal(side[:from], e.left[:from]) {
			t.Fatalf("fillFrom: %d samples from %d: got %v", n, from, side)
		}
	}
}

func BenchmarkIntra(b *testing.B) {
	for _, mode := range []int{modePlanar, modeDC, 2, 6, modeHorizontal, 14, 22, modeVertical, 30} {
		for log2 := 2; log2 <= 5; log2++ {
			b.Run(fmt.Sprintf("mode=%d/size=%d", mode, 1<<log2), func(b *testing.B) {
				c := &coder{frame: &frame{sps: &SPS{Chroma: Chroma420, Depth: 8}, stride4: 32}, region: make([]uint32, 32*32)}
				c.planes = []plane{{pix: make([]uint16, 128*160), stride: 160, width: 128, height: 128, depth: 8}}
				t := &transformBlock{x: 32, y: 32, log2: log2, mode: uint8(mode)}
				b.ReportAllocs()
				for b.Loop() {
					c.predict(t, c.planes[0].pix[32*160+32:], 160)
				}
			})
		}
	}
}
