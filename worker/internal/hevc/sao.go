package hevc

// SaoTypeIdx (table 7-8).
const (
	saoBand = 1
	saoEdge = 2
)

// edgeClasses holds hPos and vPos of the two neighbours of a sample for each SaoEoClass (table 8-13). The first
// neighbour is above the second, or left of it.
var edgeClasses = [4][2]struct{ dx, dy int }{{{-1, 0}, {1, 0}}, {{0, -1}, {0, 1}}, {{-1, -1}, {1, 1}}, {{1, -1}, {-1, 1}}}

// reach is the set of coding tree blocks that the neighbours of a block's samples may be in. Bit 3*(dy+1) + dx+1 stands
// for the block dx columns and dy rows away, each -1 to 1. The block itself is in the set.
type reach uint16

func (r reach) includes(dx, dy int) bool { return r>>(3*dy+dx+4)&1 != 0 }

// reachOf returns the reach of a coding tree block. It ends at the picture's edges, and at the sides of slices and
// tiles that the loop filters do not cross.
func (f *frame) reachOf(column, row int) (r reach) {
	index := row*f.sps.ctbColumns + column
	here := f.slices[index]
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			x, y := column+dx, row+dy
			if x < 0 || y < 0 || x >= f.sps.ctbColumns || y >= f.sps.ctbRows {
				continue
			}
			to := y*f.sps.ctbColumns + x
			later := f.slices[to]
			if later.index < here.index {
				later = here
			}
			if f.slices[to].index != here.index && !later.across {
				continue
			}
			if !f.pps.acrossTiles && f.pps.tileID[to] != f.pps.tileID[index] {
				continue
			}
			r |= 1 << (3*dy + dx + 4)
		}
	}
	return r
}

// offsetRow applies sample adaptive offset to a row of coding tree blocks.
func (f *frame) offsetRow(row int) {
	if !f.sps.saoOn {
		return
	}
	blocks := f.sao[row*f.sps.ctbColumns:][:f.sps.ctbColumns]
	var used [3]uint8
	for i := range blocks {
		for c, kind := range blocks[i].kind {
			used[c] |= kind
		}
	}
	if used == [3]uint8{} {
		return
	}
	for column := range blocks {
		f.filter.reach[column] = f.reachOf(column, row)
	}
	for c := range f.planes {
		if used[c] != 0 {
			f.offsetPlane(c, row, blocks)
		}
	}
}

// offsetPlane processes a row of coding tree blocks of one plane, one row of samples after another. It keeps copies of
// the current row and of the row above, because the offsets depend on samples without offsets.
func (f *frame) offsetPlane(c, row int, blocks []sao) {
	p, rows := &f.planes[c], &f.filter
	from, to := f.rowsOf(p, row)
	if from > 0 && rows.aboveY[c] != from-1 {
		copy(rows.above[c][lineStart:], p.pix[(from-1)*p.stride:][:p.width])
	}
	l := offsetLine{c: c, top: 1<<p.depth - 1, above: rows.above[c], here: rows.line}
	side := 1 << (f.sps.log2CTB - p.shiftX)
	careful := f.hasIntact()
	for y := from; y < to; y++ {
		l.dst = p.pix[y*p.stride:][:p.width]
		copy(l.here[lineStart:], l.dst)
		l.below = nil
		if y+1 < p.height {
			l.below = p.pix[(y+1)*p.stride:][:p.width]
		}
		l.first, l.last = y == from, y == to-1
		for i := range blocks {
			x := i * side
			n := min(side, p.width-x)
			switch b := &blocks[i]; b.kind[c] {
			case saoBand:
				table := [8]int16{b.offsets[c][0], b.offsets[c][1], b.offsets[c][2], b.offsets[c][3]}
				offsetBands(l.dst[x:x+n], l.here[lineStart+x:][:n], &table, int(b.band[c]), p.depth-5, l.top)
			case saoEdge:
				l.edges(b, rows.reach[i], x, n)
			}
		}
		if careful {
			f.restoreIntact(p, y, l.here[lineStart:])
		}
		l.above, l.here = l.here, l.above
	}
	rows.above[c], rows.line, rows.aboveY[c] = l.above, l.here, to-1
}

// offsetLine is a row of samples and its neighbours before they get their offsets.
type offsetLine struct {
	c, top      int
	dst         []uint16 // the row in the picture
	above, here []uint16 // lines of filterRows
	below       []uint16 // the row below in the picture, nil after the last
	first, last bool     // the row is the first or the last of its coding tree blocks
}

// edges applies edge offset to the n samples of a block from x on. The neighbours of the first and the last one are in
// other blocks. n is at least 2.
func (l *offsetLine) edges(b *sao, r reach, x, n int) {
	table := [8]int16{b.offsets[l.c][0], b.offsets[l.c][1], 0, b.offsets[l.c][2], b.offsets[l.c][3]}
	class := &edgeClasses[b.class[l.c]&3]
	var left, middle, right = true, true, true
	for i := range class {
		dx, dy := class[i].dx, class[i].dy
		if dy < 0 && !l.first || dy > 0 && !l.last {
			dy = 0
		}
		left = left && r.includes(min(dx, 0), dy)
		middle = middle && r.includes(0, dy)
		right = right && r.includes(max(dx, 0), dy)
	}
	from, to := x, x+n
	if !middle {
		if left {
			l.edgesBetween(x, x+1, class[0].dx, class[0].dy, &table)
		}
		if right {
			l.edgesBetween(to-1, to, class[0].dx, class[0].dy, &table)
		}
		return
	}
	if !left {
		from++
	}
	if !right {
		to--
	}
	l.edgesBetween(from, to, class[0].dx, class[0].dy, &table)
}

// edgesBetween applies edge offset to the samples from..to-1. Each of them has both neighbours: at dx, dy and opposite.
func (l *offsetLine) edgesBetween(from, to, dx, dy int, table *[8]int16) {
	n := to - from
	here := l.here[lineStart+from:][:n]
	a, b := l.here[lineStart+from+dx:], l.here[lineStart+from-dx:]
	if dy != 0 {
		a, b = l.above[lineStart+from+dx:], l.below[from-dx:]
	}
	offsetEdges(l.dst[from:to], here, a[:n], b[:n], table, l.top)
}

// restoreIntact restores the samples of row y that no loop filter may change.
func (f *frame) restoreIntact(p *plane, y int, line []uint16) {
	blocks := f.block[y<<p.shiftY>>2*f.stride4:][:f.stride4]
	n := 4 >> p.shiftX
	for i, flags := range blocks {
		if flags&intact != 0 {
			copy(p.pix[y*p.stride+i*n:][:n], line[i*n:])
		}
	}
}
