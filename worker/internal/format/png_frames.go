package format

import (
	"context"
	"io"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/pngscan"
)

func pngAnimation(_ []byte, h Header) (animation.Header, bool) { return h.png.Animation() }

// pngFrames draws the frames of a PNG onto the canvas.
type pngFrames struct {
	frames *pngscan.Frames
	canvas *animation.Canvas
	narrow func(dst, src []byte)
}

func openPNGFrames(_ []byte, h Header) (frameSource, error) {
	return &pngFrames{h.png.Frames(), animation.NewCanvas(h.Width, h.Height), h.narrow()}, nil
}

func (p *pngFrames) next(ctx context.Context) (f animation.Frame, damage, err error) {
	n := p.frames.Next()
	if n == nil {
		return f, nil, io.EOF
	}
	p.canvas.Begin(n.Rectangle(), n.Disposal)
	rows, err := n.Draw(ctx, p.narrow, p.canvas)
	if rows < n.RowCount() {
		return f, nil, rejectPNG(err)
	}
	return p.canvas.Frame(n.Delay), err, nil
}

// pngFramesMemory counts the canvas, and a whole frame of an interlaced picture.
func pngFramesMemory(_ []byte, h Header, _ animation.Header) int64 {
	bytes := animation.CanvasMemory(h.Width, h.Height) + pngRowsMemory(h) + 4*int64(h.Width)
	if h.Interlaced {
		bytes += 4 * int64(h.Width) * int64(h.Height)
	}
	return bytes
}
