package heif

import "image"

// canvas is where a tile goes: at x and y of the stored picture.
type canvas struct {
	*image.NRGBA
	layout
	x, y int
}

// row returns the index of the first pixel of a tile's row in Pix, how far the next ones are, and which pixels of the
// row are on the canvas.
func (c canvas) row(y, width int) (at, step, from, to int) {
	x0 := c.ux*c.x + c.vx*(c.y+y) + c.dx // where pixel 0 goes
	y0 := c.uy*c.x + c.vy*(c.y+y) + c.dy
	from, to = clip(x0, c.ux, c.width, 0, width)
	from, to = clip(y0, c.uy, c.height, from, to)
	return y0*c.Stride + x0*4, c.uy*c.Stride + c.ux*4, from, to
}

// clip narrows from and to so that 0 <= start + i*step < length for each i between, where step is -1, 0 or 1.
func clip(start, step, length, from, to int) (int, int) {
	switch {
	case step > 0:
		return max(from, -start), min(to, length-start)
	case step < 0:
		return max(from, start-length+1), min(to, start+1)
	case start < 0 || start >= length:
		return 0, 0
	}
	return from, to
}
