package engine

import (
	"slices"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/raster"
)

// Memory returns how many bytes [Engine.Render] may take at its peak in addition to the file itself. It is the sum of
// the buffers of all stages, although most are garbage when the last is allocated. Garbage takes memory until the
// collector runs, and with GOGC=100 that is when there is as much garbage as live data. A test compares the estimate
// with what rendering really takes.
//
// What the engine keeps from one picture to the next, at most 2 MB, is not included.
func (e *Engine) Memory(h Header) int64 {
	return max(memory(h))
}

// memory returns the estimates for an opaque and for a transparent picture. Only decoding shows which one it is.
func memory(h Header) (opaque, transparent int64) {
	p := h.plan
	if p == nil {
		return 0, 0
	}
	decoded, bytes := format.DecodeMemory(h.Header, p.decode)
	bytes += h.Profile.Memory() + p.words + 256<<10
	if p.alpha || slices.ContainsFunc(p.variants, func(v variantPlan) bool { return v.exact }) {
		bytes += 3 << 19 // the compressor of a PNG
	}
	bytes += h.gainMemory() + h.motionMemory()
	rgba, planar := p.rgbaSteps(h, decoded), p.planarSteps(h, decoded)
	if p.alpha && !p.decode.Planar {
		transparent = bytes + raster.StepsMemory(rgba) + p.outputMemory(h, false, false)
	}
	if p.exact && !p.decode.Planar {
		return bytes + raster.StepsMemory(rgba) + p.outputMemory(h, false, true), transparent
	}
	return bytes + raster.StepsMemory(planar) + p.outputMemory(h, true, true), transparent
}

// rgbaSteps returns the steps that hold the picture as RGBA in each size, and those that filter one size into the next.
func (p *plan) rgbaSteps(h Header, decoded raster.Size) []raster.Step {
	steps := []raster.Step{{Kind: raster.FilterRGBA, From: decoded, To: p.decode.Size}}
	if h.Orientation != 1 {
		steps = append(steps, raster.Step{Kind: raster.HoldRGBA, To: p.largest})
	}
	if len(p.lights) > 1 { // plus a copy whose colours are converted
		steps = append(slices.Repeat(steps, 2), raster.Step{Kind: raster.HoldRGBA, To: p.largest})
	}
	steps = append(steps, raster.Step{Kind: raster.FilterRGBA, From: p.largest, To: previewSpec.place(p.largest).whole})
	for _, v := range p.variants {
		steps = append(steps, raster.Step{Kind: raster.FilterRGBA, From: p.largest, To: v.whole},
			raster.Step{Kind: raster.FilterRGBA, From: v.partSize(), To: v.out})
		if v.out != v.partSize() { // the part as a picture of its own, without gaps between rows
			steps = append(steps, raster.Step{Kind: raster.HoldRGBA, To: v.partSize()})
		}
	}
	return steps
}

// planarSteps returns the steps that hold the planes of the picture in each size, and those that filter one size into
// the next. RGBA pixels become planes first.
func (p *plan) planarSteps(h Header, decoded raster.Size) (steps []raster.Step) {
	planes := func(s raster.Size, fullColour bool) raster.Step {
		return raster.Step{Kind: raster.HoldPlanes, To: s, Grey: h.Grey(), FullColour: fullColour}
	}
	steps = append(steps, planes(p.largest, p.fullColour), raster.Step{Kind: raster.FilterPlanes, From: decoded, To: p.decode.Size})
	if h.Orientation >= 5 {
		steps = append(steps, planes(p.largest, p.fullColour))
	}
	if len(p.lights) > 1 { // plus a copy whose colours are converted
		steps = append(slices.Repeat(steps, 2), planes(p.largest, p.fullColour))
	}
	for _, v := range p.variants {
		if v.whole != p.largest {
			steps = append(steps, raster.Step{Kind: raster.FilterPlanes, From: p.largest, To: v.whole})
		}
		if v.partSize() != p.largest || v.fullColour != p.fullColour {
			steps = append(steps, planes(v.partSize(), v.fullColour))
		}
		if v.out != v.partSize() {
			steps = append(steps, raster.Step{Kind: raster.FilterPlanes, From: v.partSize(), To: v.out}, planes(v.out, v.fullColour))
		}
	}
	if !p.decode.Planar {
		steps = append(steps, raster.Step{Kind: raster.SplitRGBA, To: decoded, Grey: h.Grey(), FullColour: !p.coarse(decoded)})
	}
	return steps
}

// outputMemory returns the memory for sharpening the variants and encoding each in all its formats.
func (p *plan) outputMemory(h Header, planar, opaque bool) (bytes int64) {
	for _, v := range p.variants {
		bytes += v.outputMemory(h, planar, opaque)
	}
	return bytes
}

// outputMemory returns the memory for sharpening a variant and encoding it in all its formats.
func (v variantPlan) outputMemory(h Header, planar, opaque bool) int64 {
	bytes, flattened := int64(0), v.Background != ""
	if v.Sharpen > 0 {
		bytes += raster.RGBAMemory(v.out)
	}
	for _, f := range v.formats(h.Format, opaque, false) {
		flattened = flattened || !f.Alpha
		bytes += f.EncodeMemory(v.out, planar, v.options())
		if v.Score != 0 && !f.Lossless(v.lossless) {
			bytes += searchMemory(f, v.out, planar, opaque, v.options())
		}
	}
	if !opaque && flattened {
		bytes += raster.RGBAMemory(v.out)
	}
	return bytes
}

// motionMemory is the memory for reading the frames, for resampling one, and for the files with what their writers
// hold. Frames leave garbage behind, up to as much as there is live data.
func (h Header) motionMemory() (bytes int64) {
	if !h.Moves() {
		return 0
	}
	p := h.plan.motion
	frame := []raster.Step{{Kind: raster.HoldRGBA, To: h.Stored()}}
	frame = append(frame, p.rgbaSteps(h, h.Stored())...)
	bytes = 2 * (h.frames + raster.StepsMemory(frame))
	for _, v := range p.variants {
		for _, f := range v.animated {
			bytes += f.AnimateMemory(v.animationOptions(h), h.motion.Frames)
		}
	}
	return bytes
}
