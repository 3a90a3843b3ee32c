package animation

import (
	"context"
	"image"
	"time"
)

// Disposal says what happens to a frame before the next one is drawn.
type Disposal int

const (
	Keep       Disposal = iota // the frame stays
	Background                 // its rectangle becomes transparent
	Previous                   // its rectangle is restored to its state before the frame
)

// Canvas composes frames. To show a frame, call [Canvas.Begin], draw into [Canvas.Image] within the rectangle that
// Begin returned, and call [Canvas.Frame].
type Canvas struct {
	image    *image.NRGBA
	saved    []byte // pixels of the frame's rectangle before it was drawn, if they will be restored
	frame    image.Rectangle
	disposal Disposal
	changed  image.Rectangle
	begun    bool
}

// NewCanvas returns a transparent canvas.
func NewCanvas(width, height int) *Canvas {
	return &Canvas{image: image.NewNRGBA(image.Rect(0, 0, width, height))}
}

// CanvasMemory returns how many bytes a canvas may take, including the pixels that a frame will restore.
func CanvasMemory(width, height int) int64 { return 2 * 4 * int64(width) * int64(height) }

// Image returns the pixels.
func (c *Canvas) Image() *image.NRGBA { return c.image }

// Begin disposes of the last frame and prepares for one in a rectangle, with disposal d. It returns the part of the
// rectangle that lies on the canvas, which may be empty.
func (c *Canvas) Begin(r image.Rectangle, d Disposal) image.Rectangle {
	c.changed = c.image.Rect
	if c.begun {
		c.changed = c.dispose()
	}
	c.begun = true
	c.frame, c.disposal = r.Intersect(c.image.Rect), d
	c.changed = c.changed.Union(c.frame)
	if d == Previous {
		c.saved = c.saved[:0]
		c.rows(func(row []byte) { c.saved = append(c.saved, row...) })
	}
	return c.frame
}

// dispose disposes of the last frame and returns the rectangle that has changed.
func (c *Canvas) dispose() image.Rectangle {
	switch c.disposal {
	case Background:
		c.rows(func(row []byte) { clear(row) })
	case Previous:
		saved := c.saved
		c.rows(func(row []byte) { saved = saved[copy(row, saved):] })
	default:
		return image.Rectangle{}
	}
	return c.frame
}

// rows visits the part of each row that the last frame covers.
func (c *Canvas) rows(visit func(row []byte)) {
	if c.frame.Empty() {
		return
	}
	for y := c.frame.Min.Y; y < c.frame.Max.Y; y++ {
		visit(c.image.Pix[c.image.PixOffset(c.frame.Min.X, y):][:4*c.frame.Dx()])
	}
}

// Draw draws a frame with its upper left corner at a point, clipped to the rectangle that Begin returned. If over is
// true, the canvas shows through where the frame is transparent. Otherwise the frame replaces the canvas. When ctx
// ends, Draw returns its error.
func (c *Canvas) Draw(ctx context.Context, m *image.NRGBA, at image.Point, over bool) error {
	for y := range m.Rect.Dy() {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.DrawRow(m.Pix[y*m.Stride:][:4*m.Rect.Dx()], at.Add(image.Pt(0, y)), over)
	}
	return nil
}

// DrawRow draws a row of a frame with its first pixel at a point, like [Canvas.Draw].
func (c *Canvas) DrawRow(row []byte, at image.Point, over bool) {
	left, right := max(at.X, c.frame.Min.X), min(at.X+len(row)/4, c.frame.Max.X)
	if at.Y < c.frame.Min.Y || at.Y >= c.frame.Max.Y || left >= right {
		return
	}
	dst, src := c.image.Pix[c.image.PixOffset(left, at.Y):][:4*(right-left)], row[4*(left-at.X):][:4*(right-left)]
	if over {
		compose(dst, src)
	} else {
		copy(dst, src)
	}
}

// Frame returns the canvas as a frame that asks to be shown for d, see [Delay].
func (c *Canvas) Frame(d time.Duration) Frame {
	return Frame{Image: c.image, Duration: Delay(d), Changed: c.changed}
}

// compose composes pixels with straight alpha, source over destination (PNG specification, third edition, 13.16).
func compose(dst, src []byte) {
	for ; len(src) >= 4 && len(dst) >= 4; dst, src = dst[4:], src[4:] {
		if n := opaquePrefix(src); n > 4 {
			copy(dst, src[:n])
			if dst, src = dst[n:], src[n:]; len(src) < 4 {
				return
			}
		}
		switch a := uint32(src[3]); {
		case a == 0xff || dst[3] == 0:
			copy(dst[:4], src[:4])
		case a == 0:
		case dst[3] == 0xff:
			for i, s := range src[:3] {
				dst[i] = byte((uint32(s)*a + uint32(dst[i])*(0xff-a) + 0x7f) / 0xff)
			}
		default:
			below := uint32(dst[3]) * (0xff - a) // 255 times the visible part of the destination
			all := 0xff*a + below
			for i, s := range src[:3] {
				dst[i] = byte((0xff*a*uint32(s) + below*uint32(dst[i]) + all/2) / all)
			}
			dst[3] = byte((all + 0x7f) / 0xff)
		}
	}
}

// opaquePrefix returns how many bytes at the beginning are opaque pixels.
func opaquePrefix(pix []byte) (n int) {
	for n+4 <= len(pix) && pix[n+3] == 0xff {
		n += 4
	}
	return n
}
