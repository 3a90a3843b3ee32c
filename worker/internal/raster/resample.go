package raster

import (
	"context"
	"image"
)

// Resample returns a part of p after the whole of p is resampled to a size. If p is in planes, fullColour gives every
// pixel its own colours (4:4:4); otherwise four pixels share one sample (4:2:0).
//
// If p is in planes, only the pixels of the part are computed. An RGBA picture is resampled as a whole, see
// [Picture.ResampleWhole], and the part shares its pixels.
func (p Picture) Resample(ctx context.Context, f Filter, whole Size, part image.Rectangle, fullColour bool) (Picture, error) {
	if p.IsPlanar() {
		m, err := f.Kernels.resamplePlanar(ctx, p.planar, view{whole: whole, part: part, tone: f.curve(), fullColour: fullColour})
		return FromPlanar(m), err
	}
	m, err := p.ResampleWhole(ctx, f, whole, fullColour)
	if err != nil {
		return Picture{}, err
	}
	return m.crop(part), nil
}

// ResampleWhole returns p resampled to a size, or p itself if it is RGBA and has that size. Colours are weighted
// by their alpha, so a transparent pixel lends no colour to its neighbours.
//
// Enlarging an RGBA picture is left to imaging. That package panics in its own goroutines, where nothing can recover,
// if a picture is not what it claims to be. It only ever gets pictures whose pixels were laid out in this program.
func (p Picture) ResampleWhole(ctx context.Context, f Filter, to Size, fullColour bool) (Picture, error) {
	if p.IsPlanar() {
		return p.Resample(ctx, f, to, image.Rect(0, 0, to.Width, to.Height), fullColour)
	}
	m, err := p.resampleRGBA(ctx, f, to)
	return FromRGBA(m), err
}

// ResampleUpright returns p resampled to a size, turned and mirrored as its EXIF orientation, 1 to 8, asks. The size is
// that of the upright picture.
//
// In planes, the mirroring is part of the filter's weights and costs nothing, and rows and columns are exchanged once
// the picture is small.
func (p Picture) ResampleUpright(ctx context.Context, f Filter, to Size, orientation int, fullColour bool) (Picture, error) {
	stored := to.Upright(orientation)
	if p.IsPlanar() {
		small, err := f.Kernels.resamplePlanar(ctx, p.planar, view{whole: stored, part: image.Rect(0, 0, stored.Width, stored.Height),
			tone: f.curve(), fullColour: fullColour,
			flipX: orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8,
			flipY: orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7})
		if err == nil && orientation >= 5 {
			small, err = small.Transposed(ctx)
		}
		return FromPlanar(small), err
	}
	small, err := p.resampleRGBA(ctx, f, stored)
	if err != nil {
		return Picture{}, err
	}
	m, err := orient(ctx, small, to, orientation)
	return FromRGBA(m), err
}
