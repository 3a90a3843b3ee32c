// Package raster holds the pixels of a picture and changes them: it resamples, turns, crops, sharpens and converts
// colours.
//
// A [Picture] has one of two layouts, and every operation works on both:
//
//   - Planes of luma and colour ([Planar]), as JPEG stores them. Colours may have fewer samples than luma. Nothing is
//     converted to RGB and back, and colours are filtered at their own resolution. Planes are opaque.
//   - RGB with straight alpha, 8 bits a sample ([image.NRGBA]).
//
// The filter is Lanczos with three lobes. Its weights are integers of 14 bits that sum to exactly one, and all
// arithmetic on samples is done in integers. The same pixels therefore give the same bytes on every processor, with
// vector instructions or without. A flat plane stays exactly as it is.
//
// A [Filter] adds up either the stored samples or amounts of [Light]. For light, one table converts samples to light
// before the filter, and another converts its sums back, with 14 bits in between. In planes only luma is filtered in
// light: colours are filtered as they are stored. When colours have half the resolution, the result is as close to
// filtering RGB in light as a conversion to RGB and back would be.
//
// Positions refer to the picture, not to a plane. A sample lies at the centre of the area it stands for (JFIF 1.02,
// "spatial relationship of components"). So the samples of a colour plane with half the resolution lie between those of
// luma, and if the width is odd, the last one stands for a column beyond the edge. Using the ratio of the planes' own
// sizes instead would shift the colours there.
//
// [Conversion] converts rows of RGB to planes.
package raster

import (
	"context"
	"image"
	"image/color"
	"slices"
)

// Picture is a picture in one of two layouts. Pictures may share their pixels: only [Picture.ConvertColours] changes
// them in place.
type Picture struct {
	planar Planar       // if rgba is nil
	rgba   *image.NRGBA // its upper left corner is 0,0
}

// FromPlanar returns p as a Picture.
func FromPlanar(p Planar) Picture { return Picture{planar: p} }

// FromRGBA returns m, whose upper left corner must be 0,0, as a Picture.
func FromRGBA(m *image.NRGBA) Picture { return Picture{rgba: m} }

// IsPlanar reports whether the picture is in planes.
func (p Picture) IsPlanar() bool { return p.rgba == nil }

// Size returns the size of the picture. If the picture is in planes and was decoded at a smaller scale, it is the size
// of the whole picture: see [Planar].
func (p Picture) Size() Size {
	if p.IsPlanar() {
		return p.planar.Size()
	}
	return sizeOf(p.rgba)
}

func sizeOf(m *image.NRGBA) Size { return Size{m.Rect.Dx(), m.Rect.Dy()} }

// Shrinks reports whether resampling p to a size, both as stored, makes a side shorter. Only then does the [Light] of a
// filter matter.
func (p Picture) Shrinks(to Size) bool {
	s := p.Size()
	if p.IsPlanar() {
		s = Size{p.planar.Planes[0].Width, p.planar.Planes[0].Height}
	}
	return !to.Covers(s)
}

// HasFullColour reports whether every pixel has a colour sample of its own. A grey picture has no colours.
func (p Picture) HasFullColour() bool {
	return !p.IsPlanar() || len(p.planar.Planes) > 1 && p.planar.Planes[1].PitchX == 1
}

// Opaque reports whether no pixel is transparent.
func (p Picture) Opaque(ctx context.Context) (bool, error) {
	if p.IsPlanar() {
		return true, nil
	}
	m := p.rgba
	for y := range m.Rect.Dy() {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		row := m.Pix[y*m.Stride : y*m.Stride+4*m.Rect.Dx()]
		for i := 3; i < len(row); i += 4 {
			if row[i] != 0xff {
				return false, nil
			}
		}
	}
	return true, nil
}

// crop returns a part of an RGBA picture, which shares the picture's pixels. Pictures in planes are cropped by
// [Picture.Resample].
func (p Picture) crop(part image.Rectangle) Picture {
	m := p.rgba
	return FromRGBA(&image.NRGBA{Pix: m.Pix[part.Min.Y*m.Stride+4*part.Min.X:], Stride: m.Stride, Rect: image.Rectangle{Max: part.Size()}})
}

// Clone returns a copy of p that shares no pixels with it.
func (p Picture) Clone() Picture {
	if !p.IsPlanar() {
		m := *p.rgba
		m.Pix = slices.Clone(m.Pix)
		return FromRGBA(&m)
	}
	m := p.planar
	m.Planes = slices.Clone(m.Planes)
	for i := range m.Planes {
		m.Planes[i].Pix = slices.Clone(m.Planes[i].Pix)
	}
	return FromPlanar(m)
}

// Flatten returns an opaque picture: p drawn over the colour behind.
func (p Picture) Flatten(ctx context.Context, behind color.NRGBA) (Picture, error) {
	if p.IsPlanar() {
		return p, nil
	}
	src := p.rgba
	dst := image.NewNRGBA(image.Rectangle{Max: src.Rect.Size()})
	under := [3]int{int(behind.R), int(behind.G), int(behind.B)}
	for y := range dst.Rect.Dy() {
		if err := ctx.Err(); err != nil {
			return Picture{}, err
		}
		from, row := src.Pix[y*src.Stride:], dst.Pix[y*dst.Stride:][:dst.Stride]
		for x := 0; x < len(row); x += 4 {
			a := int(from[x+3])
			for i, b := range under {
				row[x+i] = byte((int(from[x+i])*a + b*(255-a) + 127) / 255)
			}
			row[x+3] = 0xff
		}
	}
	return FromRGBA(dst), nil
}
