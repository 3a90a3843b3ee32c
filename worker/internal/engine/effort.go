package engine

const (
	minEffort     = 0.1
	fullDivisor   = 4 // Config.MaxPixels / fullDivisor pixels may take the whole timeout
	variantWeight = 4 // a pixel in a file of a variant counts as this many pixels of the photo
	scoreTrials   = 6 // a file with a Score counts as this many files
)

// Effort returns the share of the render timeout that a photo may take, from 0.1 to 1. It is proportional to the pixels
// of the photo and of its variants. The share is 1 if these pixels make up at least a quarter of [Config.MaxPixels].
//
// Pixels of variants count four times. An AVIF takes 0.25 µs to decode a pixel, and 1 µs to encode one.
func (e *Engine) Effort(h Header) float64 {
	if h.plan == nil {
		return minEffort
	}
	pixels := h.Stored().Pixels()
	if h.keepsHDR() {
		pixels += h.gain.Stored().Pixels()
	}
	for _, v := range h.plan.variants {
		files := int64(len(v.formats(h.Format, !h.plan.alpha, false)))
		if v.Score != 0 {
			files *= scoreTrials
		}
		pixels += variantWeight * files * v.out.Pixels()
	}
	pixels += h.motionEffort()
	return min(max(float64(fullDivisor*pixels)/float64(e.maxPixels), minEffort), 1)
}

// motionEffort returns how many pixels the frames count as in [Engine.Effort].
func (h Header) motionEffort() (pixels int64) {
	if !h.Moves() {
		return 0
	}
	pixels = h.Stored().Pixels() / 4 // reading a frame is fast
	for _, v := range h.plan.motion.variants {
		files := int64(len(v.animated))
		pixels += files * v.out.Pixels()
	}
	return pixels * int64(h.motion.Frames)
}
