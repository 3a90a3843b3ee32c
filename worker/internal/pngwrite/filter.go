package pngwrite

import "context"

// Filters of a row (9.2). The average filter is not used: it is rarely the best, and then only by a small margin.
const (
	filterNone  = 0
	filterSub   = 1
	filterUp    = 2
	filterPaeth = 4
)

// sampled is the spacing of the pixels that choose the filter: one in five. A prime does not coincide with patterns in
// pictures.
const sampled = 5

// filter writes the filtered rows, each after the number of its filter.
func (p picture) filter(ctx context.Context, write func([]byte) error) error {
	n := p.width * p.samples
	// Each row starts with an extra pixel of zeros, which the filters assume to the left of the first pixel.
	room := make([]byte, 2*(p.samples+n)+1+n)
	above, row, out := room[:p.samples+n], room[p.samples+n:2*(p.samples+n)], room[2*(p.samples+n):]
	for y := range p.height {
		if err := ctx.Err(); err != nil {
			return err
		}
		src := p.pix[y*p.stride:][:p.width*p.pixel]
		if p.pixel == p.samples {
			copy(row[p.samples:], src)
		} else {
			for to := row[3:]; len(src) >= 4 && len(to) >= 3; src, to = src[4:], to[3:] {
				to[0], to[1], to[2] = src[0], src[1], src[2]
			}
		}
		out[0] = bestFilter(row, above, p.samples)
		apply(out[0], out[1:], row, above, p.samples)
		if err := write(out); err != nil {
			return err
		}
		above, row = row, above
	}
	return nil
}

// bestFilter returns the filter with the smallest sum of absolute differences, over a sample of the pixels. A
// difference counts as a signed byte.
func bestFilter(row, above []byte, pixel int) byte {
	var none, sub, up, mixed int
	for x := pixel; x < len(row); x += sampled * pixel {
		for i := x; i < x+pixel; i++ {
			v, left, high, corner := row[i], row[i-pixel], above[i], above[i-pixel]
			none += magnitude(v)
			sub += magnitude(v - left)
			up += magnitude(v - high)
			mixed += magnitude(v - paeth(left, high, corner))
		}
	}
	switch least := min(none, sub, up, mixed); least {
	case none:
		return filterNone
	case sub:
		return filterSub
	case up:
		return filterUp
	}
	return filterPaeth
}

// magnitude returns the absolute value of a difference.
func magnitude(v byte) int { return max(int(int8(v)), -int(int8(v))) }

// apply filters a row into out. row and above start with the pixel before the first.
func apply(filter byte, out, row, above []byte, pixel int) {
	v, left := row[pixel:][:len(out)], row[:len(out)]
	high, corner := above[pixel:][:len(out)], above[:len(out)]
	switch filter {
	case filterNone:
		copy(out, v)
	case filterSub:
		for i := range out {
			out[i] = v[i] - left[i]
		}
	case filterUp:
		for i := range out {
			out[i] = v[i] - high[i]
		}
	case filterPaeth:
		for i := range out {
			out[i] = v[i] - paeth(left[i], high[i], corner[i])
		}
	}
}

// paeth returns the predictor (9.4): left, above or upper left, whichever is closest to left + above - upper left.
func paeth(left, above, corner byte) byte {
	toLeft, toAbove := int(above)-int(corner), int(left)-int(corner)
	toCorner := toLeft + toAbove
	toLeft, toAbove, toCorner = max(toLeft, -toLeft), max(toAbove, -toAbove), max(toCorner, -toCorner)
	if toLeft <= min(toAbove, toCorner) {
		return left
	}
	if toAbove <= toCorner {
		return above
	}
	return corner
}
