package heif

import (
	"encoding/binary"
	"image"
)

// layout maps pixels as they are stored to those of the upright picture, which has width x height of them. Stored
// (x, y) is upright (ux*x + vx*y + dx, uy*x + vy*y + dy), where one of ux and vx is 1 or -1 and the other 0, and
// outside of the picture it was cropped away.
type layout struct {
	width, height int
	ux, vx, dx    int
	uy, vy, dy    int
}

func stored(width, height int) layout { return layout{width: width, height: height, ux: 1, vy: 1} }

// turn turns by 90 degrees anti-clockwise (ISO/IEC 23008-12, 6.5.10).
func (l layout) turn() layout {
	return layout{
		width: l.height, height: l.width,
		ux: l.uy, vx: l.vy, dx: l.dy,
		uy: -l.ux, vy: -l.vx, dy: l.width - 1 - l.dx,
	}
}

// flip exchanges left and right.
func (l layout) flip() layout {
	l.ux, l.vx, l.dx = -l.ux, -l.vx, l.width-1-l.dx
	return l
}

// flop exchanges top and bottom.
func (l layout) flop() layout {
	l.uy, l.vy, l.dy = -l.uy, -l.vy, l.height-1-l.dy
	return l
}

func (l layout) crop(x, y, width, height int) layout {
	l.dx, l.dy, l.width, l.height = l.dx-x, l.dy-y, width, height
	return l
}

// window returns the part of the stored picture that is kept.
func (l layout) window() image.Rectangle {
	// Where two opposite corners of the upright picture are stored.
	from := func(x, y int) image.Point {
		x, y = x-l.dx, y-l.dy
		return image.Pt(l.ux*x+l.uy*y, l.vx*x+l.vy*y)
	}
	a, b := from(0, 0), from(l.width-1, l.height-1)
	r := image.Rectangle{a, b}.Canon()
	r.Max = r.Max.Add(image.Pt(1, 1))
	return r
}

// orientation is the EXIF orientation, 1 to 8, that turns the stored picture the same way.
func (l layout) orientation() int {
	switch [4]int{l.ux, l.vx, l.uy, l.vy} {
	case [4]int{-1, 0, 0, 1}:
		return 2
	case [4]int{-1, 0, 0, -1}:
		return 3
	case [4]int{1, 0, 0, -1}:
		return 4
	case [4]int{0, 1, 1, 0}:
		return 5
	case [4]int{0, -1, 1, 0}:
		return 6
	case [4]int{0, -1, -1, 0}:
		return 7
	case [4]int{0, 1, -1, 0}:
		return 8
	}
	return 1
}

// transform applies a transformative property, of which there are three (ISO/IEC 23008-12, 6.5.9, 6.5.10, 6.5.12).
func (l layout) transform(p property) (layout, error) {
	switch p.kind {
	case "irot":
		if len(p.body) < 1 {
			return l, corrupt("property %q", p.kind)
		}
		for range p.body[0] & 3 {
			l = l.turn()
		}
	case "imir":
		if len(p.body) < 1 {
			return l, corrupt("property %q", p.kind)
		}
		// Its first edition named the axis, and readers took the words both ways. The second settled it: 0 exchanges
		// top and bottom, 1 left and right.
		if p.body[0]&1 == 0 {
			return l.flop(), nil
		}
		return l.flip(), nil
	case "clap":
		return l.aperture(p.body)
	}
	return l, nil
}

// aperture crops to a clean aperture (ISO/IEC 14496-12, 12.1.4): its size, and how far its centre lies from that of the
// picture, as fractions. Edges between pixels are moved outwards, but not beyond the picture.
func (l layout) aperture(body []byte) (layout, error) {
	if len(body) < 32 {
		return l, corrupt("property %q", "clap")
	}
	var n, d [4]int64
	for i := range n {
		n[i] = int64(int32(binary.BigEndian.Uint32(body[8*i:])))
		d[i] = int64(int32(binary.BigEndian.Uint32(body[8*i+4:])))
		if d[i] <= 0 || d[i] > 1<<16 || n[i] > 1<<31-1 || n[i] < -1<<31 {
			return l, corrupt("property %q", "clap")
		}
	}
	x, width, ok := window(int64(l.width), n[0], d[0], n[2], d[2])
	y, height, okY := window(int64(l.height), n[1], d[1], n[3], d[3])
	if !ok || !okY {
		return l, corrupt("clean aperture outside of the picture")
	}
	return l.crop(int(x), int(y), int(width), int(height)), nil
}

// window returns where an aperture of n/d begins in side pixels, when its centre is moved by on/od, and how long it is.
// Everything is reckoned in parts of 1/(2*d*od), which is exact: no term has more than 2^66/2^16 by the limits above.
func window(side, n, d, on, od int64) (from, length int64, ok bool) {
	if n <= 0 || n/d > side || on/od > side || -on/od > side {
		return 0, 0, false
	}
	unit := 2 * d * od
	begin := side*d*od - n*od + 2*on*d
	end := begin + 2*n*od
	from = max(floor(begin, unit), 0)
	to := min(-floor(-end, unit), side)
	return from, to - from, from < to
}

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
