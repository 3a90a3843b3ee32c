package engine

import (
	"context"
	"image"
	"slices"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/gainmap"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// maxGain returns how many bytes a gain map may add to a JPEG of this size. That includes the XMP, the index and the
// metadata, about 1.4 KB.
func maxGain(jpeg int) int { return max(jpeg*15/100, 2<<10) }

// gainTries lists the sizes and qualities at which the gain map of a variant is encoded, until one takes at most
// maxGain bytes. The last is used in any case. The first has the scale of the photo's own gain map, and libultrahdr's
// quality.
var gainTries = []struct {
	shrink  int // its sides are divided by this
	quality int
}{{1, 85}, {1, 70}, {2, 75}, {4, 75}, {8, 70}}

// gainMap is the decoded gain map of a photo. Those of its variants are made from it. It may be nil.
type gainMap struct {
	*format.GainMap
	planes []gainmap.Plane
	header Header
}

// getsGain reports whether a file of the variant gets the gain map of the photo.
func (v variantPlan) getsGain(h Header) bool {
	return v.HDR == KeepHDR && slices.ContainsFunc(v.formats(h.Format, true, false), func(f format.Format) bool { return f.GainMap })
}

// keepsHDR reports whether the photo has a gain map and a variant gets it.
func (h Header) keepsHDR() bool {
	return h.gain != nil && h.plan != nil && slices.ContainsFunc(h.plan.variants, func(v variantPlan) bool { return v.getsGain(h) })
}

// WithoutHDR returns a header whose variants have no gain map, because of err. ok is false if none would have one
// anyway.
func (h Header) WithoutHDR(err error) (without Header, ok bool) {
	if !h.keepsHDR() {
		return h, false
	}
	h.gain, h.lostHDR = nil, err
	return h, true
}

// gainSize returns the upright size of a variant's gain map. Its samples per pixel are those of the photo's gain map,
// or fewer in an enlarged variant. shrink divides its sides.
func (v variantPlan) gainSize(h Header, shrink int) image.Point {
	out, part := image.Pt(v.out.Width, v.out.Height), v.partSize()
	return gainmap.Size(out, min(part.Width, out.X)*h.gain.Stored().Upright(h.gain.Orientation()).Width, h.plan.upright.Width*out.X*shrink)
}

// largestGain returns the stored size at which the gain map must be decoded.
func (h Header) largestGain() (most raster.Size) {
	for _, v := range h.plan.variants {
		if v.getsGain(h) { // part of the gain map is resized to that size
			s, part := v.gainSize(h, 1), v.partSize()
			most = most.Max(raster.Size{Width: raster.Scale(s.X, v.whole.Width, part.Width), Height: raster.Scale(s.Y, v.whole.Height, part.Height)})
		}
	}
	return most.Upright(h.gain.Orientation())
}

// openGainMap decodes the gain map if a variant gets it. lost says why a photo's gain map cannot be used.
func openGainMap(ctx context.Context, h Header) (g *gainMap, lost, err error) {
	if !h.keepsHDR() {
		return nil, h.lostHDR, nil
	}
	most := h.largestGain()
	planes, lost := h.gain.Decode(ctx, most)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if lost != nil {
		return nil, lost, nil
	}
	return &gainMap{h.gain, planes, h}, nil, nil
}

// addTo adds the gain map to the JPEGs of a variant whose Spec keeps it.
func (g *gainMap) addTo(ctx context.Context, files []Image, v variantPlan) error {
	if g == nil || v.HDR != KeepHDR {
		return nil
	}
	for i := range files {
		f := &files[i]
		if !format.Lookup(f.Format).GainMap {
			continue
		}
		for _, try := range gainTries {
			gain, err := g.encode(ctx, v, v.gainSize(g.header, try.shrink), try.quality)
			if err != nil {
				return err
			}
			joined, err := gainmap.Join(f.Data, gain, g.Metadata)
			if err != nil {
				return err
			}
			last := try == gainTries[len(gainTries)-1]
			if last || len(joined)-len(f.Data) <= maxGain(len(f.Data)) {
				f.Data, f.HDR = joined, true
				break
			}
		}
	}
	return nil
}

// encode returns the gain map of a variant as a JPEG.
func (g *gainMap) encode(ctx context.Context, v variantPlan, size image.Point, quality int) ([]byte, error) {
	window := gainmap.Window{Whole: image.Pt(v.whole.Width, v.whole.Height), Part: v.part, Orientation: g.Orientation()}
	m := raster.Planar{Width: size.X, Height: size.Y}
	stored := image.Pt(g.Stored().Width, g.Stored().Height)
	for _, plane := range g.planes {
		pix, err := window.Resize(ctx, plane, stored, size.X, size.Y)
		if err != nil {
			return nil, err
		}
		m.Planes = append(m.Planes, raster.Plane{Pix: pix, Stride: size.X, Width: size.X, Height: size.Y, PitchX: 1, PitchY: 1})
	}
	o := gainOptions(size, g.Grey())
	o.Quality, o.Profile = quality, g.Profile()
	return format.Lookup(photo.JPEG).Encode(ctx, raster.FromPlanar(m), o)
}

// gainOptions returns the encoder's options for a gain map of this size, without quality and profile.
func gainOptions(size image.Point, grey bool) format.Options {
	return format.Options{Grey: grey, FullColour: true, Progressive: max(size.X, size.Y) >= ProgressiveSide}
}

// gainMemory returns the memory for decoding the gain map, for resizing and encoding it for each variant, and for
// joining the files. A file is at most as large as one of noise.
func (h Header) gainMemory() int64 {
	if !h.keepsHDR() {
		return 0
	}
	most, stored, bytes := h.largestGain(), h.gain.Stored(), int64(0)
	for _, v := range h.plan.variants {
		if !v.getsGain(h) {
			continue
		}
		size := v.gainSize(h, 1)
		jpeg := format.Lookup(photo.JPEG)
		one := 3*gainmap.ResizeMemory(image.Pt(stored.Width, stored.Height), size.X, size.Y) +
			jpeg.EncodeMemory(raster.Size{Width: size.X, Height: size.Y}, true, gainOptions(size, h.gain.Grey()))
		// Two tries have the full size, the others a quarter of it or less.
		bytes += 3*one + 2*raster.PlanarMemory(v.out, h.Grey(), v.fullColour)
	}
	return bytes + h.gain.DecodeMemory(most)
}
