package format

import "darkroom/worker/internal/gifwrite"

func animateGIF(o AnimationOptions) AnimationWriter {
	return gifwrite.New(o.Size.Width, o.Size.Height, o.Loops)
}

func animateGIFMemory(o AnimationOptions, frames int) int64 {
	return gifwrite.Memory(o.Size.Width, o.Size.Height, frames)
}
