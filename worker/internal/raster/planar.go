package raster

import (
	"context"
	"fmt"
)

// Plane is one component of a [Planar].
type Plane struct {
	Pix    []uint8 // the sample at x, y is Pix[y*Stride+x]
	Stride int     // samples from one row to the next, at least Width
	Width  int     // samples, at least 1
	Height int     // samples, at least 1
	PitchX int     // units of the picture from one sample to the next, at least 1
	PitchY int
}

// Planar is a grey picture of one plane, or a picture of luma and two colour planes of the same layout.
//
// Its size is in units. These are pixels, except in a picture that was decoded at a smaller scale: its size stays that
// of the whole, and the pitch of its planes grows. So a size that the scale does not divide is still exact.
type Planar struct {
	Width  int // units, at least 1
	Height int
	Planes []Plane
	Matrix Matrix // matrix of luma and colours; all planes have the full range of 8 bits
}

// Size returns the size of the picture in units.
func (p Planar) Size() Size { return Size{p.Width, p.Height} }

// NewPlane returns a plane with a sample for every pixel of a picture of this size.
func NewPlane(s Size) Plane {
	return Plane{Pix: make([]uint8, s.Pixels()), Stride: s.Width, Width: s.Width, Height: s.Height, PitchX: 1, PitchY: 1}
}

// Decoded returns a plane of a picture of the given size. It keeps a sample that a decoder returned if at least half of
// the sample lies in the picture. The rest is padding, and a file may put anything there.
func Decoded(pix []uint8, stride, width, height, pitchX, pitchY int) (Plane, error) {
	p := Plane{Pix: pix, Stride: stride, PitchX: pitchX, PitchY: pitchY,
		Width: max(1, (width+pitchX/2)/pitchX), Height: max(1, (height+pitchY/2)/pitchY)}
	if p.Stride < p.Width || len(p.Pix) < (p.Height-1)*p.Stride+p.Width {
		return Plane{}, fmt.Errorf("plane of %d x %d samples: %d samples with a stride of %d", p.Width, p.Height, len(pix), stride)
	}
	return p, nil
}

// Row returns the samples for row y of the picture.
func (p Plane) Row(y int) []uint8 { return p.Pix[y/p.PitchY*p.Stride:][:p.Width] }

// Transposed returns p mirrored along its main diagonal.
func (p Planar) Transposed(ctx context.Context) (Planar, error) {
	t := Planar{Width: p.Height, Height: p.Width, Planes: make([]Plane, len(p.Planes)), Matrix: p.Matrix}
	for i, from := range p.Planes {
		var err error
		if t.Planes[i], err = from.transposed(ctx); err != nil {
			return Planar{}, err
		}
	}
	return t, nil
}

func (p Plane) transposed(ctx context.Context) (Plane, error) {
	const tile = 32 // rows and columns, so that both sides stay in the first-level cache
	t := Plane{Pix: make([]uint8, p.Width*p.Height), Stride: p.Height,
		Width: p.Height, Height: p.Width, PitchX: p.PitchY, PitchY: p.PitchX}
	for top := 0; top < p.Height; top += tile {
		if err := ctx.Err(); err != nil {
			return Plane{}, err
		}
		for left := 0; left < p.Width; left += tile {
			right := min(left+tile, p.Width)
			for y := top; y < min(top+tile, p.Height); y++ {
				to := left*t.Stride + y
				for _, v := range p.Pix[y*p.Stride+left : y*p.Stride+right] {
					t.Pix[to] = v
					to += t.Stride
				}
			}
		}
	}
	return t, nil
}
