package gainmap

import (
	"context"
	"image"
)

// Window is the part of an upright picture that a gain map is made for.
type Window struct {
	Whole       image.Point     // size that the picture is resampled to
	Part        image.Rectangle // part of Whole that is kept
	Orientation int             // EXIF orientation, 1 to 8, of the gain map as it is stored
}

// Plane is a component of a stored gain map.
type Plane struct {
	Pix            []byte // the sample at x, y is Pix[y*Stride+x]
	Stride         int
	Width, Height  int // samples
	PitchX, PitchY int // pixels of the gain map from one sample to the next
}

// Resize returns the part of a plane that belongs to the window: upright, and width by height samples large. size is
// the size of the stored gain map in pixels. The gain map covers the same area as the picture, so the part may begin
// and end between its pixels.
//
// The filter is a triangle that is as wide as two samples of the result or of the plane, whichever is more. Unlike
// Lanczos it never overshoots, which would put a dark rim around a light. It works on the stored samples: these are
// logarithms, as are the samples between which a viewer interpolates. All arithmetic is in integers.
//
// When ctx ends, Resize returns its error.
func (w Window) Resize(ctx context.Context, p Plane, size image.Point, width, height int) ([]byte, error) {
	turned := w.Orientation >= 5
	if turned { // the axes of the stored plane
		width, height = height, width
	}
	x, y := w.axes(turned)
	x.side, x.pitch, x.samples, x.count = size.X, p.PitchX, p.Width, width
	y.side, y.pitch, y.samples, y.count = size.Y, p.PitchY, p.Height, height
	columns, rows := x.taps(), y.taps()

	narrow := make([]uint16, width*p.Height) // 6 fractional bits
	for j := range p.Height {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row := p.Pix[j*p.Stride:][:p.Width]
		for i, t := range columns {
			sum := int32(1 << (weightBits - narrowBits - 1))
			for k, weight := range t.weights {
				sum += weight * int32(row[t.first+k])
			}
			narrow[j*width+i] = uint16(sum >> (weightBits - narrowBits))
		}
	}
	small := make([]byte, width*height)
	for j, t := range rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range width {
			sum := int32(1 << (weightBits + narrowBits - 1))
			for k, weight := range t.weights {
				sum += weight * int32(narrow[(t.first+k)*width+i])
			}
			index := j*width + i
			if turned {
				index = i*height + j
			}
			small[index] = byte(sum >> (weightBits + narrowBits))
		}
	}
	return small, nil
}

// ResizeMemory returns the bytes that Resize allocates for a plane of this many samples.
func ResizeMemory(plane image.Point, width, height int) int64 {
	longest := int64(max(width, height))
	const tapBytes = 32
	weights := 2 * 4 * (2*int64(plane.X+plane.Y) + 4*int64(width+height))
	return 2*longest*int64(max(plane.X, plane.Y)) + int64(width)*int64(height) + tapBytes*int64(width+height) + weights
}

// axes returns the position of the part along the sides of the stored picture.
func (w Window) axes(turned bool) (x, y axis) {
	x = axis{whole: w.Whole.X, start: w.Part.Min.X, length: w.Part.Dx()}
	y = axis{whole: w.Whole.Y, start: w.Part.Min.Y, length: w.Part.Dy()}
	if turned {
		x, y = y, x
	}
	switch w.Orientation {
	case 2, 3, 7, 8:
		x.mirrored = true
	}
	switch w.Orientation {
	case 3, 4, 6, 7:
		y.mirrored = true
	}
	return x, y
}

const (
	weightBits = 14
	narrowBits = 6 // fractional bits of a sample that is filtered along one side
)

// axis describes how the samples of the result lie along a side of the plane.
type axis struct {
	whole, start, length int  // side of the picture, and the part of it
	mirrored             bool // the side of the plane runs the other way
	side, pitch, samples int  // side of the gain map in pixels; pitch and samples of the plane
	count                int  // samples of the result
}

// tap lists the samples of the plane that contribute to a sample of the result, and their weights.
type tap struct {
	first   int
	weights []int32 // the weights add up to 1<<weightBits
}

// taps returns the weights for each sample of the result. Positions are in pixels of the gain map times 2*whole*count,
// so all of them are integers.
func (a axis) taps() []tap {
	unit := 2 * int64(a.whole) * int64(a.count)
	step := 2 * int64(a.side) * int64(a.length) // from one sample of the result to the next
	pitch := unit * int64(a.pitch)              // from one sample of the plane to the next
	radius := max(step, pitch)
	all := make([]tap, a.count)
	for i := range all {
		centre := 2*int64(a.side)*int64(a.start)*int64(a.count) + step/2*int64(2*i+1)
		if a.mirrored {
			centre = int64(a.side)*unit - centre
		}
		// Sample j lies at pitch/2*(2*j+1). Samples closer than radius contribute.
		first := min(max((centre-radius-pitch/2)/pitch+1, 0), int64(a.samples)-1)
		last := max(min((centre+radius-pitch/2)/pitch, int64(a.samples)-1), first)
		all[i] = tap{int(first), weights(centre, radius, pitch, first, last)}
	}
	return all
}

// weights returns the triangle's weights for the samples first to last. They are differences of rounded sums, so their
// total is exact however many there are.
func weights(centre, radius, pitch, first, last int64) []int32 {
	raw, all := make([]uint64, last-first+1), uint64(0) // all is below 2^50
	for k := range raw {
		distance := centre - pitch/2*(2*(first+int64(k))+1)
		raw[k] = uint64(max(radius-max(distance, -distance), 0))
		all += raw[k]
	}
	scaled := make([]int32, len(raw))
	if all == 0 { // beyond the last sample
		scaled[0] = 1 << weightBits
		return scaled
	}
	sum, before := uint64(0), int32(0)
	for k, r := range raw {
		sum += r
		rounded := int32((sum<<weightBits + all/2) / all)
		scaled[k], before = rounded-before, rounded
	}
	return scaled
}
