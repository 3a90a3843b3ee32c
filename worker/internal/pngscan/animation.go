package pngscan

import "encoding/binary"

// animation reads the chunks that make a PNG an animation (11.3.6), up to the data of the first frame. If they are not
// what they should be, there is no animation.
type animation struct {
	frames  uint32 // acTL
	next    uint32 // sequence number
	started bool   // the first fcTL chunk has come
	still   bool   // the picture in the IDAT chunks is the first frame
	first   Frame  // the first frame, if not
	begun   bool   // data of it have come
	done    bool   // and the next frame has begun
	invalid bool
}

// control reads an acTL or fcTL chunk. pixels says that an IDAT chunk has come before.
func (a *animation) control(c chunk, f *File, pixels bool) {
	p := c.payload
	if c.kind() == "acTL" {
		if len(p) == 8 && !pixels && a.frames == 0 {
			a.frames = binary.BigEndian.Uint32(p)
		}
		return
	}
	if a.begun || a.started && a.still {
		a.done = true
		return
	}
	if len(p) != 26 || a.started {
		a.invalid = true
		return
	}
	be := binary.BigEndian
	width, height, x, y := int64(be.Uint32(p[4:])), int64(be.Uint32(p[8:])), int64(be.Uint32(p[12:])), int64(be.Uint32(p[16:]))
	whole := width == int64(f.Width) && height == int64(f.Height) && x == 0 && y == 0
	within := width > 0 && height > 0 && x+width <= int64(f.Width) && y+height <= int64(f.Height)
	a.started, a.still = true, !pixels
	if a.sequence(p); !within || a.still && !whole {
		a.invalid = true
		return
	}
	a.first = Frame{File: *f, X: int(x), Y: int(y)}
	a.first.Width, a.first.Height, a.first.packed, a.first.pixels = int(width), int(height), 0, stream{}
}

// data reads an fdAT chunk, with which rest begins. Its checksum is that of an ancillary chunk: browsers do not mind.
func (a *animation) data(c chunk, rest []byte) {
	if a.done || a.still || !a.started {
		return
	}
	if len(c.payload) < 4 {
		a.invalid = true
		return
	}
	a.sequence(c.payload)
	if !a.begun {
		a.begun = true
		a.first.pixels = stream{rest: rest, kind: "fdAT", gaps: true, until: "fcTL", skip: 4}
	}
	a.first.packed += int64(len(c.payload) - 4)
}

// sequence checks the sequence number with which a payload begins.
func (a *animation) sequence(p []byte) {
	if binary.BigEndian.Uint32(p) != a.next {
		a.invalid = true
	}
	a.next++
}

// result reports whether there is an animation, and returns its first frame if that is not the picture of the IDAT
// chunks.
func (a *animation) result() (animated bool, first *Frame) {
	switch {
	case a.frames == 0 || a.invalid || !a.started:
		return false, nil
	case a.still:
		return a.frames > 1, nil
	case !a.begun || !a.first.fits():
		return false, nil
	}
	a.first.accept, a.first.Damage = false, nil // a frame that is damaged is not shown
	return true, &a.first
}
