package format

import (
	"context"
	"image"
	"time"

	"darkroom/worker/internal/gifwrite"
)

// gifWriter writes an animated GIF of at most maxAnimation bytes.
type gifWriter struct{ *gifwrite.Writer }

func animateGIF(o AnimationOptions) AnimationWriter {
	return gifWriter{gifwrite.New(o.Size.Width, o.Size.Height, o.Loops)}
}

// Add appends a frame.
func (w gifWriter) Add(ctx context.Context, m *image.NRGBA, d time.Duration) error {
	if err := w.Writer.Add(ctx, m, d); err != nil {
		return err
	}
	return checkAnimation(w.Bytes())
}

// animateGIFMemory counts what the writer holds, and the file, whose buffer doubles as it grows.
func animateGIFMemory(o AnimationOptions, frames int) int64 {
	frame := gifwrite.FrameBytes(o.Size.Width, o.Size.Height)
	return gifwrite.Memory(o.Size.Width, o.Size.Height) + 3*animationBytes(frame, frames)
}
