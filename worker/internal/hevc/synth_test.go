package hevc

import "math/rand/v2"

// synth makes a coded picture whose syntax elements are all drawn at random: headers, coding tree and coefficients. It
// reaches tools that no available encoder uses. It knows nothing about samples, so the picture is noise.
type synth struct {
	r     *rand.Rand
	extra *rand.Rand // draws values that do not change the samples
	style synthStyle

	// Sequence parameter set.
	width, height             int // coded
	crop                      [4]int
	chroma                    int
	depth, chromaDepth        int
	log2MinCB, log2CTB        int
	log2MinTB, log2MaxTB      int
	maxIntraDepth             int
	scalingOn, scalingInSPS   bool
	sao, pcm, pcmIntact       bool
	pcmDepth                  [2]int
	log2MinPCM, log2MaxPCM    int
	strong, rangeExtension    bool
	rotate, contextSkip       bool
	implicitRDPCM, explicit   bool
	noSmoothing               bool
	persistentRice            bool
	columns, rows             int // coding tree blocks
	stride4                   int
	kind                      int // type of the slices' NAL units
	refSets, longTerm, motion bool

	subLayers    int // sps_max_sub_layers_minus1
	hasUsability bool
	colours      colours

	// Picture parameter set.
	outputFlag                 bool
	dependent, signHiding      bool
	extraBits                  int
	initQP                     int
	constrained, transformSkip bool
	cuQPDelta                  bool
	qpGroupDepth               int
	qpOffset                   [3]int
	sliceQPOffsets, bypassOn   bool
	tileColumns, tileRows      []int // widths and heights
	uniform, tiles, wavefront  bool
	acrossTiles, acrossSlices  bool
	control, override          bool
	deblockingOff              bool
	scalingInPPS               bool
	sliceExtension             bool
	log2MaxSkip                int
	crossComponent             bool
	offsetGroupDepth           int
	chromaOffsets              [][2]int
	saoScale                   [2]int
	// CtbAddrTsToRs, TileId by raster address, and whether a block is the first in a row of its tile.
	toRaster, tileOf, firstOf []int

	// Slices.
	w                    arithmeticWriter
	modes, depths        []int8 // an entry for each 4x4 block; a mode is -1 before the block is coded
	sliceOf              []int  // SliceAddrRs by raster address
	ctb, sliceAddress    int
	qpCoded, offsetCoded bool
	chromaListsOn        bool
	saoOn                [2]bool
	sliceBreaks          float64
	wholeTiles           bool // slices end with tiles
	segments             int  // slice segments written
}

// synthStyle holds probabilities.
type synthStyle struct {
	split, parts, splitTransform, coded, density, low, extreme float64
	skip, pcm, bypass, otherMode, chromaMode, qpDelta, merge   float64
	magnitude                                                  int
}

func (g *synth) chance(p float64) bool { return g.r.Float64() < p }

func (g *synth) pick(values ...float64) float64 { return values[g.r.IntN(len(values))] }

func (g *synth) intBetween(low, high int) int { return low + g.r.IntN(high-low+1) }

func (g *synth) shiftX() int { return bit(g.chroma == Chroma420 || g.chroma == Chroma422) }
func (g *synth) shiftY() int { return bit(g.chroma == Chroma420) }

// newSynth draws the parameter sets of a picture. If extended is false, it uses only tools of the Main and Main 10
// profiles.
func newSynth(seed uint64, extended bool) *synth {
	g := &synth{r: rand.New(rand.NewPCG(seed, 265)), extra: rand.New(rand.NewPCG(seed, 2))}
	g.subLayers, g.hasUsability, g.outputFlag = g.extra.IntN(3), g.extra.IntN(2) == 0, g.extra.IntN(2) == 0
	g.colours = colours{primaries: unspecified, transfer: unspecified, matrix: unspecified}
	g.style = synthStyle{
		split: g.pick(0.2, 0.5, 0.8, 1), parts: g.pick(0, 0.5, 1), splitTransform: g.pick(0, 0.3, 0.7),
		coded: g.pick(0.1, 0.5, 0.9), density: g.pick(0, 0.05, 0.3, 0.9), low: g.pick(0, 0.5, 1),
		extreme: g.pick(0, 0, 0, 0.002, 0.05), skip: g.pick(0, 0.3, 0.9), pcm: g.pick(0, 0.1, 0.5),
		bypass: g.pick(0.05, 0.4, 0.9), otherMode: g.pick(0.1, 0.5, 0.9), chromaMode: g.pick(0.2, 0.8),
		qpDelta: g.pick(0.2, 0.9), merge: g.pick(0.1, 0.5), magnitude: 1 << g.r.IntN(9),
	}
	g.drawSPS(extended)
	g.drawPPS(extended)
	return g
}

func (g *synth) drawSPS(extended bool) {
	flag := func() bool { return g.chance(0.5) }
	g.chroma, g.depth = Chroma420, 8+2*g.r.IntN(2)
	if extended {
		g.chroma = g.r.IntN(4)
		g.depth = []int{8, 8, 9, 10, 10, 12, 12}[g.r.IntN(7)]
	}
	g.chromaDepth = g.depth
	if extended && g.chroma != Grey && g.extra.IntN(6) == 0 {
		g.chromaDepth = g.extra.IntN(5) + 8
	}
	g.log2CTB = g.intBetween(4, 6)
	g.log2MinCB = g.intBetween(3, g.log2CTB)
	g.log2MinTB = g.intBetween(2, min(g.log2MinCB-1, 5))
	g.log2MaxTB = g.intBetween(g.log2MinTB, min(g.log2CTB, 5))
	g.maxIntraDepth = g.r.IntN(g.log2CTB - g.log2MinTB + 1)
	side := 1 << g.log2MinCB
	g.columns, g.rows = g.intBetween(1, 5), g.intBetween(1, 4)
	g.width = max(1, (g.columns<<g.log2CTB-g.r.IntN(1<<g.log2CTB))/side) * side
	g.height = max(1, (g.rows<<g.log2CTB-g.r.IntN(1<<g.log2CTB))/side) * side
	g.columns, g.rows = (g.width+1<<g.log2CTB-1)>>g.log2CTB, (g.height+1<<g.log2CTB-1)>>g.log2CTB
	g.stride4 = g.width / 4
	if flag() {
		g.crop = [4]int{g.r.IntN(side/2) >> g.shiftX(), g.r.IntN(side/2) >> g.shiftX(),
			g.r.IntN(side/2) >> g.shiftY(), g.r.IntN(side/2) >> g.shiftY()}
	}
	g.scalingOn, g.scalingInSPS = flag(), flag()
	g.sao, g.pcm, g.pcmIntact = flag(), flag(), flag()
	g.pcmDepth = [2]int{g.intBetween(1, g.depth), g.intBetween(1, g.chromaDepth)}
	g.log2MinPCM = g.intBetween(min(g.log2MinCB, 5), min(g.log2CTB, 5))
	g.log2MaxPCM = g.intBetween(g.log2MinPCM, min(g.log2CTB, 5))
	g.strong = flag()
	g.kind = []int{16, 18, 19, 19, 20, 21}[g.r.IntN(6)]
	g.refSets, g.longTerm, g.motion = flag(), flag(), flag()
	if extended && g.chance(0.8) {
		g.rangeExtension = true
		g.rotate, g.contextSkip, g.implicitRDPCM, g.explicit = flag(), flag(), flag(), flag()
		g.noSmoothing, g.persistentRice = g.chance(0.2), flag()
	}
}

func (g *synth) drawPPS(extended bool) {
	flag := func() bool { return g.chance(0.5) }
	g.dependent, g.signHiding, g.extraBits = flag(), flag(), g.r.IntN(3)
	g.initQP = g.intBetween(-6*(g.depth-8), 51)
	g.constrained, g.transformSkip = flag(), flag()
	g.cuQPDelta = flag()
	g.qpGroupDepth = g.r.IntN(g.log2CTB - g.log2MinCB + 1)
	g.qpOffset = [3]int{0, g.intBetween(-12, 12), g.intBetween(-12, 12)}
	g.sliceQPOffsets, g.bypassOn = flag(), g.chance(0.3)
	g.uniform, g.wavefront = flag(), flag()
	g.tiles = g.chance(0.4) && g.columns*g.rows > 1
	g.acrossTiles, g.acrossSlices = flag(), flag()
	g.control, g.override, g.deblockingOff = flag(), flag(), flag()
	g.scalingInPPS, g.sliceExtension = g.scalingOn && g.chance(0.3), g.chance(0.2)
	g.log2MaxSkip = 2
	g.sliceBreaks = g.pick(0, 0.1, 0.4)
	g.wholeTiles = flag()
	if g.tiles {
		g.drawTiles()
	} else {
		g.tileColumns, g.tileRows = []int{g.columns}, []int{g.rows}
	}
	g.order()
	if extended && g.rangeExtension {
		if g.transformSkip {
			g.log2MaxSkip = g.intBetween(2, 5)
		}
		g.crossComponent = g.chroma == Chroma444 && flag()
		if g.chroma != Grey && flag() {
			g.offsetGroupDepth = g.r.IntN(g.log2CTB - g.log2MinCB + 1)
			for range []int{1, 6, 6, g.intBetween(2, 5)}[g.r.IntN(4)] {
				g.chromaOffsets = append(g.chromaOffsets, [2]int{g.intBetween(-12, 12), g.intBetween(-12, 12)})
			}
		}
		g.saoScale = [2]int{g.r.IntN(max(0, g.depth-10) + 1), g.r.IntN(max(0, g.chromaDepth-10) + 1)}
	}
}

// drawTiles divides the picture into tiles.
func (g *synth) drawTiles() {
	for len(g.tileColumns)*len(g.tileRows) < 2 {
		for i, blocks := range []int{g.columns, g.rows} {
			n := g.intBetween(1, blocks)
			var sizes []int
			if g.uniform {
				for k := range n {
					sizes = append(sizes, (k+1)*blocks/n-k*blocks/n)
				}
			} else {
				for k := n; k > 1; k-- {
					size := g.intBetween(1, blocks-k+1)
					sizes = append(sizes, size)
					blocks -= size
				}
				sizes = append(sizes, blocks)
			}
			if i == 0 {
				g.tileColumns = sizes
			} else {
				g.tileRows = sizes
			}
		}
	}
}

// order derives the address conversions (6.5.1).
func (g *synth) order() {
	n := g.columns * g.rows
	g.tileOf, g.firstOf = make([]int, n), make([]int, n)
	tile, top := 0, 0
	for _, height := range g.tileRows {
		left := 0
		for _, width := range g.tileColumns {
			for y := top; y < top+height; y++ {
				for x := left; x < left+width; x++ {
					rs := y*g.columns + x
					g.toRaster = append(g.toRaster, rs)
					g.tileOf[rs], g.firstOf[rs] = tile, bit(x == left)
				}
			}
			tile++
			left += width
		}
		top += height
	}
}
