package vp8l

// predictor inverts the transform that predicts pixels from their neighbours (3.5.1). The green channel of a tile's
// value is the mode.
type predictor struct {
	tiling
	rows [2][]uint32 // this row and the one above, each followed by the first pixel of the row below it
}

const black = 0xff000000 // opaque black

func (p *predictor) invert(row []uint32, y int) []uint32 {
	to, above := p.rows[y&1], p.rows[1-y&1]
	if y == 0 {
		left := uint32(black)
		for x, v := range row {
			if x == 1 {
				left = to[0]
			}
			left = sum(left, v)
			to[x] = left
		}
		return to[:len(row)]
	}
	to[0] = sum(row[0], above[0])
	above[len(row)] = to[0] // it is to the right of the last pixel above
	for i, v := range p.row(y) {
		from, end := max(i<<p.bits, 1), min((i+1)<<p.bits, len(row))
		if from < end {
			predict(v>>8&15, to[from-1:end], row[from:end], above[from-1:end+1])
		}
	}
	return to[:len(row)]
}

// predict adds predictions to the pixels of row. to begins with the pixel to the left of the first one, and above with
// the pixel above and to the left of it. above ends with the pixel above and to the right of the last one.
func predict(mode uint32, to, row, above []uint32) {
	left, to := to[0], to[1:][:len(row)]
	// The pixels above and to the left, above, and above and to the right.
	corner, top, right := above[:len(row)], above[1:][:len(row)], above[2:][:len(row)]
	switch mode {
	case 1:
		for x, v := range row {
			left = sum(v, left)
			to[x] = left
		}
	case 2:
		for x, v := range row {
			to[x] = sum(v, top[x])
		}
	case 3:
		for x, v := range row {
			to[x] = sum(v, right[x])
		}
	case 4:
		for x, v := range row {
			to[x] = sum(v, corner[x])
		}
	case 5:
		for x, v := range row {
			left = sum(v, mean(mean(left, right[x]), top[x]))
			to[x] = left
		}
	case 6:
		for x, v := range row {
			left = sum(v, mean(left, corner[x]))
			to[x] = left
		}
	case 7:
		for x, v := range row {
			left = sum(v, mean(left, top[x]))
			to[x] = left
		}
	case 8:
		for x, v := range row {
			to[x] = sum(v, mean(corner[x], top[x]))
		}
	case 9:
		for x, v := range row {
			to[x] = sum(v, mean(top[x], right[x]))
		}
	case 10:
		for x, v := range row {
			left = sum(v, mean(mean(left, corner[x]), mean(top[x], right[x])))
			to[x] = left
		}
	case 11:
		for x, v := range row {
			left = sum(v, selectPixel(left, top[x], corner[x]))
			to[x] = left
		}
	case 12:
		for x, v := range row {
			left = sum(v, gradient(left, top[x], corner[x]))
			to[x] = left
		}
	case 13:
		for x, v := range row {
			left = sum(v, halfGradient(mean(left, top[x]), corner[x]))
			to[x] = left
		}
	default: // mode 0, and in libwebp the modes that the RFC does not define
		for x, v := range row {
			to[x] = sum(v, black)
		}
	}
}
