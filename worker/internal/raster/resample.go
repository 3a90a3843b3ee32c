package raster

import (
	"image"

	"github.com/disintegration/imaging"
)

// Resample returns a part of p after the whole of p is resampled to a size. If p is in planes, fullColour gives every pixel
// its own colours (4:4:4); otherwise four pixels share one sample (4:2:0).
//
// If p is in planes, only the pixels of the part are computed. An RGBA picture is resampled as a whole, see
// [Picture.ResampleWhole], and the part shares its pixels.
func (p Picture) Resample(k *Kernels, whole Size, part image.Rectangle, fullColour bool) Picture {
	if p.IsPlanar() {
		return FromPlanar(k.resamplePlanar(p.planar, view{whole: whole, part: part, fullColour: fullColour}))
	}
	return p.ResampleWhole(k, whole, fullColour).crop(part)
}

// ResampleWhole returns p resampled to a size, or p itself if it is RGBA and has that size. Colours are weighted
// by their alpha, so a transparent pixel lends no colour to its neighbours.
//
// Enlarging an RGBA picture is left to imaging. That package panics in its own goroutines, where nothing can recover,
// if a picture is not what it claims to be. It only ever gets pictures whose pixels were laid out in this program.
func (p Picture) ResampleWhole(k *Kernels, to Size, fullColour bool) Picture {
	switch s := p.Size(); {
	case p.IsPlanar():
		return p.Resample(k, to, image.Rect(0, 0, to.Width, to.Height), fullColour)
	case s == to:
		return p
	case s.Covers(to):
		return FromRGBA(k.resampleRGBA(p.rgba, to))
	}
	return FromRGBA(imaging.Resize(p.PackedNRGBA(), to.Width, to.Height, imaging.Lanczos))
}

// ResampleUpright returns p resampled to a size, turned and mirrored as its EXIF orientation, 1 to 8, asks. The size is
// that of the upright picture.
//
// In planes, the mirroring is part of the filter's weights and costs nothing, and rows and columns are exchanged once
// the picture is small.
func (p Picture) ResampleUpright(k *Kernels, to Size, orientation int, fullColour bool) Picture {
	stored := to.Upright(orientation)
	if !p.IsPlanar() {
		return FromRGBA(orient(p.ResampleWhole(k, stored, fullColour).rgba, orientation))
	}
	small := k.resamplePlanar(p.planar, view{whole: stored, part: image.Rect(0, 0, stored.Width, stored.Height),
		fullColour: fullColour,
		flipX:      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8,
		flipY:      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7})
	if orientation >= 5 {
		small = small.Transposed()
	}
	return FromPlanar(small)
}
