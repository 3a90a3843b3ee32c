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

// Planar is a picture of one plane, which is grey, or of luma and two colour planes with the same layout.
//
// Its size is in units. A unit is a pixel, unless the picture was decoded at a smaller scale: then the size is still
// that of the whole picture, and the pitch of the planes is larger. This keeps a size exact that the scale does not
// divide.
type Planar struct {
	Width  int // units, at least 1
	Height int
	Planes []Plane
	Matrix Matrix // luma and colour coefficients; all planes have the full range of 8 bits
}

// Size returns the size of the picture in units.
func (p Planar) Size() Size { return Size{p.Width, p.Height} }

// NewPlane returns a plane with one sample for every pixel of a picture of size s.
func NewPlane(s Size) Plane {
	return Plane{Pix: make([]uint8, s.Pixels()), Stride: s.Width, Width: s.Width, Height: s.Height, PitchX: 1, PitchY: 1}
}

// Decoded returns a plane of a picture of the given size from the samples of a decoder. It keeps a sample if at least
// half of it lies in the picture. The other samples are padding, and a file may put anything there. It returns an error
// if pix is too short.
func Decoded(pix []uint8, stride, width, height, pitchX, pitchY int) (Plane, error) {
	p := Plane{Pix: pix, Stride: stride, PitchX: pitchX, PitchY: pitchY,
		Width: max(1, (width+pitchX/2)/pitchX), Height: max(1, (height+pitchY/2)/pitchY)}
	if p.Stride < p.Width || len(p.Pix) < (p.Height-1)*p.Stride+p.Width {
		return Plane{}, fmt.Errorf("plane of %d x %d samples: %d samples with a stride of %d", p.Width, p.Height, len(pix), stride)
	}
	return p, nil
}

// Row returns the samples of row y of the picture.
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
	const tile = 32 // rows and columns that keep both sides in the first-level cache
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
