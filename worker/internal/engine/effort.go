package engine

const (
	leastEffort     = 0.1
	wholeTime       = 4 // pictures of 1/wholeTime of Config.MaxPixels may take the whole time
	pixelsOfVariant = 4 // pixels of a picture that a pixel of a variant counts as, in each of its files
	triesOfScore    = 6 // files that a file counts as whose quality is searched
)

// Effort returns the share of the render timeout that a photo may take, from 0.1 to 1. It is proportional to the pixels
// of the photo and of its variants. The share is 1 if these pixels make up at least a quarter of [Config.MaxPixels].
//
// Pixels of variants count four times. An AVIF takes a quarter of a microsecond to decode a pixel, and one to encode
// it.
func (e *Engine) Effort(h Header) float64 {
	if h.plan == nil {
		return leastEffort
	}
	pixels := h.Stored().Pixels()
	if h.keepsHDR() {
		pixels += h.gain.Stored().Pixels()
	}
	for _, v := range h.plan.variants {
		files := int64(len(v.formats(h.Format, !h.plan.alpha, false)))
		if v.Score != 0 {
			files *= triesOfScore
		}
		pixels += pixelsOfVariant * files * v.out.Pixels()
	}
	pixels += h.motionEffort()
	return min(max(float64(wholeTime*pixels)/float64(e.maxPixels), leastEffort), 1)
}
