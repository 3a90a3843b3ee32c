package hevc

// levels are the parameters of the deblocking filter for four segments of edges, each 4 samples long. Both are 0 for a
// segment that is not to be filtered.
type levels struct {
	tc, beta [4]int16
}

// bandRows is how many rows of samples the filter of vertical edges processes at once: four segments.
const bandRows = 16

// levelTable holds a value for each quantisation parameter from lowestQP on. It covers all sums of a parameter and its
// offsets, from -24-12-12 to 51+12+2.
type levelTable [128]int8

const lowestQP = -56

func (t *levelTable) get(qp int) int { return int(t[(qp-lowestQP)&127]) }

func makeLevelTable(value func(qp int) int) levelTable {
	var t levelTable
	for i := range t {
		t[i] = int8(value(i + lowestQP))
	}
	return t
}

// Table 8-12.
var (
	betaLevels = makeLevelTable(func(q int) int {
		switch {
		case q < 16:
			return 0
		case q < 29:
			return q - 10
		}
		return 2*min(q, 51) - 38
	})
	tcLevels = makeLevelTable(func(q int) int {
		return int(("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
			"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x02\x02\x02\x03\x03\x03\x03\x04\x04\x04" +
			"\x05\x05\x06\x06\x07\x08\x09\x0a\x0b\x0d\x0e\x10\x12\x14\x16\x18")[max(0, min(q, 53))])
	})
)

// The parameter of a plane by index (table 8-10): luma, chroma in 4:2:0, and other chroma.
var (
	qpLuma   = makeLevelTable(func(q int) int { return q })
	qp420    = makeLevelTable(func(q int) int { return chromaQP(Chroma420, q) })
	qpChroma = makeLevelTable(func(q int) int { return chromaQP(Chroma444, q) })
)

// deblocker filters the edges of one plane.
type deblocker struct {
	*frame
	*plane
	chroma   bool
	qpTable  *levelTable
	qpOffset int  // cQpPicOffset
	top      int  // largest sample
	shift    uint // scales levels, which are for 8-bit samples
	careful  bool // the picture can have intact blocks
}

// deblockRow filters the edges within a row of coding tree blocks and the upper edge of the row. The next row will
// still change its last three rows of luma samples and its last row of chroma samples.
//
// The standard filters all vertical edges of the picture before the horizontal ones. The result is the same here,
// because a horizontal edge only changes samples whose vertical edges have been filtered.
func (f *frame) deblockRow(row int) {
	for i := range f.planes {
		p := &f.planes[i]
		d := deblocker{frame: f, plane: p, chroma: i > 0, qpTable: &qpLuma, top: 1<<p.depth - 1,
			shift: uint(p.depth - 8), careful: f.hasIntact()}
		if i > 0 {
			d.qpOffset, d.qpTable = f.pps.qpOffset[i], &qpChroma
			if f.sps.Chroma == Chroma420 {
				d.qpTable = &qp420
			}
		}
		from, to := f.rowsOf(p, row)
		for y := from; y < to; y += bandRows {
			rows := min(bandRows, to-y)
			d.verticalEdges(y, rows)
			for edge := y; edge < y+rows; edge += 8 {
				if edge > 0 {
					d.horizontalEdge(edge)
				}
			}
		}
	}
}

// verticalEdges filters all vertical edges in up to bandRows rows of samples, from row y on. Edges are 8 samples apart
// in luma and in chroma (8.7.2.5).
func (d *deblocker) verticalEdges(y, rows int) {
	all := d.filter.levels[:(d.width-1)/8]
	clear(all)
	found, log2 := false, d.sps.log2CTB-2
	for segment := range rows / 4 {
		y4 := (y + 4*segment) << d.shiftY >> 2
		block, qp, slices := d.block[y4*d.stride4:][:d.stride4], d.qp[y4*d.stride4:][:d.stride4], d.slicesAt(y4)
		for i := range all {
			x4 := (i + 1) << (1 + d.shiftX)
			if block[x4]&edgeLeft == 0 {
				continue
			}
			tc, beta := d.level(qp[x4-1], qp[x4], slices[x4>>log2])
			if d.careful && (block[x4]|block[x4-1])&intact != 0 {
				d.segment((y+4*segment)*d.stride+8*(i+1), 1, d.stride, tc, beta,
					block[x4-1]&intact != 0, block[x4]&intact != 0)
				continue
			}
			found = true
			all[i].tc[segment], all[i].beta[segment] = tc, beta
		}
	}
	switch pix := d.pix[y*d.stride+4:]; {
	case !found:
	case d.chroma:
		chromaVertical(pix, d.stride, rows, all, d.top)
	default:
		lumaVertical(pix, d.stride, rows, all, d.top)
	}
}

// horizontalEdge filters the horizontal edge above row y.
func (d *deblocker) horizontalEdge(y int) {
	all := d.filter.levels[:(d.width+15)/16]
	clear(all)
	found := false
	y4 := y << d.shiftY >> 2
	above, block := d.block[(y4-1)*d.stride4:][:d.stride4], d.block[y4*d.stride4:][:d.stride4]
	aboveQP, qp := d.qp[(y4-1)*d.stride4:][:d.stride4], d.qp[y4*d.stride4:][:d.stride4]
	slices, log2 := d.slicesAt(y4), d.sps.log2CTB-2
	for i := range d.width / 4 {
		x4 := i << d.shiftX
		if block[x4]&edgeTop == 0 {
			continue
		}
		tc, beta := d.level(aboveQP[x4], qp[x4], slices[x4>>log2])
		if d.careful && (block[x4]|above[x4])&intact != 0 {
			d.segment(y*d.stride+4*i, d.stride, 1, tc, beta, above[x4]&intact != 0, block[x4]&intact != 0)
			continue
		}
		found = true
		all[i/4].tc[i%4], all[i/4].beta[i%4] = tc, beta
	}
	switch pix := d.pix[(y-4)*d.stride:]; {
	case !found:
	case d.chroma:
		chromaHorizontal(pix, d.stride, all, d.top)
	default:
		lumaHorizontal(pix, d.stride, all, d.top)
	}
}

// slicesAt returns the slices of the coding tree blocks at row y4 of 4x4 blocks.
func (d *deblocker) slicesAt(y4 int) []*slice {
	return d.slices[y4>>(d.sps.log2CTB-2)*d.sps.ctbColumns:][:d.sps.ctbColumns]
}

// level returns the parameters of the edge between two blocks with the quantisation parameters p and q (8.7.2.5.3,
// 8.7.2.5.5). The second block is in slice s. The boundary strength is always 2.
func (d *deblocker) level(p, q int8, s *slice) (tc, beta int16) {
	qp := (int(p) + int(q) + 1) >> 1
	tc = int16(tcLevels.get(d.qpTable.get(qp+d.qpOffset) + 2 + s.tcOffset))
	return tc << d.shift, int16(betaLevels.get(qp+s.betaOffset)) << d.shift
}

// segment filters one segment beside an intact block. Sample q0,0 is pix[index].
func (d *deblocker) segment(index, across, along int, tc, beta int16, keepP, keepQ bool) {
	switch {
	case keepP && keepQ:
	case d.chroma:
		chromaSegment(d.pix, index, across, along, int(tc), d.top, keepP, keepQ)
	default:
		lumaSegment(d.pix, index, across, along, int(tc), int(beta), d.top, keepP, keepQ)
	}
}
