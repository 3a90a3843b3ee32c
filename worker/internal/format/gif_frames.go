package format

import (
	"context"
	"errors"
	"fmt"
	"io"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/gifscan"
)

func gifAnimation(data []byte, _ Header) (animation.Header, bool) {
	f, err := gifscan.Open(data)
	if err != nil {
		return animation.Header{}, false
	}
	return f.Animation()
}

// gifFrames draws each frame of a GIF onto the canvas, as decodeGIF draws the first one: a frame that lacks at most a
// row counts as complete, unless the file is cut in it.
type gifFrames struct {
	pictures *gifscan.Pictures
	canvas   *animation.Canvas
	damaged  bool
}

func openGIFFrames(data []byte, h Header) (frameSource, error) {
	f, err := gifscan.Open(data)
	if err != nil {
		return nil, rejectGIF(err)
	}
	return &gifFrames{f.Pictures(), animation.NewCanvas(h.Width, h.Height), h.damaged}, nil
}

func (g *gifFrames) next(ctx context.Context) (f animation.Frame, damage, err error) {
	p, err := g.pictures.Next()
	switch {
	case err != nil:
		return f, nil, rejectGIF(err)
	case p == nil:
		return f, nil, io.EOF
	}
	g.canvas.Begin(p.Frame, p.Disposal)
	n, whole, err := g.pictures.Draw(ctx, p, g.canvas.Image())
	if row := p.Frame.Dx(); err != nil && !(whole-n <= min(row, n) && !errors.Is(err, gifscan.ErrTruncated)) {
		if !g.damaged || n < row {
			return f, nil, rejectGIF(err)
		}
		damage = fmt.Errorf("%d of %d pixels: %w", n, whole, err)
	}
	return g.canvas.Frame(p.Delay), damage, nil
}

// gifFramesMemory counts the canvas and the colour indexes of the largest frame.
func gifFramesMemory(_ []byte, h Header, _ animation.Header) int64 {
	return animation.CanvasMemory(h.Width, h.Height) + gifscan.PicturesMemory(h.Width, h.Height)
}
