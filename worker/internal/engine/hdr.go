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

// The most bytes that a gain map adds to a JPEG of this size, with the XMP, the index and the metadata: about 1.4 KB of
// them.
func maxGain(jpeg int) int { return max(jpeg*15/100, 2<<10) }

// gainTries are what the gain map of a variant is tried at, until it takes no more than maxGain. The last one is taken
// anyway. The first has the scale of the photo's own gain map, and libultrahdr's quality.
var gainTries = []struct {
	shrink  int // how many times smaller its sides are
	quality int
}{{1, 85}, {1, 70}, {2, 75}, {4, 75}, {8, 70}}

// gainMap is the decoded gain map of a photo, from which those of its variants are made. It may be nil.
type gainMap struct {
	*format.GainMap
	planes []gainmap.Plane
	header Header
}

// keepsGain reports whether a file of the variant is to have the gain map of the photo.
func (v variantPlan) keepsGain(h Header) bool {
	return v.HDR == KeepHDR && slices.ContainsFunc(v.formats(h.Format, true, false), func(f format.Format) bool { return f.GainMap })
}

// keepsHDR reports whether the photo has a gain map that a variant is to have.
func (h Header) keepsHDR() bool {
	return h.gain != nil && h.plan != nil && slices.ContainsFunc(h.plan.variants, func(v variantPlan) bool { return v.keepsGain(h) })
}

// WithoutHDR returns the header of a photo whose gain map is not kept, because of err. ok is false if none would be
// kept anyway.
func (h Header) WithoutHDR(err error) (without Header, ok bool) {
	if !h.keepsHDR() {
		return h, false
	}
	h.gain, h.lostHDR = nil, err
	return h, true
}

// gainSize returns the size of a variant's gain map, upright. It has as many samples for a pixel of the variant as the
// photo's gain map has for a pixel of the photo, or fewer in an enlarged variant. shrink divides its sides.
func (v variantPlan) gainSize(h Header, shrink int) image.Point {
	out, part := image.Pt(v.out.Width, v.out.Height), v.kept()
	return gainmap.Size(out, min(part.Width, out.X)*h.gain.Stored().Upright(h.gain.Orientation()).Width, h.plan.upright.Width*out.X*shrink)
}

// largestGain returns the size, as it is stored, that the gain map has to be decoded at.
func (h Header) largestGain() (most raster.Size) {
	for _, v := range h.plan.variants {
		if v.keepsGain(h) { // a part of the gain map becomes that size
			s, part := v.gainSize(h, 1), v.kept()
			most = most.Max(raster.Size{Width: raster.Scale(s.X, v.whole.Width, part.Width), Height: raster.Scale(s.Y, v.whole.Height, part.Height)})
		}
	}
	return most.Upright(h.gain.Orientation())
}

// openGainMap decodes the gain map if a variant is to have it. lost says why a photo's gain map cannot be used.
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

// addTo adds the gain map to those files of a variant that are to have it.
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

// gainOptions returns those of a gain map of this size, but for its quality and its profile.
func gainOptions(size image.Point, grey bool) format.Options {
	return format.Options{Grey: grey, FullColour: true, Progressive: max(size.X, size.Y) >= ProgressiveSide}
}

// gainMemory is the memory for decoding the gain map, for resizing it and encoding it for each variant, and for joining
// the files, which are at most as large as noise.
func (h Header) gainMemory() int64 {
	if !h.keepsHDR() {
		return 0
	}
	most, stored, bytes := h.largestGain(), h.gain.Stored(), int64(0)
	for _, v := range h.plan.variants {
		if !v.keepsGain(h) {
			continue
		}
		size := v.gainSize(h, 1)
		jpeg := format.Lookup(photo.JPEG)
		one := 3*gainmap.ResizeMemory(image.Pt(stored.Width, stored.Height), size.X, size.Y) +
			jpeg.EncodeMemory(raster.Size{Width: size.X, Height: size.Y}, true, gainOptions(size, h.gain.Grey()))
		bytes += 3*one + 2*raster.PlanarMemory(v.out, h.Grey(), v.fullColour) // two whole tries, and others of a quarter and less
	}
	return bytes + h.gain.DecodeMemory(most)
}
