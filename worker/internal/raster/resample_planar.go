package raster

import (
	"context"
	"image"
)

// view describes a picture to make from a [Planar].
type view struct {
	whole        Size            // size to which the whole picture is resampled
	part         image.Rectangle // part of it to keep
	flipX, flipY bool            // mirror left to right, top to bottom; part refers to the mirrored picture
	tone         *curve          // curve of luma, if it is added up as amounts of light
	fullColour   bool            // a colour sample for each pixel (4:4:4), not one for four (4:2:0)
}

// resamplePlanar makes a view of src. The colour planes of the result have half its width and height, rounded up, or as
// many samples as its luma if the view has fullColour, whatever src has. An unchanged plane shares its samples with
// src.
//
// If src has a colour for every pixel of the result, a colour sample is the mean of the colours of its pixels, as in
// other encoders. It is not filtered like a pixel of twice the size, because that would ring twice as far.
//
// A view is computed directly from the picture, so a crop costs no more than its own pixels, and can begin at an odd
// pixel without a shift of its colours.
func (c *Kernels) resamplePlanar(ctx context.Context, src Planar, v view) (Planar, error) {
	dst := Planar{Width: v.part.Dx(), Height: v.part.Dy(), Planes: make([]Plane, len(src.Planes)), Matrix: src.Matrix}
	for i, p := range src.Planes {
		var tone *curve
		if i == 0 && (p.Width > v.whole.Width || p.Height > v.whole.Height) {
			tone = v.tone
		}
		p, err := p.boxed(ctx, boxSize(p.Width, v.whole.Width), boxSize(p.Height, v.whole.Height), tone)
		if err != nil {
			return Planar{}, err
		}
		step := 1
		if i > 0 && !v.fullColour {
			step = 2
		}
		x := axis{samples: p.Width, extent: src.Width, pitch: p.PitchX, whole: v.whole.Width, first: v.part.Min.X,
			count: (v.part.Dx() + step - 1) / step, step: step, parts: 1, flip: v.flipX, lanes: tapsAtOnce}
		y := axis{samples: p.Height, extent: src.Height, pitch: p.PitchY, whole: v.whole.Height, first: v.part.Min.Y,
			count: (v.part.Dy() + step - 1) / step, step: step, parts: 1, flip: v.flipY, lanes: rowsAtOnce}
		if p.Width >= v.whole.Width {
			x.parts = step
		}
		if p.Height >= v.whole.Height {
			y.parts = step
		}
		if dst.Planes[i], err = c.resamplePlane(ctx, p, x, y, tone); err != nil {
			return Planar{}, err
		}
	}
	return dst, nil
}

// resamplePlane resamples a plane: in amounts of light by the curve tone, or as its samples are stored if tone is nil.
func (c *Kernels) resamplePlane(ctx context.Context, src Plane, x, y axis, tone *curve) (Plane, error) {
	dst := Plane{Stride: x.count, Width: x.count, Height: y.count, PitchX: x.step, PitchY: y.step}
	if x.unchanged() && y.unchanged() {
		dst.Pix, dst.Stride = src.Pix[y.first/y.step*src.Stride+x.first/x.step:], src.Stride
		return dst, nil
	}
	if tone != nil {
		return c.resampleLight(ctx, src, x, y, tone)
	}
	dst.Pix = make([]uint8, dst.Stride*dst.Height)
	across, err := c.kernel(ctx, x)
	if err != nil {
		return Plane{}, err
	}
	down, err := c.kernel(ctx, y)
	if err != nil {
		return Plane{}, err
	}
	row := make([]int16, src.Width)
	for i, start := range down.starts {
		if err := ctx.Err(); err != nil {
			return Plane{}, err
		}
		from := src.Pix[int(start)*src.Stride+across.first:]
		vertical(row[across.first:across.end], from, src.Stride, down.weights[i*down.taps:(i+1)*down.taps])
		horizontal(dst.Pix[i*dst.Stride:(i+1)*dst.Stride], row, across)
	}
	return dst, nil
}
