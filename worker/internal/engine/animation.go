package engine

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/format"
	"darkroom/worker/photo"
)

// AnimationLimits says which animations stay animated. The variants of any other show its first frame. A field that is
// zero has its default.
type AnimationLimits struct {
	Frames int64         // most frames, default 1000
	Pixels int64         // most pixels of the canvas times frames, default 500 million
	Work   time.Duration // longest estimated processor time, default 20 s
}

// DefaultAnimationLimits accepts 1000 frames of 800 x 600 pixels, or 240 of full HD.
var DefaultAnimationLimits = AnimationLimits{Frames: 1000, Pixels: 500_000_000, Work: 20 * time.Second}

// The largest values of [AnimationLimits].
const (
	MaxAnimationFrames = 100_000
	MaxAnimationPixels = 1 << 40
	MaxAnimationWork   = time.Hour
)

func (l AnimationLimits) withDefaults() AnimationLimits {
	l.Frames = cmp.Or(l.Frames, DefaultAnimationLimits.Frames)
	l.Pixels = cmp.Or(l.Pixels, DefaultAnimationLimits.Pixels)
	l.Work = cmp.Or(l.Work, DefaultAnimationLimits.Work)
	return l
}

// Validate reports the first field that is out of range.
func (l AnimationLimits) Validate() error {
	switch {
	case l.Frames < 1 || l.Frames > MaxAnimationFrames:
		return fmt.Errorf("animation frames: %d: want 1 to %d", l.Frames, MaxAnimationFrames)
	case l.Pixels < 1 || l.Pixels > MaxAnimationPixels:
		return fmt.Errorf("animation pixels: %d: want 1 to %d", l.Pixels, int64(MaxAnimationPixels))
	case l.Work < time.Millisecond || l.Work > MaxAnimationWork:
		return fmt.Errorf("animation work: %v: want 1ms to %v", l.Work, MaxAnimationWork)
	}
	return nil
}

// Processor time of an animation, measured on amd64 and rounded up: reading a pixel of a frame and resampling it, and
// encoding a pixel of a variant as WebP or GIF.
const (
	frameWork   = 40 * time.Nanosecond
	variantWork = 250 * time.Nanosecond
)

// LostAnimation says why the variants of an animation show its first frame.
type LostAnimation struct {
	Reason photo.AnimationLost
	Cause  error // underlying error, for operators
}

func (e *LostAnimation) Error() string {
	return fmt.Sprintf("variants show the first frame of the animation: %s: %v", e.Reason, e.Cause)
}

func (e *LostAnimation) Unwrap() error { return e.Cause }

// inspectMotion reads the header of an animation if a Spec asks for one. A header that exceeds the limits comes with a
// LostAnimation.
func (e *Engine) inspectMotion(data []byte, h Header) Header {
	if !h.Animated || !slices.ContainsFunc(e.specs, func(s Spec) bool { return s.Animate }) {
		return h
	}
	a, ok := format.Animation(data, h.Header)
	if !ok {
		return h
	}
	h.motion, h.frames = &a, format.FramesMemory(data, h.Header, a)
	h.lostMotion = e.checkMotion(h)
	return h
}

// checkMotion returns why an animation is more than the limits allow, or nil.
func (e *Engine) checkMotion(h Header) *LostAnimation {
	l, a := e.animation, *h.motion
	if err := (animation.Limits{Frames: l.Frames, Pixels: l.Pixels}).Check(a); err != nil {
		reason := photo.AnimationTooManyPixels
		if int64(a.Frames) > l.Frames {
			reason = photo.AnimationTooManyFrames
		}
		return &LostAnimation{reason, err}
	}
	work := frameWork * time.Duration(int64(a.Width)*int64(a.Height)*int64(a.Frames))
	for _, s := range e.specs {
		animated, _ := s.resolve(h.Format, true)
		work += variantWork * time.Duration(int64(a.Frames)*int64(len(animated))*s.place(h.Upright()).out.Pixels())
	}
	if work > l.Work {
		return &LostAnimation{photo.AnimationTooExpensive, fmt.Errorf("about %v of work, more than %v", work.Round(time.Millisecond), l.Work)}
	}
	return nil
}

// moves reports whether the photo is an animation and the variants whose Spec asks for it are animated.
func (h Header) moves() bool { return h.motion != nil && h.lostMotion == nil }

// moves reports whether a file of the variant is an animation.
func (v variantPlan) moves() bool { return len(v.animated) > 0 }

// Moves reports whether a variant is rendered as an animation.
func (h Header) Moves() bool { return h.plan != nil && h.plan.motion != nil }

// WithoutAnimation returns a header whose variants show the first frame, for the given reason. ok is false if no
// variant would be animated anyway.
func (h Header) WithoutAnimation(reason photo.AnimationLost, cause error) (without Header, ok bool) {
	if !h.Moves() {
		return h, false
	}
	return h.withStillVariants(&LostAnimation{reason, cause}), true
}

func (h Header) withStillVariants(why *LostAnimation) Header {
	h.lostMotion = why
	still := newPlan(h.plan.specs(func(variantPlan) bool { return true }), h.Header, h.plan.largest, false)
	still.words = h.plan.words
	h.plan = still
	return h
}
