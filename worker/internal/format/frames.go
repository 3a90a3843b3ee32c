package format

import (
	"context"
	"errors"
	"fmt"
	"io"

	"darkroom/worker/internal/animation"
)

// Animation returns the header of a file's animation. h must be what [Inspect] returned for the same data. It reports
// false for a file with a single frame. Animation decodes nothing, allocates next to nothing, and takes time
// proportional to the file size. Check its result against [animation.Limits] before calling [Frames].
//
// The canvas has the size of the picture that [Decode] returns. The first frame is that picture, except in a HEIF file
// whose picture is not the first frame of its animation.
func Animation(data []byte, h Header) (a animation.Header, ok bool) {
	f := Lookup(h.Format)
	if f.animation == nil || !h.Animated {
		return a, false
	}
	var fault error
	defer func() { ok = ok && fault == nil }()
	defer rescue(f.Name, &fault)
	a, ok = f.animation(data, h)
	return a, ok && a.Frames > 1
}

// Frames returns a reader of the frames of an animation. Like the picture that [Decode] returns, they are neither
// turned upright nor converted by a profile. h and a must be what [Inspect] and [Animation] returned for the same data.
func Frames(data []byte, h Header, a animation.Header) (*FrameReader, error) {
	f := Lookup(h.Format)
	if f.frames == nil {
		return nil, fmt.Errorf("read frames: format %q has no animations", h.Format)
	}
	r := &FrameReader{header: h, left: a.Frames}
	err := r.callDecoder(func() (err error) {
		r.source, err = f.frames(data, h)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// FramesMemory returns how many bytes [Frames] and its reader may take in addition to the file.
func FramesMemory(data []byte, h Header, a animation.Header) int64 {
	f := Lookup(h.Format)
	if f.framesMemory == nil {
		return 0
	}
	return f.framesMemory(data, h, a)
}

// frameSource is the part of a reader that differs by format. next returns io.EOF after the last frame. For a damaged
// frame it also returns damage, if the limits of Inspect accept that and part of the frame is there.
type frameSource interface {
	next(ctx context.Context) (f animation.Frame, damage, err error)
}

// FrameReader is an [animation.Reader].
type FrameReader struct {
	header Header
	source frameSource
	left   int // frames
	shown  int
	damage error
	end    error // returned by every further call
}

// Next returns the next frame, as [animation.Reader] says. The error is a [*Rejection] if a frame does not decode. If
// the limits of Inspect accept damage, the animation instead ends with the frame before, if there is one.
func (r *FrameReader) Next(ctx context.Context) (f animation.Frame, err error) {
	if r.end == nil && r.left == 0 {
		r.end = io.EOF
	}
	if r.end != nil {
		return animation.Frame{}, r.end
	}
	var damage error
	err = r.callDecoder(func() (err error) {
		f, damage, err = r.source.next(ctx)
		return err
	})
	if ended := ctx.Err(); ended != nil { // a decoder may take the end of its context for damage
		err = ended
	}
	if rejection, ok := errors.AsType[*Rejection](err); ok && r.header.damaged && r.shown > 0 {
		damage, err = rejection, io.EOF
	}
	if damage != nil && r.damage == nil {
		r.damage = fmt.Errorf("frame %d: %w", r.shown+1, damage)
	}
	if err != nil {
		r.end = err
		return animation.Frame{}, err
	}
	r.left, r.shown = r.left-1, r.shown+1
	return f, nil
}

// Damage returns the first damage in the frames read so far, for the log, or nil if there is none.
func (r *FrameReader) Damage() error { return r.damage }

// callDecoder calls do and turns a panic of a decoder into a Rejection.
func (r *FrameReader) callDecoder(do func() error) (err error) {
	defer rescue(r.header.Format, &err)
	return do()
}
