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

// memory returns the estimate for a picture that is opaque, and for one that is not, which is only known once it is decoded.
func memory(h Header) (opaque, transparent int64) {
	p := h.plan
	if p == nil {
		return 0, 0
	}
	decoded, bytes := format.DecodeMemory(h.Header, p.decode)
	bytes += h.Profile.Memory() + p.words + 256<<10
	if h.MayBeTransparent() || slices.ContainsFunc(p.variants, func(v variantPlan) bool { return v.exact }) {
		bytes += 3 << 19 // what deflates a PNG
	}
	bytes += h.gainMemory()
	switch {
	case p.decode.Planar:
		opaque = bytes + p.planarMemory(h, decoded)
	case p.exact:
		opaque = bytes + p.rgbaMemory(h, decoded, true)
	default:
		opaque = bytes + raster.ToPlanarMemory(decoded, h.Grey(), p.coarse(decoded)) + p.planarMemory(h, decoded)
	}
	if h.MayBeTransparent() && !p.decode.Planar {
		transparent = bytes + p.rgbaMemory(h, decoded, false)
	}
	return opaque, transparent
}

// rgbaMemory is the memory for the picture as RGBA in each size, for filtering one into the next, and for encoding.
func (p *plan) rgbaMemory(h Header, decoded raster.Size, opaque bool) int64 {
	bytes := raster.ResampleRGBAMemory(decoded, p.decode.Size)
	if h.Orientation != 1 {
		bytes += raster.RGBAMemory(p.largest)
	}
	if len(p.lights) > 1 { // and the copy of it that is converted
		bytes += bytes + raster.RGBAMemory(p.largest)
	}
	bytes += raster.ResampleRGBAMemory(p.largest, previewSpec.place(p.largest).whole)
	for _, v := range p.variants {
		bytes += raster.ResampleRGBAMemory(p.largest, v.whole) + raster.ResampleRGBAMemory(v.kept(), v.out) + v.outputMemory(h, false, opaque)
		if v.out != v.kept() {
			bytes += raster.RGBAMemory(v.kept()) // the part, with its rows one after another
		}
	}
	return bytes
}

// planarMemory is the memory for the planes of the picture in each size, for filtering one into the next, and for
// encoding.
func (p *plan) planarMemory(h Header, decoded raster.Size) int64 {
	planes := func(s raster.Size, fullColour bool) int64 { return raster.PlanarMemory(s, h.Grey(), fullColour) }
	bytes := planes(p.largest, p.fullColour) + raster.FilterMemory(decoded, p.decode.Size)
	if h.Orientation >= 5 {
		bytes += planes(p.largest, p.fullColour)
	}
	if len(p.lights) > 1 { // and the copy of it that is converted
		bytes += bytes + planes(p.largest, p.fullColour)
	}
	for _, v := range p.variants {
		if v.whole != p.largest {
			bytes += raster.FilterMemory(p.largest, v.whole)
		}
		if v.kept() != p.largest || v.fullColour != p.fullColour {
			bytes += planes(v.kept(), v.fullColour)
		}
		if v.out != v.kept() {
			bytes += raster.FilterMemory(v.kept(), v.out) + planes(v.out, v.fullColour)
		}
		bytes += v.outputMemory(h, true, true)
	}
	return bytes
}

// outputMemory is the memory for sharpening a variant and for encoding it in each of its formats.
func (v variantPlan) outputMemory(h Header, planar, opaque bool) int64 {
	bytes, flattened := int64(0), v.Background != ""
	if v.Sharpen > 0 {
		bytes += raster.RGBAMemory(v.out)
	}
	for _, name := range v.formats(h.Format, opaque, false) {
		f := format.Lookup(name)
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
