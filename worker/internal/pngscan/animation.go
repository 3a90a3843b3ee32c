package pngscan

import (
	"encoding/binary"
	"time"

	"darkroom/worker/internal/animation"
)

// firstFrame reads the chunks that make a PNG an animation (11.3.6), up to the data of the first frame. If they are
// invalid, there is no animation.
type firstFrame struct {
	frames  uint32 // acTL
	plays   uint32 // acTL; 0 is for ever
	next    uint32 // sequence number
	started bool   // the first fcTL chunk was read
	still   bool   // the picture in the IDAT chunks is the first frame
	first   Frame  // the first frame
	begun   bool   // data of the first frame were read
	done    bool   // the frame after it has begun
	invalid bool
}

// chunk reads an acTL or fcTL chunk. pixels says that an IDAT chunk precedes it.
func (a *firstFrame) chunk(c chunk, f *File, pixels bool) {
	p := c.payload
	if c.kind() == "acTL" {
		if len(p) == 8 && !pixels && a.frames == 0 {
			a.frames, a.plays = binary.BigEndian.Uint32(p), binary.BigEndian.Uint32(p[4:])
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
	a.started, a.still = true, !pixels
	a.sequence(p)
	first, ok := f.frameOf(p)
	if !ok || a.still && !first.coversPicture(f) {
		a.invalid = true
		return
	}
	a.first = first
}

// frameOf returns the frame that the payload of an fcTL chunk describes, without its data. It reports false if the
// frame extends beyond the picture.
func (f *File) frameOf(p []byte) (Frame, bool) {
	be := binary.BigEndian
	width, height, x, y := int64(be.Uint32(p[4:])), int64(be.Uint32(p[8:])), int64(be.Uint32(p[12:])), int64(be.Uint32(p[16:]))
	if width < 1 || height < 1 || x+width > int64(f.Width) || y+height > int64(f.Height) {
		return Frame{}, false
	}
	n := Frame{File: *f, X: int(x), Y: int(y), Over: p[25] != 0}
	n.Width, n.Height, n.packed, n.pixels, n.frame = int(width), int(height), 0, stream{}, nil
	n.Disposal = [...]animation.Disposal{animation.Keep, animation.Background, animation.Previous, animation.Keep}[min(p[24], 3)]
	n.Delay = delay(be.Uint16(p[20:]), be.Uint16(p[22:]))
	return n, true
}

// delay converts a fraction of a second to a duration. A denominator of 0 counts as 100.
func delay(numerator, denominator uint16) time.Duration {
	if denominator == 0 {
		denominator = 100
	}
	return time.Duration(numerator) * time.Second / time.Duration(denominator)
}

// coversPicture reports whether the frame covers the picture.
func (n *Frame) coversPicture(f *File) bool { return n.Width == f.Width && n.Height == f.Height }

// data reads the fdAT chunk at the beginning of rest. A wrong checksum is tolerated, as in every ancillary chunk:
// browsers do the same.
func (a *firstFrame) data(c chunk, rest []byte) {
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
		a.first.pixels = frameStream(rest)
	}
	a.first.packed += int64(len(c.payload) - 4)
}

// frameStream returns the data of a frame. rest begins with its first fdAT chunk.
func frameStream(rest []byte) stream {
	return stream{rest: rest, kind: "fdAT", gaps: true, until: "fcTL", skip: 4}
}

// sequence checks the sequence number at the beginning of a payload.
func (a *firstFrame) sequence(p []byte) {
	if binary.BigEndian.Uint32(p) != a.next {
		a.invalid = true
	}
	a.next++
}

// result reports whether there is an animation, and returns its first frame if that is not the picture of the IDAT
// chunks.
func (a *firstFrame) result() (animated bool, first *Frame) {
	switch {
	case a.frames == 0 || a.invalid || !a.started:
		return false, nil
	case a.still:
		return a.frames > 1, nil
	case !a.begun || !a.first.fits():
		return false, nil
	}
	a.first.accept, a.first.Damage = false, nil // damaged frames are not shown
	return true, &a.first
}
