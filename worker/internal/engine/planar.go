package engine

import (
	"bytes"
	"errors"
	"image"
	"slices"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/internal/jpegscan"
	"darkroom/worker/internal/plane"
	"darkroom/worker/photo"
)

// planar reports whether the picture is decoded to planes: those that the file stores, of a grey or YCbCr JPEG whose
// colours have the resolution of luma or half of it, or those that the rows of a PNG become. All others are decoded to
// NRGBA.
func (e *Engine) planar(h Header) bool { return h.planar() && !e.exact(h) }

// exact reports whether a picture has to stay RGB if it is opaque, because it comes in RGB and has a variant without loss.
func (e *Engine) exact(h Header) bool {
	switch h.Format {
	case photo.PNG, photo.GIF, photo.WebP:
		return !h.grey() && slices.ContainsFunc(e.specs, func(s Spec) bool { return s.exact(h) })
	}
	return false
}

// planar reports whether the file is of a kind that can be decoded to planes.
func (h Header) planar() bool {
	if !h.plain || h.Components == 1 || h.Format == photo.PNG {
		return h.plain
	}
	luma, colour := h.sampling[0], sampling{1, 1}
	return luma.h <= 2 && luma.v <= 2 && h.sampling[1] == colour && h.sampling[2] == colour
}

// grey reports whether the picture has no colours.
func (h Header) grey() bool { return h.Components <= 2 && !h.Indexed }

// openPlanar decodes a picture that is planar.
func (e *Engine) openPlanar(data []byte, h Header, mark func(Stage)) (pictures, look, error) {
	mark(Decode)
	need := largest(e.specs, upright(h.stored(), h.Orientation))
	decoded, err := decodePlanes(data, h, upright(need, h.Orientation))
	if err != nil {
		return nil, look{}, err
	}
	mark(Resample)
	whole, l := e.inPlanes(decoded, data, h)
	return whole, l, nil
}

// inPlanes makes of a picture in planes, as it is stored, what the variants are made of. A turn by its orientation is in
// part one of the weights of the first filter, which costs nothing, and in part an exchange of rows and columns once the
// picture is small.
func (e *Engine) inPlanes(decoded plane.Picture, data []byte, h Header) (pictures, look) {
	need := largest(e.specs, upright(h.stored(), h.Orientation))
	l := look{opaque: true, grey: h.grey()}
	convert, carry := conversion(data, h, l.grey)
	l.profile = carry
	top := uprightPlanes(&e.kernels, decoded, need, h.Orientation, e.fullColour(h))
	convertPlanes(top, convert)
	return &planarPictures{&e.kernels, []plane.Picture{top}}, l
}

// planesOf returns an opaque picture in planes. Of a grey one, in which all samples of a pixel are the same, it is one.
func planesOf(m *image.NRGBA, grey, coarse bool) plane.Picture {
	s := sizeOf(m)
	row := func(y int) []byte { return m.Pix[y*m.Stride:][:4*s.w] }
	if !grey {
		c := plane.NewConversion(s.w, s.h, coarse)
		for y := range s.h {
			c.Row(y, row(y), 4)
		}
		return c.Picture()
	}
	p := plane.Plane{Pix: make([]uint8, s.w*s.h), Stride: s.w, Width: s.w, Height: s.h, PitchX: 1, PitchY: 1}
	for y := range s.h {
		src := row(y)
		for x := range s.w {
			p.Pix[y*p.Stride+x] = src[4*x]
		}
	}
	return plane.Picture{Width: s.w, Height: s.h, Planes: []plane.Plane{p}}
}

// fullColour reports whether any variant of the picture needs a sample of colour for each pixel.
func (e *Engine) fullColour(h Header) bool {
	return slices.ContainsFunc(e.specs, func(s Spec) bool { return s.fullColour(h) })
}

// decodePlanes returns the picture as it is stored, covering need.
func decodePlanes(data []byte, h Header, need size) (p plane.Picture, err error) {
	defer rescue(&err)
	if h.Format == photo.PNG {
		return decodePNGPlanes(data, h, need)
	}
	denom := denominator(h.stored(), need)
	m, err := scanJPEG(data, denom)
	if err != nil {
		return p, err
	}
	p = plane.Picture{Width: h.Width, Height: h.Height}
	add := func(pix []uint8, stride, pitchX, pitchY int) {
		var one plane.Plane
		if one, err = plane.Decoded(pix, stride, h.Width, h.Height, pitchX, pitchY); err == nil {
			p.Planes = append(p.Planes, one)
		}
	}
	switch m := m.(type) {
	case *image.Gray:
		add(m.Pix, m.Stride, denom, denom)
	case *image.YCbCr:
		x, y := denom*h.sampling[0].h, denom*h.sampling[0].v
		add(m.Y, m.YStride, denom, denom)
		add(m.Cb, m.CStride, x, y)
		add(m.Cr, m.CStride, x, y)
	}
	if len(p.Planes) != h.Components {
		return p, corrupt("The picture does not decode to its %d components.", h.Components)
	}
	return p, nil
}

// scanJPEG decodes a JPEG at 1/denom. Ordinary baseline files go through a decoder of our own, which makes the same
// pixels in about half the time and notices picture data that are damaged or end too early, even where a program
// has put an end marker after them. All others go through jpegn, which makes what it can of such data.
func scanJPEG(data []byte, denom int) (image.Image, error) {
	m, err := jpegscan.Decode(data, denom)
	switch {
	case err == nil:
		return m, nil
	case errors.Is(err, jpegscan.ErrTruncated):
		return nil, truncated()
	case errors.Is(err, jpegscan.ErrCorrupt):
		return nil, corrupt("The picture does not decode (%v).", err)
	}
	m, err = jpegn.Decode(bytes.NewReader(data), &jpegn.Options{ScaleDenom: denom})
	if err != nil {
		return nil, rejectJPEG(err)
	}
	return m, nil
}

// uprightPlanes returns src resampled to the size, turned and mirrored as the EXIF orientation asks.
func uprightPlanes(k *plane.Kernels, src plane.Picture, to size, orientation int, fullColour bool) plane.Picture {
	stored := upright(to, orientation)
	small := k.Resample(src, plane.View{Width: stored.w, Height: stored.h, KeepWidth: stored.w, KeepHeight: stored.h,
		FullColour: fullColour,
		FlipX:      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8,
		FlipY:      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7})
	if orientation >= 5 {
		return small.Transposed()
	}
	return small
}
