package variant

import "darkroom/worker/photo"

// Memory returns how many bytes [Engine.Render] holds at its peak beside the file itself. It errs to the high side:
// it counts a stage's buffers as held although the collector may have freed those of the stage before.
func (e *Engine) Memory(h Header) int64 {
	pic := upright(h.stored(), h.Orientation)
	need := largest(e.specs, pic)
	decoded, decoding := e.decodeMemory(h, upright(need, h.Orientation))

	const rgba = 4 // bytes a pixel
	top := need.pixels() * rgba
	// imaging resamples the width first: as wide as the result, as high as the source.
	resampling := int64(need.w) * int64(upright(decoded, h.Orientation).h) * rgba
	if h.Orientation != 1 {
		resampling = int64(upright(need, h.Orientation).w)*int64(decoded.h)*rgba + top
	}
	if decoded == upright(need, h.Orientation) {
		resampling -= int64(decoded.pixels()) * rgba
	}
	held := top
	for _, s := range e.specs {
		whole, keep := s.plan(pic)
		held += whole.pixels()*rgba + keep.pixels()*rgba // the pixels, and at most as much encoded
	}
	return decoding + decoded.pixels()*rgba + max(resampling, 0) + held + 1<<20
}

// decodeMemory returns the size that the picture is decoded at, and what the decoder holds beside the NRGBA pixels.
func (e *Engine) decodeMemory(h Header, need size) (decoded size, bytes int64) {
	decoded = h.stored()
	n := decoded.pixels()
	switch h.Format {
	case photo.JPEG:
		return jpegMemory(h, need)
	case photo.PNG:
		sample := int64(1)
		if h.Depth == 16 {
			sample = 2
		}
		each := sample * 4
		if h.Components == 1 && !h.keyed {
			each = sample
		}
		if sample == 1 && (h.Components > 1 || h.keyed) {
			each = 0 // these are the NRGBA pixels already
		}
		bytes = n * each
		if h.Interlaced {
			bytes += n * sample * 4 // the seven passes
		}
	case photo.GIF:
		bytes = n + n*4 // indexes, and a frame that does not cover the screen
	case photo.WebP:
		bytes = n * 2 // planes
		if h.Components == 4 {
			bytes += n * 5
		}
	}
	return decoded, bytes
}

// jpegMemory follows the buffers of jpegn: the samples of each component in whole blocks, each component again at the
// full size when it is converted, and of a progressive picture every coefficient in four bytes.
func jpegMemory(h Header, need size) (decoded size, bytes int64) {
	denom := 1
	if h.plain {
		denom = denominator(h.stored(), need)
	}
	decoded = h.stored().over(denom)
	most := sampling{1, 1}
	for _, s := range h.sampling[:h.Components] {
		most = sampling{max(most.h, s.h), max(most.v, s.v)}
	}
	units := size{(h.Width + 8*most.h - 1) / (8 * most.h), (h.Height + 8*most.v - 1) / (8 * most.v)}.pixels()
	side := int64(8 / denom)
	for _, s := range h.sampling[:h.Components] {
		blocks := units * int64(s.h*s.v)
		bytes += blocks * side * side
		if s != most {
			bytes += decoded.pixels()
		}
		if h.Progressive {
			bytes += blocks * 64 * 4
		}
	}
	if h.Components == 4 {
		bytes += decoded.pixels() * 4
	}
	return decoded, bytes + h.Bytes // jpegn reads the file into a buffer of its own
}
