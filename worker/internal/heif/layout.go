package heif

import "image"

// layout maps stored pixels to pixels of the upright picture, which has width x height of them. Stored (x, y) is
// upright (ux*x + vx*y + dx, uy*x + vy*y + dy), where one of ux and vx is 1 or -1 and the other 0. Pixels outside
// visible are cropped away.
type layout struct {
	width, height int
	ux, vx, dx    int
	uy, vy, dy    int
	visible       image.Rectangle // part of width x height
}

// identityLayout returns the layout that leaves every pixel in place.
func identityLayout(width, height int) layout { return cropLayout(0, 0, width, height) }

// cropLayout returns the layout that crops to width x height pixels from x, y on. x and y may be negative and the size
// larger than the picture: the layout then places the picture on a canvas.
func cropLayout(x, y, width, height int) layout {
	return layout{width: width, height: height, ux: 1, dx: -x, vy: 1, dy: -y, visible: image.Rect(0, 0, width, height)}
}

// followedBy returns the layout that applies l first and next after it.
func (l layout) followedBy(next layout) layout {
	next.visible = next.box(l.visible).Intersect(next.visible)
	dx, dy := next.point(l.dx, l.dy)
	return layout{
		width: next.width, height: next.height, visible: next.visible,
		ux: next.ux*l.ux + next.vx*l.uy, vx: next.ux*l.vx + next.vx*l.vy, dx: dx,
		uy: next.uy*l.ux + next.vy*l.uy, vy: next.uy*l.vx + next.vy*l.vy, dy: dy,
	}
}

// point returns where a stored pixel goes.
func (l layout) point(x, y int) (int, int) {
	return l.ux*x + l.vx*y + l.dx, l.uy*x + l.vy*y + l.dy
}

// box returns where a rectangle of stored pixels goes.
func (l layout) box(r image.Rectangle) image.Rectangle {
	if r.Empty() {
		return image.Rectangle{}
	}
	x0, y0 := l.point(r.Min.X, r.Min.Y)
	x1, y1 := l.point(r.Max.X-1, r.Max.Y-1)
	return image.Rect(min(x0, x1), min(y0, y1), max(x0, x1)+1, max(y0, y1)+1)
}

// row returns where the first pixel of a row of stored pixels goes, and which pixels of the row are visible. From one
// pixel to the next, the position changes by ux, uy.
func (l layout) row(y, width int) (x0, y0, from, to int) {
	x0, y0 = l.point(0, y)
	from, to = clip(x0, l.ux, l.visible.Min.X, l.visible.Max.X, 0, width)
	from, to = clip(y0, l.uy, l.visible.Min.Y, l.visible.Max.Y, from, to)
	return x0, y0, from, to
}

// clip narrows from and to so that low <= start + i*step < high for each i from from to to-1. step is -1, 0 or 1.
func clip(start, step, low, high, from, to int) (int, int) {
	switch {
	case step > 0:
		return max(from, low-start), min(to, high-start)
	case step < 0:
		return max(from, start-high+1), min(to, start-low+1)
	case start < low || start >= high:
		return 0, 0
	}
	return from, to
}

// offset returns where the first stored pixel goes. It reports false if the layout turns or mirrors.
func (l layout) offset() (x, y int, upright bool) { return l.dx, l.dy, l.ux == 1 && l.vy == 1 }

// turn turns by 90 degrees anti-clockwise (ISO/IEC 23008-12, 6.5.10).
func (l layout) turn() layout {
	return l.followedBy(layout{width: l.height, height: l.width, vx: 1, uy: -1, dy: l.width - 1, visible: image.Rect(0, 0, l.height, l.width)})
}

// flip exchanges left and right.
func (l layout) flip() layout {
	next := identityLayout(l.width, l.height)
	next.ux, next.dx = -1, l.width-1
	return l.followedBy(next)
}

// flop exchanges top and bottom.
func (l layout) flop() layout {
	next := identityLayout(l.width, l.height)
	next.vy, next.dy = -1, l.height-1
	return l.followedBy(next)
}

// unturned returns the layout that turns the visible picture back to how it is stored. It stays cropped.
func (l layout) unturned() layout {
	back := layout{width: l.width, height: l.height, ux: l.ux, vx: l.uy, uy: l.vx, vy: l.vy}
	if l.vx != 0 {
		back.width, back.height = l.height, l.width
	}
	if back.ux+back.vx < 0 {
		back.dx = back.width - 1
	}
	if back.uy+back.vy < 0 {
		back.dy = back.height - 1
	}
	back.visible = image.Rect(0, 0, back.width, back.height)
	return back
}

// orientation returns the EXIF orientation, 1 to 8, that turns the stored picture the same way.
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

// transform applies one of the three transformative properties (ISO/IEC 23008-12, 6.5.9, 6.5.10, 6.5.12).
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
		// The first edition of the standard named the axis, which readers understood in both ways. The second settled
		// it: 0 exchanges top and bottom, 1 left and right.
		if p.body[0]&1 == 0 {
			return l.flop(), nil
		}
		return l.flip(), nil
	case "clap":
		return l.aperture(p.body)
	}
	return l, nil
}
