package pngscan

import (
	"context"
	"encoding/binary"
	"image"

	"darkroom/worker/internal/animation"
)

// Animation returns the header of the animation. It reports false unless there are at least two frames. A frame counts
// if its control chunk is valid, its numbers are in sequence and it has data, up to the number of frames in the acTL
// chunk. Any fault ends the animation, as in Chromium.
func (f *File) Animation() (animation.Header, bool) {
	h := animation.Header{Width: f.Width, Height: f.Height, Loops: int(f.plays)}
	if !f.Animated {
		return h, false
	}
	for r := f.Frames(); ; h.Frames++ {
		n := r.Next()
		if n == nil {
			return h, h.Frames > 1
		}
		h.Duration += animation.Delay(n.Delay)
	}
}

// Frames iterates over the frames of an animation.
type Frames struct {
	file *File
	rest []byte // from the next chunk on
	left uint32 // frames that the acTL chunk announces
	next uint32 // sequence number
}

// Frames returns the frames of an animation.
func (f *File) Frames() *Frames { return &Frames{file: f, rest: f.chunks, left: f.frames} }

// Next returns the next frame, or nil after the last one, see [File.Animation].
func (r *Frames) Next() *Frame {
	if r.left == 0 {
		return nil
	}
	r.left--
	for {
		c, rest, err := nextChunk(r.rest)
		if err != nil || c.kind() == "IEND" {
			return nil
		}
		r.rest = rest
		if c.kind() != "fcTL" || !c.checksumValid() {
			continue
		}
		if len(c.payload) != 26 || !r.inSequence(c.payload) {
			return nil
		}
		n, ok := r.file.frameOf(c.payload)
		if disposal, blend := c.payload[24], c.payload[25]; !ok || disposal > 2 || blend > 1 {
			return nil
		}
		return r.data(n)
	}
}

// data reads past the data of a frame, up to the next fcTL chunk, and returns the frame with its data. It returns nil
// if there are none.
func (r *Frames) data(n Frame) *Frame {
	n.accept, n.Damage = false, nil
	picture := r.next == 1 && r.file.firstIsPicture
	for begun := false; ; {
		c, rest, err := nextChunk(r.rest)
		switch {
		case len(c.typed) == 0, c.kind() == "IEND", c.kind() == "fcTL" && c.checksumValid():
			if !begun && !picture {
				return nil
			}
			return &n
		case picture && c.kind() == "IDAT":
			n.pixels, n.packed = r.file.pixels, r.file.packed
		case picture || c.kind() != "fdAT":
		case len(c.payload) < 4 || !r.inSequence(c.payload):
			r.left = 0
			if !begun {
				return nil
			}
			return &n
		default:
			if !begun {
				n.pixels = frameStream(r.rest)
			}
			begun = true
			n.packed += int64(len(c.payload) - 4)
		}
		if r.rest = rest; err != nil {
			r.rest = nil
		}
	}
}

// inSequence reports whether a payload begins with the next sequence number.
func (r *Frames) inSequence(payload []byte) bool {
	ok := binary.BigEndian.Uint32(payload) == r.next
	r.next++
	return ok
}

// Draw decodes the frame and draws it onto a canvas, on which [animation.Canvas.Begin] has been called for it. narrow
// is as in [File.Image]. Draw returns how many rows were decoded, see [File.Rows]. If these are fewer than
// [File.RowCount], the canvas shows a part of the frame.
func (n *Frame) Draw(ctx context.Context, narrow func(dst, src []byte), c *animation.Canvas) (rows int, err error) {
	if !n.fits() {
		return 0, truncated("%d bytes for %d x %d pixels", n.packed, n.Width, n.Height)
	}
	if n.Interlaced {
		m, rows, err := n.Image(ctx, narrow)
		if rows < n.RowCount() {
			return rows, err
		}
		if ended := c.Draw(ctx, m, image.Pt(n.X, n.Y), n.Over); ended != nil {
			return 0, ended
		}
		return rows, err
	}
	line := make([]byte, 4*n.Width)
	return n.lines(ctx, narrow, func(int) []byte { return line }, func(y int) { c.DrawRow(line, image.Pt(n.X, n.Y+y), n.Over) })
}

// Rectangle returns the area of the picture that the frame covers.
func (n *Frame) Rectangle() image.Rectangle { return image.Rect(n.X, n.Y, n.X+n.Width, n.Y+n.Height) }
