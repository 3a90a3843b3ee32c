package jpegscan

import "fmt"

// unit is one block of an MCU.
type unit struct {
	c      *component
	offset int // of the block's first pixel in the plane, for the first MCU of a row
	step   int // from an MCU to the next
	next   int // from a row of MCUs to the next
}

// units returns the blocks of an MCU in their order (A.2.3).
func (d *decoder) units() []unit {
	units := make([]unit, 0, 6)
	for i := range d.components[:d.count] {
		c := &d.components[i]
		for y := range c.v {
			for x := range c.h {
				units = append(units, unit{
					c:      c,
					offset: d.size * (y*c.stride + x),
					step:   d.size * c.h,
					next:   d.size * c.v * c.stride,
				})
			}
		}
	}
	return units
}

// readScan decodes the picture's data into the planes.
func (d *decoder) readScan() error {
	units := d.units()
	d.start()
	left := d.interval // MCUs of the interval, where there are intervals
	var expect restarts
	for y := range d.mcusY {
		for x := range d.mcusX {
			if d.interval > 0 && left == 0 {
				if marker := d.finish(); !expect.next(marker) {
					return fmt.Errorf("%w: marker %#x instead of restart %d", missing(marker), marker, expect)
				}
				left = d.interval
				d.restart()
			}
			left--
			if !d.readMCU(units, x, y) {
				return fmt.Errorf("%w: MCU %d of %d", d.fault(), y*d.mcusX+x, d.mcusX*d.mcusY)
			}
		}
	}
	marker := d.finish()
	if d.interval > 0 && left == 0 && expect.next(marker) { // some cameras end the last interval as any other
		d.start()
		marker = d.finish()
	}
	switch marker {
	case markerEOI:
		return nil
	case 0:
		return fmt.Errorf("%w: no end of image", ErrTruncated)
	default:
		return fmt.Errorf("%w: marker %#x after the picture", ErrUnsupported, marker)
	}
}

// restarts is the number of the restart marker that comes next, 0 to 7.
type restarts byte

// next counts on if marker is the one that comes next, and else returns false.
func (r *restarts) next(marker byte) bool {
	if marker != markerRST0+byte(*r) {
		return false
	}
	*r = (*r + 1) & 7
	return true
}

// restart begins an interval (F.2.1.3.1).
func (d *decoder) restart() {
	for i := range d.components[:d.count] {
		d.components[i].last = 0
	}
	d.start()
}

// readMCU decodes the MCU in column x and row y. It reports whether the interval holds all of it and it makes sense.
func (d *decoder) readMCU(units []unit, x, y int) bool {
	for i := range units {
		u := &units[i]
		out := u.c.plane[u.offset+x*u.step+y*u.next:]
		if !d.readBlock(u.c, out) {
			return false
		}
	}
	return d.pos <= d.limit || d.advance()
}

// fault returns which error it is that an MCU cannot be read. Where the interval's data are used up, to the length of
// a code with its value, it is for want of more.
func (s *stream) fault() error {
	if s.ended && s.bitsLeft() < 32 {
		return missing(s.marker)
	}
	return ErrCorrupt
}

// missing returns which error it is that an interval ends with marker before the picture is whole.
func missing(marker byte) error {
	if marker == markerEOI || marker == 0 {
		return ErrTruncated
	}
	return ErrCorrupt
}
