package vp8

// filter holds the parameters of the loop filter for a macroblock (15.2, 15.3 and 9.6).
type filter struct {
	limit    int32 // largest step across an edge that is smoothed; 0 if the macroblock is not filtered
	interior int32 // largest step between neighbours beside an edge that is smoothed
	variance int32 // beyond this step next to an edge, only the samples at the edge are smoothed
}

// edgeOfMacroblock is added to the limit at edges between macroblocks.
const edgeOfMacroblock = 4

// setFilters sets the parameters for each segment. The sums are clamped once, at the end, as in libwebp. The RFC's
// decoder also clamps the level of a segment before it adds the adjustments.
func (h *header) setFilters() {
	if h.level == 0 {
		return // whatever level the segments have (9.6)
	}
	for i := range h.filters {
		level := h.level
		if h.segmented {
			level = h.segmentLevel[i]
			if h.segmentRelative {
				level += h.level
			}
		}
		if h.adjusted {
			level += h.intra
		}
		h.filters[i][0] = newFilter(level, h.sharpness)
		if h.adjusted {
			level += h.splitMode
		}
		h.filters[i][1] = newFilter(level, h.sharpness)
	}
}

func newFilter(level, sharpness int) filter {
	level = min(max(level, 0), 63)
	if level == 0 {
		return filter{}
	}
	interior := level
	switch {
	case sharpness > 4:
		interior = min(level>>2, 9-sharpness)
	case sharpness > 0:
		interior = min(level>>1, 9-sharpness)
	}
	interior = max(interior, 1)
	f := filter{limit: int32(2*level + interior), interior: int32(interior)}
	switch {
	case level >= 40:
		f.variance = 2
	case level >= 15:
		f.variance = 1
	}
	return f
}

// filterRow filters a row of macroblocks. The row above must have been filtered.
func (d *decoder) filterRow(y int) {
	if d.level == 0 {
		return
	}
	m := d.frame
	for x := range d.macroblocks {
		b := &d.macroblocks[x]
		split := 0
		if b.split {
			split = 1
		}
		f := d.filters[b.segment][split]
		if f.limit == 0 {
			continue
		}
		luma := region{m.Y, 16 * (y*m.YStride + x), m.YStride, 16}
		if d.simple {
			luma.filterSimple(f.limit, b.interior, x > 0, y > 0)
			continue
		}
		place := 8 * (y*m.CStride + x)
		luma.filter(f, b.interior, x > 0, y > 0)
		region{m.Cb, place, m.CStride, 8}.filter(f, b.interior, x > 0, y > 0)
		region{m.Cr, place, m.CStride, 8}.filter(f, b.interior, x > 0, y > 0)
	}
}

// region is the part of a plane that a macroblock covers.
type region struct {
	pix    []byte
	place  int // first sample
	stride int
	size   int // rows, and samples in a row
}

// filter applies the normal filter to the edges of a macroblock (15.3).
func (r region) filter(f filter, interior, hasLeft, hasAbove bool) {
	outer := f
	outer.limit += edgeOfMacroblock
	if hasLeft {
		r.smoothAcross(r.place, &outer, false)
	}
	for i := 4; interior && i < r.size; i += 4 {
		r.smoothAcross(r.place+i, &f, true)
	}
	if hasAbove {
		r.smoothDown(r.place, &outer, false)
	}
	for i := 4; interior && i < r.size; i += 4 {
		r.smoothDown(r.place+i*r.stride, &f, true)
	}
}

// filterSimple applies the simple filter to the edges of a macroblock of luma (15.2).
func (r region) filterSimple(limit int32, interior, hasLeft, hasAbove bool) {
	if hasLeft {
		r.simpleAcross(r.place, limit+edgeOfMacroblock)
	}
	for i := 4; interior && i < r.size; i += 4 {
		r.simpleAcross(r.place+i, limit)
	}
	if hasAbove {
		r.simpleDown(r.place, limit+edgeOfMacroblock)
	}
	for i := 4; interior && i < r.size; i += 4 {
		r.simpleDown(r.place+i*r.stride, limit)
	}
}
