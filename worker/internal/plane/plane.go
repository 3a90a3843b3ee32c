// Package plane resamples pictures as JPEG stores them: planes of 8-bit samples, of which those of colour have fewer
// samples than that of luma. Nothing is converted to RGB and back, and colours are filtered at their own resolution.
//
// The filter is Lanczos with three lobes. Its weights are integers of 14 bits that sum to exactly one, and all
// arithmetic on samples is done in integers, so that the same planes give the same bytes on every machine, with vector
// instructions or without. A flat plane stays exactly as it is.
//
// Positions are those of the picture, not of a plane. A sample lies at the centre of the area that it stands for (JFIF
// 1.02, "spatial relationship of components"), so the samples of a colour plane with half the resolution lie between
// those of luma, and where the width is odd the last one stands for a column beyond the edge. Reckoning by the ratio of
// the planes' own sizes would shift the colours there.
//
// What is not in planes comes here too: [Conversion] makes planes of rows of RGB, and [Kernels.ResampleAlpha] resamples
// pictures with alpha by the same filter.
package plane

import "fmt"

// Plane is one component of a [Picture].
type Plane struct {
	Pix    []uint8 // the sample at x, y is Pix[y*Stride+x]
	Stride int     // samples from one row to the next, at least Width
	Width  int     // samples, at least 1
	Height int     // samples, at least 1
	PitchX int     // units of the picture from one sample to the next, at least 1
	PitchY int
}

// Picture is a grey picture of one plane, or one of luma and two colour planes of the same layout.
//
// Its units are those in which its size is told. They are pixels, except in a picture that was decoded at a smaller
// scale: its size stays that of the whole, and the pitch of its planes grows. So a size that the scale does not divide
// is still told exactly.
type Picture struct {
	Width  int // units, at least 1
	Height int
	Planes []Plane
}

// Decoded returns a plane of a picture of the given size. Of the samples that a decoder has laid down it takes those
// of which at least half stand for the picture: what is beyond them is padding, of which a file may make anything.
func Decoded(pix []uint8, stride, width, height, pitchX, pitchY int) (Plane, error) {
	p := Plane{Pix: pix, Stride: stride, PitchX: pitchX, PitchY: pitchY,
		Width: max(1, (width+pitchX/2)/pitchX), Height: max(1, (height+pitchY/2)/pitchY)}
	if p.Stride < p.Width || len(p.Pix) < (p.Height-1)*p.Stride+p.Width {
		return Plane{}, fmt.Errorf("plane of %d x %d samples: %d samples with a stride of %d", p.Width, p.Height, len(pix), stride)
	}
	return p, nil
}

// Row returns the samples that stand for row y of the picture.
func (p Plane) Row(y int) []uint8 { return p.Pix[y/p.PitchY*p.Stride:][:p.Width] }

// View says what is made of a [Picture].
type View struct {
	Width, Height         int  // pixels that the whole picture is resampled to
	X, Y                  int  // pixels, the corner of the part that is kept
	KeepWidth, KeepHeight int  // pixels, the size of that part
	FlipX, FlipY          bool // mirror left to right, top to bottom; X and Y count after it
	FullColour            bool // a sample of each colour plane for each pixel (4:4:4), not one for four (4:2:0)
}

// Transposed returns p mirrored along its main diagonal.
func (p Picture) Transposed() Picture {
	t := Picture{Width: p.Height, Height: p.Width, Planes: make([]Plane, len(p.Planes))}
	for i, from := range p.Planes {
		t.Planes[i] = from.transposed()
	}
	return t
}

func (p Plane) transposed() Plane {
	const tile = 32 // rows and columns: what is read and written at once stays in the first cache
	t := Plane{Pix: make([]uint8, p.Width*p.Height), Stride: p.Height,
		Width: p.Height, Height: p.Width, PitchX: p.PitchY, PitchY: p.PitchX}
	for top := 0; top < p.Height; top += tile {
		for left := 0; left < p.Width; left += tile {
			right := min(left+tile, p.Width)
			for y := top; y < min(top+tile, p.Height); y++ {
				at := left*t.Stride + y
				for _, v := range p.Pix[y*p.Stride+left : y*p.Stride+right] {
					t.Pix[at] = v
					at += t.Stride
				}
			}
		}
	}
	return t
}
