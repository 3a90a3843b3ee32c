package hevc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// filterCase describes a kind of random frame.
type filterCase struct {
	width, height, log2CTB int
	chroma                 int
	depth, chromaDepth     int
	slices                 int // at most
	tiles, careful         bool
	smooth                 bool // samples differ by little, so most edges are filtered
}

func (c filterCase) String() string {
	return fmt.Sprintf("%dx%d ctb%d chroma%d depth%d,%d slices%d tiles=%t careful=%t smooth=%t", c.width, c.height,
		1<<c.log2CTB, c.chroma, c.depth, c.chromaDepth, c.slices, c.tiles, c.careful, c.smooth)
}

// randomFrame returns a frame in its state before the loop filters.
func randomFrame(c filterCase, rng *rand.Rand) *frame {
	side := 1 << c.log2CTB
	s := &SPS{Chroma: c.chroma, Depth: c.depth, ChromaDepth: c.chromaDepth, codedWidth: c.width, codedHeight: c.height,
		log2MinCB: 3, log2CTB: c.log2CTB, ctbColumns: (c.width + side - 1) / side, ctbRows: (c.height + side - 1) / side,
		saoOn: true, pcm: c.careful, pcmIntact: c.careful}
	p := &pps{sps: s, acrossTiles: true, columns: []int{0, s.ctbColumns}, rows: []int{0, s.ctbRows}}
	p.qpOffset = [3]int{0, rng.IntN(25) - 12, rng.IntN(25) - 12}
	if c.tiles {
		p.acrossTiles = rng.IntN(3) == 0
		if s.ctbColumns > 1 {
			p.columns = []int{0, 1 + rng.IntN(s.ctbColumns-1), s.ctbColumns}
		}
		if s.ctbRows > 1 {
			p.rows = []int{0, 1 + rng.IntN(s.ctbRows-1), s.ctbRows}
		}
	}
	p.order()
	f := &frame{}
	f.begin(p)
	for i := range f.planes {
		randomSamples(&f.planes[i], c.smooth, rng)
	}
	var last *slice
	for at, raster := range p.toRaster {
		if last == nil || last.index+1 < c.slices && rng.IntN(2) == 0 {
			last = &slice{across: rng.IntN(2) == 0, address: raster, betaOffset: 2 * (rng.IntN(13) - 6),
				tcOffset: 2 * (rng.IntN(13) - 6)}
			if at > 0 {
				last.index = f.slices[p.toRaster[at-1]].index + 1
			}
		}
		f.slices[raster] = last
		f.sao[raster] = randomSAO(c, rng)
	}
	for y := 0; y < c.height/4; y += 2 {
		for x := 0; x < c.width/4; x += 2 {
			lowest := -6 * (c.depth - 8)
			qp, flags := int8(lowest+rng.IntN(52-lowest)), uint8(0)
			if rng.IntN(2) == 0 {
				qp = int8(30 + rng.IntN(22))
			}
			if x > 0 && rng.IntN(4) > 0 {
				flags |= edgeLeft
			}
			if y > 0 && rng.IntN(4) > 0 {
				flags |= edgeTop
			}
			if c.careful && rng.IntN(6) == 0 {
				flags |= intact
			}
			for _, at := range []int{y*f.stride4 + x, y*f.stride4 + x + 1, (y+1)*f.stride4 + x, (y+1)*f.stride4 + x + 1} {
				f.qp[at], f.block[at] = qp, flags
			}
			f.block[y*f.stride4+x+1] &^= edgeLeft
			f.block[(y+1)*f.stride4+x+1] &^= edgeLeft | edgeTop
			f.block[(y+1)*f.stride4+x] &^= edgeTop
		}
	}
	return f
}

func randomSamples(p *plane, smooth bool, rng *rand.Rand) {
	top := 1<<p.depth - 1
	step, level := 1+rng.IntN(6)<<(p.depth-8), rng.IntN(top+1)
	for y := range p.height {
		for x := range p.width {
			v := rng.IntN(top + 1)
			if smooth {
				if x%8 == 0 && rng.IntN(4) == 0 {
					level = clip(level+rng.IntN(8*step+1)-4*step, 0, top)
				}
				v = clip(level+rng.IntN(step+1), 0, top)
			} else if rng.IntN(4) == 0 {
				v = top * rng.IntN(2)
			}
			p.pix[y*p.stride+x] = uint16(v)
		}
	}
}

func randomSAO(c filterCase, rng *rand.Rand) (b sao) {
	for i := range 3 {
		b.kind[i], b.band[i], b.class[i] = uint8(rng.IntN(3)), uint8(rng.IntN(32)), uint8(rng.IntN(4))
		for k := range b.offsets[i] {
			b.offsets[i][k] = int16(rng.IntN(249) - 124)
			if c.depth < 10 {
				b.offsets[i][k] = int16(rng.IntN(15) - 7)
			}
		}
	}
	return b
}

// copyFrame returns a copy of a frame with its own samples.
func copyFrame(f *frame) *frame {
	g := *f
	g.filter = filterRows{}
	g.planes = slices.Clone(f.planes)
	for i := range g.planes {
		g.planes[i].pix = slices.Clone(f.planes[i].pix)
	}
	return &g
}

// filterCases returns frames of all kinds.
func filterCases(rng *rand.Rand) (cases []filterCase) {
	sizes := [][2]int{{8, 8}, {16, 8}, {8, 24}, {40, 24}, {72, 136}, {200, 88}, {128, 128}}
	for _, size := range sizes {
		for chroma := Grey; chroma <= Chroma444; chroma++ {
			for log2 := 4; log2 <= 6; log2++ {
				for i := range 4 {
					cases = append(cases, filterCase{width: size[0], height: size[1], log2CTB: log2, chroma: chroma,
						depth: 8 + rng.IntN(5), chromaDepth: 8 + rng.IntN(5), slices: []int{1, 4, 1000}[rng.IntN(3)],
						tiles: rng.IntN(3) == 0, careful: i == 2, smooth: i%2 == 0})
				}
			}
		}
	}
	return cases
}

func TestFilterLoopMatchesTheStandard(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var used filterRows
	for _, c := range filterCases(rng) {
		f := randomFrame(c, rng)
		want := copyFrame(f)
		referenceDeblock(want)
		referenceSAO(want)
		f.filter = used // memory of the previous picture, which has another size
		f.filterLoop(t.Context())
		used = f.filter
		samePlanes(t, c, f, want)
	}
}

func TestDeblockingMatchesTheStandard(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	changed := 0
	for _, c := range filterCases(rng) {
		f := randomFrame(c, rng)
		f.sps.saoOn = false
		before, want := copyFrame(f), copyFrame(f)
		referenceDeblock(want)
		f.filterLoop(t.Context())
		samePlanes(t, c, f, want)
		if !slices.Equal(f.planes[0].pix, before.planes[0].pix) {
			changed++
		}
	}
	if changed < 100 {
		t.Errorf("only %d pictures changed", changed)
	}
}

func TestSampleAdaptiveOffsetMatchesTheStandard(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, c := range filterCases(rng) {
		f := randomFrame(c, rng)
		for i := range f.block {
			f.block[i] &= intact
		}
		// Rows of blocks without offsets lie between others.
		for i := range f.sao {
			if i/f.sps.ctbColumns%3 == 1 {
				f.sao[i] = sao{}
			}
		}
		want := copyFrame(f)
		referenceSAO(want)
		f.filterLoop(t.Context())
		samePlanes(t, c, f, want)
	}
}

func samePlanes(t *testing.T, c filterCase, got, want *frame) {
	t.Helper()
	for i, p := range want.planes {
		for y := range p.height {
			for x := range p.width {
				if g, w := got.planes[i].pix[y*p.stride+x], p.pix[y*p.stride+x]; g != w {
					t.Fatalf("%v: plane %d, sample %d,%d is %d, want %d", c, i, x, y, g, w)
				}
			}
		}
	}
}

func benchmarkFrame(b *testing.B) *frame {
	c := filterCase{width: 2048, height: 1536, log2CTB: 5, chroma: Chroma420, depth: 8, chromaDepth: 8, slices: 1, smooth: true}
	return randomFrame(c, rand.New(rand.NewPCG(7, 8)))
}

func BenchmarkDeblock(b *testing.B) {
	f := benchmarkFrame(b)
	f.sps.saoOn = false
	benchmarkFilter(b, f)
}

func BenchmarkSampleAdaptiveOffset(b *testing.B) {
	f := benchmarkFrame(b)
	clear(f.block)
	benchmarkFilter(b, f)
}

func benchmarkFilter(b *testing.B, f *frame) {
	saved := slices.Clone(f.samples)
	for b.Loop() {
		b.StopTimer()
		copy(f.samples, saved)
		b.StartTimer()
		f.filterLoop(b.Context())
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N)/(float64(f.planes[0].width*f.planes[0].height)/1e6), "ms/MP")
}
