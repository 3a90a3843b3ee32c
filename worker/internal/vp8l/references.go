package vp8l

import "slices"

// advance moves forward by decoded pixels.
func (p *pixels) advance(count int) {
	p.pos += count
	for p.x += count; p.x >= p.width; p.x -= p.width {
		p.y++
	}
}

// reference copies earlier pixels (3.6.2.2). The symbol is the prefix of the length.
func (p *pixels) reference(r *bitReader, g *group, symbol int) error {
	length := readPrefixed(r, symbol)
	distance := p.distance(readPrefixed(r, g.distance.symbol(r)))
	if distance > p.pos || length > p.width*p.height-p.base-p.pos {
		return errReference
	}
	to, from := p.pix[p.pos:][:length], p.pix[p.pos-distance:][:length]
	if distance >= length {
		copy(to, from)
	} else {
		for i := range to {
			to[i] = from[i] // a reference may overlap its own copy
		}
	}
	if p.cache != nil {
		for _, v := range to {
			p.cache.add(v)
		}
	}
	p.advance(length)
	return nil
}

// readPrefixed returns a length or a distance code, 1 or more, from its prefix and its extra bits (3.6.2.2).
func readPrefixed(r *bitReader, prefix int) int {
	if prefix < 4 {
		return prefix + 1
	}
	extra := uint(prefix-2) >> 1
	return (2+prefix&1)<<extra + r.read(extra) + 1
}

// nearOffsets holds the offsets of the first distance codes (3.6.2.2.1): x to the left and y up.
var nearOffsets = makeNearOffsets()

type offset struct{ x, y int }

// makeNearOffsets returns the table of section 3.6.2.2.1, sorted by distance in the plane. Offsets of equal distance
// are sorted from top to bottom, and then from left to right.
func makeNearOffsets() (table [120]offset) {
	var all []offset
	for y := range 8 {
		for x := -7; x <= 8; x++ {
			if y > 0 || x > 0 {
				all = append(all, offset{x, y})
			}
		}
	}
	slices.SortFunc(all, func(a, b offset) int {
		if d := a.x*a.x + a.y*a.y - b.x*b.x - b.y*b.y; d != 0 {
			return d
		}
		if a.y != b.y {
			return b.y - a.y
		}
		return b.x - a.x
	})
	copy(table[:], all)
	return table
}

// distance returns the distance in pixels for a distance code.
func (p *pixels) distance(code int) int {
	if code > len(nearOffsets) {
		return code - len(nearOffsets)
	}
	o := nearOffsets[code-1]
	return max(o.y*p.width+o.x, 1)
}
