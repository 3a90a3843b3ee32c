// Package animation says what an animation is, whatever file it comes from, and lays its frames over each other.
//
// A [Header] comes from the headers of a file alone, so a caller can check its [Limits] before anything is decoded. A
// [Reader] then returns the frames one by one. It keeps one canvas, the part of it that a frame will give back, and the
// frame that it decodes.
//
// Formats differ in how they write the same things. Readers turn them into these rules, which are those of browsers:
//
//   - A file with one frame is no animation, but a picture.
//   - A frame that asks for 10 ms or less is shown for 100 ms, and for a day at most, see [Delay].
//   - [Header.Loops] counts how often the animation plays. The NETSCAPE2.0 extension of a GIF counts the repeats after the
//     first time, so Loops is one more; a GIF without it plays once. acTL of an APNG and ANIM of a WebP count the plays.
//   - The canvas begins transparent, and disposal to the background makes it transparent. Background colours of GIF and
//     WebP are ignored.
//   - Disposal concerns the rectangle of the frame alone. What the first frame gives back is the transparent canvas.
//   - The part of a frame outside of the canvas is not shown.
package animation

import (
	"context"
	"fmt"
	"image"
	"time"
)

// Header says what an animation shows.
type Header struct {
	Width, Height int           // canvas in pixels, as stored
	Frames        int           // at least 2
	Loops         int           // how often the animation plays; 0 is for ever
	Duration      time.Duration // time to play all frames once
}

// Frame is the canvas while a frame is shown.
type Frame struct {
	Image    *image.NRGBA    // whole canvas from 0,0 on, with straight alpha; valid until the next call, and not to be changed
	Duration time.Duration   // how long it is shown, more than 10 ms
	Changed  image.Rectangle // holds all pixels that differ from the frame before; the whole canvas for the first frame
}

// Reader returns the frames of an animation in their order.
type Reader interface {
	// Next returns the next frame. After the last one it returns io.EOF. When ctx ends, it returns the error of ctx. After
	// an error no more frames come.
	Next(ctx context.Context) (Frame, error)
}

// Delay returns how long a frame is shown that asks for d. Browsers of every engine show a frame for 100 ms that asks
// for 10 ms or less, in each format: Chromium in DeferredImageDecoder::FrameDurationAtIndex, Firefox in FrameTimeout,
// WebKit in ImageDecoderCG::frameDurationAtIndex.
//
// No frame is shown for more than a day. Only image sequences can ask for that, of up to 136 years, for which a GIF
// would need millions of frames. A frame of an APNG has 18.2 hours at most (65,535 s), one of WebP 4.7 and one of GIF
// 11 minutes.
func Delay(d time.Duration) time.Duration {
	const shortest, instead, longest = 10 * time.Millisecond, 100 * time.Millisecond, 24 * time.Hour
	if d <= shortest {
		return instead
	}
	return min(d, longest)
}

// Limits says how much an animation may be to decode.
type Limits struct {
	Frames int64 // number of frames
	Pixels int64 // pixels of the canvas times the number of frames
}

// Check returns a [*LimitError] if an animation is more than the limits allow.
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

// LimitError says that an animation is more than the limits allow.
type LimitError struct {
	What       string // what there is too much of: "frames", "pixels in all frames"
	Has, Limit int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the animation has %d %s, more than the limit of %d", e.Has, e.What, e.Limit)
}
