package engine

import (
	"slices"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/raster"
)

// Memory returns how many bytes [Engine.Render] may take at its peak beside the file itself. It is the sum of the
// buffers of all stages, although most are garbage by the time that the last is made: until the collector runs,
// garbage takes memory too, and with GOGC=100 it runs when there is as much garbage as living data. A test compares it
// with what rendering really takes.
//
// What the engine keeps from one picture to the next, at most 2 MB, is not included.
func (e *Engine) Memory(h Header) int64 {
	return max(memory(h))
}

// memory returns the estimate for a picture that is opaque, and for one that is not, which is only known once it is
// decoded.
func memory(h Header) (opaque, transparent int64) {
	p := h.plan
	if p == nil {
		return 0, 0
	}
	decoded, bytes := format.DecodeMemory(h.Header, p.decode)
	bytes += h.Profile.Memory() + p.words + 256<<10
	if p.alpha || slices.ContainsFunc(p.variants, func(v variantPlan) bool { return v.exact }) {
		bytes += 3 << 19 // what deflates a PNG
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

// rgbaSteps are the picture as RGBA in each size, and filtering one into the next.
func (p *plan) rgbaSteps(h Header, decoded raster.Size) []raster.Step {
	steps := []raster.Step{{Kind: raster.FilterRGBA, From: decoded, To: p.decode.Size}}
	if h.Orientation != 1 {
		steps = append(steps, raster.Step{Kind: raster.HoldRGBA, To: p.largest})
	}
	if len(p.lights) > 1 { // and the copy of it that is converted
		steps = append(slices.Repeat(steps, 2), raster.Step{Kind: raster.HoldRGBA, To: p.largest})
	}
	steps = append(steps, raster.Step{Kind: raster.FilterRGBA, From: p.largest, To: previewSpec.place(p.largest).whole})
	for _, v := range p.variants {
		steps = append(steps, raster.Step{Kind: raster.FilterRGBA, From: p.largest, To: v.whole},
			raster.Step{Kind: raster.FilterRGBA, From: v.kept(), To: v.out})
		if v.out != v.kept() { // the part, with its rows one after another
			steps = append(steps, raster.Step{Kind: raster.HoldRGBA, To: v.kept()})
		}
	}
	return steps
}

// planarSteps are the planes of the picture in each size, and filtering one into the next. RGBA pixels become planes
// first.
func (p *plan) planarSteps(h Header, decoded raster.Size) (steps []raster.Step) {
	planes := func(s raster.Size, fullColour bool) raster.Step {
		return raster.Step{Kind: raster.HoldPlanes, To: s, Grey: h.Grey(), FullColour: fullColour}
	}
	steps = append(steps, planes(p.largest, p.fullColour), raster.Step{Kind: raster.FilterPlanes, From: decoded, To: p.decode.Size})
	if h.Orientation >= 5 {
		steps = append(steps, planes(p.largest, p.fullColour))
	}
	if len(p.lights) > 1 { // and the copy of it that is converted
		steps = append(slices.Repeat(steps, 2), planes(p.largest, p.fullColour))
	}
	for _, v := range p.variants {
		if v.whole != p.largest {
			steps = append(steps, raster.Step{Kind: raster.FilterPlanes, From: p.largest, To: v.whole})
		}
		if v.kept() != p.largest || v.fullColour != p.fullColour {
			steps = append(steps, planes(v.kept(), v.fullColour))
		}
		if v.out != v.kept() {
			steps = append(steps, raster.Step{Kind: raster.FilterPlanes, From: v.kept(), To: v.out}, planes(v.out, v.fullColour))
		}
	}
	if !p.decode.Planar {
		steps = append(steps, raster.Step{Kind: raster.SplitRGBA, To: decoded, Grey: h.Grey(), FullColour: !p.coarse(decoded)})
	}
	return steps
}

// outputMemory is the memory for sharpening the variants and for encoding each in each of its formats.
func (p *plan) outputMemory(h Header, planar, opaque bool) (bytes int64) {
	for _, v := range p.variants {
		bytes += v.outputMemory(h, planar, opaque)
	}
	return bytes
}

// outputMemory is the memory for sharpening a variant and for encoding it in each of its formats.
func (v variantPlan) outputMemory(h Header, planar, opaque bool) int64 {
	bytes, flattened := int64(0), v.Background != ""
	if v.Sharpen > 0 {
		bytes += raster.RGBAMemory(v.out)
	}
	for _, f := range v.formats(h.Format, opaque, false) {
		flattened = flattened || !f.Alpha
		bytes += f.EncodeMemory(v.out, planar, v.options())
		if v.Score != 0 && !f.Lossless(v.lossless) {
			bytes += scoredMemory(f, v.out, planar, opaque, v.options())
		}
	}
	if !opaque && flattened {
		bytes += raster.RGBAMemory(v.out)
	}
	return bytes
}
