package vp8

// finalRows returns how many rows of pixels are final if this number of rows of macroblocks is filtered and the next
// row is missing. The filter of the next row may change up to three rows of samples above it, but only if the samples
// above the edge are similar.
func (d *decoder) finalRows(decoded int) int {
	rows := 16 * decoded
	switch m := d.frame; {
	case rows == 0 || d.level == 0:
		return rows
	case d.simple:
		return rows - 1
	default:
		strongest := d.strongestFilter()
		luma := strongest.reach(m.Y, rows, m.YStride)
		colours := max(strongest.reach(m.Cb, rows/2, m.CStride), strongest.reach(m.Cr, rows/2, m.CStride))
		return rows - max(luma, 2*colours)
	}
}

// strongestFilter returns the parameters in the frame that change the most samples.
func (h *header) strongestFilter() (f filter) {
	for _, segment := range h.filters {
		for _, one := range segment {
			f.limit, f.interior = max(f.limit, one.limit), max(f.interior, one.interior)
			f.variance = max(f.variance, one.variance)
		}
	}
	return f
}

// reach returns how many rows of a plane the filter may change above an edge, whatever the samples below it.
func (f *filter) reach(plane []byte, edge, stride int) int {
	most := 0
	if f.limit == 0 {
		return most
	}
	row := func(above int) []byte { return plane[(edge-above)*stride:][:stride] }
	p3, p2, p1, p0 := row(4), row(3), row(2), row(1)
	for x := range p0 {
		near := distance(p1[x], p0[x])
		switch {
		case max(near, distance(p2[x], p1[x]), distance(p3[x], p2[x])) > f.interior:
		case near > f.variance:
			most = max(most, 1)
		default:
			return 3
		}
	}
	return most
}
