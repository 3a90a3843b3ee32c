// Package animation describes animations of any format, and composes their frames.
//
// A [Header] needs only the headers of a file, so a caller can check its [Limits] before decoding anything. A [Reader]
// then returns the frames one by one. It keeps one canvas, the part of it that a frame will restore, and the frame that
// it decodes.
//
// Formats write the same things in different ways. Readers translate them to these rules, which are those of browsers:
//
//   - A file with one frame is a picture, not an animation.
//   - A frame that asks for 10 ms or less is shown for 100 ms, and no frame for more than a day, see [Delay].
//   - [Header.Loops] counts how often the animation plays. The NETSCAPE2.0 extension of a GIF counts the repeats after
//     the first time, so Loops is one more; a GIF without it plays once. acTL of an APNG and ANIM of a WebP count the
//     plays.
//   - The canvas begins transparent, and disposal to the background makes it transparent. Background colours of GIF and
//     WebP are ignored.
//   - Disposal concerns the rectangle of the frame alone. For the first frame, the state to restore is the transparent
//     canvas.
//   - The part of a frame outside the canvas is not shown.
package animation

import (
	"context"
	"fmt"
	"image"
	"time"
)

// Header describes an animation.
type Header struct {
	Width, Height int           // canvas in pixels, as stored
	Frames        int           // at least 2
	Loops         int           // how often the animation plays; 0 is for ever
	Duration      time.Duration // time to play all frames once
}

// Frame is the canvas while a frame is shown.
type Frame struct {
	Image    *image.NRGBA    // whole canvas from 0,0 on, with straight alpha; read-only, valid until the next call
	Duration time.Duration   // how long it is shown, more than 10 ms
	Changed  image.Rectangle // contains all pixels that differ from the previous frame; for the first, the whole canvas
}

// Reader returns the frames of an animation in order.
type Reader interface {
	// Next returns the next frame. After the last one it returns io.EOF. When ctx ends, it returns the error of ctx.
	// After an error it returns no more frames.
	Next(ctx context.Context) (Frame, error)
}

// Delay returns how long a frame that asks for d is shown. All browser engines show a frame for 100 ms if it asks for
// 10 ms or less, in each format: Chromium in DeferredImageDecoder::FrameDurationAtIndex, Firefox in FrameTimeout,
// WebKit in ImageDecoderCG::frameDurationAtIndex.
//
// No frame is shown for more than a day. Only image sequences can ask for longer times, up to 136 years, for which a
// GIF would need millions of frames. A frame of an APNG lasts at most 18.2 hours (65,535 s), one of a WebP 4.7 hours,
// and one of a GIF 11 minutes.
func Delay(d time.Duration) time.Duration {
	const shortest, instead, longest = 10 * time.Millisecond, 100 * time.Millisecond, 24 * time.Hour
	if d <= shortest {
		return instead
	}
	return min(d, longest)
}

// Limits bounds the work to decode an animation.
type Limits struct {
	Frames int64 // number of frames
	Pixels int64 // pixels of the canvas times the number of frames
}

// Check returns a [*LimitError] if an animation exceeds the limits.
func (l Limits) Check(h Header) error {
	frames := int64(h.Frames)
	if frames > l.Frames {
		return &LimitError{What: "frames", Has: frames, Limit: l.Frames}
	}
	// A file of 4 GiB has fewer than 1<<32 frames, and no canvas has 1<<31 pixels.
	if pixels := int64(h.Width) * int64(h.Height) * frames; pixels > l.Pixels {
		return &LimitError{What: "pixels in all frames", Has: pixels, Limit: l.Pixels}
	}
	return nil
}

// LimitError says which limit an animation exceeds.
type LimitError struct {
	What       string // limited quantity: "frames" or "pixels in all frames"
	Has, Limit int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the animation has %d %s, more than the limit of %d", e.Has, e.What, e.Limit)
}
