package raster

import "context"

// Encodable returns the planes that a JPEG of the picture stores: luma alone if grey is true, otherwise luma and two
// planes of colours. The picture must be opaque.
//
// If coarse is true, a colour sample is the mean of 2 by 2 pixels, or of fewer at an odd edge. Otherwise colours keep
// their resolution. If grey is true, an RGBA picture must have pixels of three equal samples; a picture in planes loses
// its colours. The result shares the planes that need no change. They must have the matrix of JPEG, which
// [Picture.ConvertColours] gives them.
func (p Picture) Encodable(ctx context.Context, grey, coarse bool) (Planar, error) {
	if !p.IsPlanar() {
		m, err := p.ToPlanar(ctx, grey, coarse)
		return m.planar, err
	}
	m := p.planar
	switch {
	case grey:
		m.Planes = m.Planes[:1]
	case coarse && p.HasFullColour():
		m.Planes = []Plane{m.Planes[0], {}, {}}
		for i := range m.Planes[1:] {
			var err error
			if m.Planes[i+1], err = p.planar.Planes[i+1].halved(ctx); err != nil {
				return Planar{}, err
			}
		}
	}
	return m, nil
}

// halved returns the plane with one sample for each 2 by 2. A sample at an odd edge stands for fewer.
func (p Plane) halved(ctx context.Context) (Plane, error) {
	h := Plane{Width: (p.Width + 1) / 2, Height: (p.Height + 1) / 2, PitchX: 2 * p.PitchX, PitchY: 2 * p.PitchY}
	h.Stride = h.Width
	h.Pix = make([]uint8, h.Stride*h.Height)
	for y := range h.Height {
		if err := ctx.Err(); err != nil {
			return Plane{}, err
		}
		dst := h.Pix[y*h.Stride:][:h.Width]
		above, below := p.Pix[2*y*p.Stride:][:p.Width], p.Pix[min(2*y+1, p.Height-1)*p.Stride:][:p.Width]
		for x := range p.Width / 2 {
			dst[x] = uint8((uint(above[2*x]) + uint(above[2*x+1]) + uint(below[2*x]) + uint(below[2*x+1]) + 2) / 4)
		}
		if last := p.Width - 1; last%2 == 0 {
			dst[last/2] = uint8((uint(above[last]) + uint(below[last]) + 1) / 2)
		}
	}
	return h, nil
}
