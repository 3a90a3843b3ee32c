package engine

import (
	"context"
	"image"

	"darkroom/worker/internal/icc"
	"darkroom/worker/internal/raster"
)

// pyramid holds the whole picture, upright and in sRGB, in ever smaller sizes.
//
// Each level is made from the smallest one that is at least twice as large, or else from the largest. Shrinking a
// little many times would lose sharpness each time.
type pyramid struct {
	filter raster.Filter
	levels []raster.Picture
}

// cut resizes and crops the picture as a placement says. The result may share its pixels with a level.
func (p *pyramid) cut(ctx context.Context, to placement, fullColour bool) (m raster.Picture, err error) {
	src := p.source(to.whole, fullColour)
	if src.IsPlanar() { // later variants cannot use a crop, so nothing else is resampled
		if m, err = src.Resample(ctx, p.filter, to.whole, to.part, fullColour); err != nil {
			return m, err
		}
		if to.partSize() == to.whole {
			p.levels = append(p.levels, m)
		}
	} else { // the whole picture is resampled, then cropped
		if src.Size() != to.whole {
			if src, err = src.ResampleWhole(ctx, p.filter, to.whole, fullColour); err != nil {
				return m, err
			}
			p.levels = append(p.levels, src)
		}
		if m, err = src.Resample(ctx, p.filter, to.whole, to.part, fullColour); err != nil {
			return m, err
		}
	}
	if to.out != to.partSize() {
		return m.ResampleWhole(ctx, p.filter, to.out, fullColour)
	}
	return m, nil
}

// source returns the level from which to make a picture of this size. A picture with full colour is not made from a
// 4:2:0 level, unless that is the largest.
func (p *pyramid) source(to raster.Size, fullColour bool) raster.Picture {
	src := p.levels[0]
	for _, m := range p.levels {
		s := m.Size()
		serves := s == to || s.Covers(raster.Size{Width: 2 * to.Width, Height: 2 * to.Height})
		if serves && src.Size().Covers(s) && (!fullColour || m.HasFullColour()) {
			src = m
		}
	}
	return src
}

// preview returns the whole picture, at most as large as previewSpec says.
func (p *pyramid) preview(ctx context.Context) (*image.NRGBA, error) {
	m, err := p.cut(ctx, previewSpec.place(p.levels[0].Size()), false)
	if err != nil {
		return nil, err
	}
	return m.PackedNRGBA(ctx)
}

// pyramids has a pyramid for each light in which a variant is resampled.
type pyramids map[raster.Light]*pyramid

// pyramids resamples the decoded picture to the largest size needed, upright and in sRGB, for each light. Every variant
// is made from these pictures. Pictures of two lights share no pixels, since colours are converted in place. An opaque
// picture becomes planes, unless a variant is lossless: planes would round its pixels.
func (e *Engine) pyramids(ctx context.Context, decoded raster.Picture, h Header, convert *icc.Profile) (all pyramids, opaque bool, err error) {
	opaque = true
	if h.plan.alpha {
		if opaque, err = decoded.Opaque(ctx); err != nil {
			return nil, false, err
		}
	}
	if opaque && !h.plan.exact {
		if decoded, err = decoded.ToPlanar(ctx, h.Grey(), h.plan.coarse(decoded.Size())); err != nil {
			return nil, false, err
		}
	}
	all = pyramids{}
	for _, light := range h.plan.lights {
		filter := raster.Filter{Kernels: &e.kernels, Light: light}
		m, err := decoded.ResampleUpright(ctx, filter.WithProfile(convert), h.plan.largest, h.Orientation, h.plan.fullColour)
		if err != nil {
			return nil, false, err
		}
		if len(all) > 0 {
			m = m.Clone()
		}
		all[light] = &pyramid{filter, []raster.Picture{m}}
	}
	for _, p := range all {
		m, err := p.levels[0].ConvertColours(ctx, convert)
		if err != nil {
			return nil, false, err
		}
		p.levels[0] = m
	}
	return all, opaque, nil
}

// preview returns the preview in linear light, unless all variants are resampled as they are stored.
func (p pyramids) preview(ctx context.Context) (*image.NRGBA, error) {
	if linear, ok := p[raster.Linear]; ok {
		return linear.preview(ctx)
	}
	return p[raster.Gamma].preview(ctx)
}

// coarse reports whether half the resolution is enough for the colours of a decoded picture in planes, because it will
// shrink to half its size or less.
func (p *plan) coarse(decoded raster.Size) bool { return decoded.Reduced(2).Covers(p.decode.Size) }
