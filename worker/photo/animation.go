package photo

// AnimationLost says why the variants of an animation show its first frame although a spec asks for animated ones. The
// photo is ready all the same.
type AnimationLost string

const (
	AnimationTooManyFrames AnimationLost = "too-many-frames" // more frames than a limit
	AnimationTooManyPixels AnimationLost = "too-many-pixels" // more pixels in all frames than a limit, or more than the memory budget can hold
	AnimationTooExpensive  AnimationLost = "too-expensive"   // more work than a limit
	AnimationTooLarge      AnimationLost = "too-large"       // the animated file would have more than 64 MiB
	AnimationDamaged       AnimationLost = "damaged"         // a frame after the first one cannot be read
)

// AnimationLosts lists every AnimationLost.
var AnimationLosts = []AnimationLost{AnimationTooManyFrames, AnimationTooManyPixels, AnimationTooExpensive, AnimationTooLarge, AnimationDamaged}

// AnimationLimits are what a worker accepts of animations: see [Recipe]. The zero value means unknown.
type AnimationLimits struct {
	Frames int64 `json:"frames"` // number of frames
	Pixels int64 `json:"pixels"` // pixels of the canvas times frames
	Millis int64 `json:"millis"` // estimated processor time in milliseconds
}

// IsLimit reports whether the reason depends on the settings of the worker.
func (a AnimationLost) IsLimit() bool {
	return a == AnimationTooManyFrames || a == AnimationTooManyPixels || a == AnimationTooExpensive
}

// stillByOtherLimits reports whether the variants show the first frame of an animation because of limits that have
// changed.
func (m *Manifest) stillByOtherLimits(r Recipe) bool {
	if m.State != Ready || m.Photo == nil || !m.Photo.AnimationLost.IsLimit() || m.Limits == nil {
		return false
	}
	before, now := *m.Limits, r.Limits()
	return before.Animation != now.Animation && now.Animation != AnimationLimits{} ||
		m.Photo.AnimationLost == AnimationTooManyPixels && differ(before.Memory, now.Memory) ||
		m.Photo.AnimationLost == AnimationTooExpensive && differ(before.RenderMillis, now.RenderMillis)
}

// MarkStill records why the variants show the first frame of an animation, and the limits if they are the reason.
func (m *Manifest) MarkStill(why AnimationLost, r Recipe) {
	m.Photo.AnimationLost = why
	if why.IsLimit() {
		limits := r.Limits()
		m.Limits = &limits
	}
}
