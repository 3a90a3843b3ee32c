package format

import (
	"context"
	"errors"
	"io"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/heif"
	"darkroom/worker/photo"
)

func avifAnimation(data []byte, h Header) (animation.Header, bool) {
	s, ok := heif.ReadSequence(data, *h.heif)
	if !ok {
		return animation.Header{}, false
	}
	return s.Animation(), true
}

// avifFrames decodes the image sequence of an AVIF.
type avifFrames struct{ frames *heif.Frames }

func openAVIFFrames(data []byte, h Header) (frameSource, error) {
	s, ok := heif.ReadSequence(data, *h.heif)
	if !ok {
		return nil, errors.New("open frames: no image sequence")
	}
	f, err := s.Frames(data)
	if err != nil {
		return nil, rejectHEIF(h.Format, err)
	}
	return &avifFrames{f}, nil
}

func (a *avifFrames) next(ctx context.Context) (f animation.Frame, damage, err error) {
	f, err = a.frames.Next(ctx)
	if err != nil && err != io.EOF && ctx.Err() == nil {
		err = rejectHEIF(photo.AVIF, err)
	}
	return f, nil, err
}

func avifFramesMemory(data []byte, h Header, _ animation.Header) int64 {
	s, ok := heif.ReadSequence(data, *h.heif)
	if !ok {
		return 0
	}
	return s.Memory()
}
