package hevc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// testIntra predicts a block with one mode in a picture of noise, and compares it with the standard.
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

	// Which samples beside the block are available, in units of a 4x4 block of luma.
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
	end := at + (n-1)*p.stride + n // the last row ends with the block
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

// TestIntra compares predictions with the definition in the standard, for all modes, sizes and depths. No sample
// outside the block may change.
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
	for range 200 { // cases for the strong filter
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
		changed := func(v uint16) bool { return v != 5 }
		if slices.ContainsFunc(side[from:from+n], changed) || !slices.Equal(side[:from], e.left[:from]) {
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
