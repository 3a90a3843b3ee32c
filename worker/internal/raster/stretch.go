package raster

// Ratio is the number of samples that a plane has along one side for a number of pixels. It is at most one sample a
// pixel.
type Ratio struct{ Samples, Pixels int }

// count returns how many samples cover n pixels. The last one may also cover pixels beyond the edge.
func (r Ratio) count(n int) int { return (n*r.Samples + r.Pixels - 1) / r.Pixels }

// stretchUnit is a weight of 1.
const stretchUnit = 256

// neighbours returns the two samples on either side of the centre of pixel i, and the weight of the second one. Beyond
// the edges, the first or last of the count samples is repeated.
func (r Ratio) neighbours(i, count int) (near, far, weight int) {
	n, unit := (2*i+1)*r.Samples-r.Pixels, 2*r.Pixels // samples, in units
	if n <= 0 {
		return 0, 0, 0
	}
	near = n / unit
	if near >= count-1 {
		return count - 1, count - 1, 0
	}
	return near, near + 1, (n%unit*stretchUnit + r.Pixels) / unit
}

// Stretch interpolates a plane that has fewer samples than the picture has pixels, at any ratio. The value of a pixel
// is the linear interpolation, at its centre, between its two nearest samples. If the plane has half the samples, that
// is three quarters of one and one quarter of the other, as in libjpeg.
type Stretch struct {
	pix           []uint8
	stride        int
	width, height int // samples
	down          Ratio
	taps          []stretchTap // taps of each pixel of a row; nil if every pixel has its own sample
	row           []uint16     // samples times stretchUnit
}

type stretchTap struct {
	near, far int32
	weight    uint32 // weight of far
}

// NewStretch returns a Stretch of a plane to a picture of this size. The sample at x, y of the plane is
// pix[y*stride+x].
func NewStretch(pix []uint8, stride int, size Size, across, down Ratio) *Stretch {
	s := &Stretch{pix: pix, stride: stride, width: across.count(size.Width), height: down.count(size.Height), down: down}
	if across.Samples == across.Pixels {
		if down.Samples < down.Pixels {
			s.row = make([]uint16, s.width)
		}
		return s
	}
	s.row = make([]uint16, s.width)
	s.taps = make([]stretchTap, size.Width)
	for x := range s.taps {
		near, far, weight := across.neighbours(x, s.width)
		s.taps[x] = stretchTap{int32(near), int32(far), uint32(weight)}
	}
	return s
}

// StretchMemory returns the most bytes that a Stretch to this size needs in addition to the plane, including one row of
// output.
func StretchMemory(to Size) int64 { return int64(to.Width)*(12+2+1) + 128 }

// Row writes a sample for each pixel of row y of the picture into dst.
func (s *Stretch) Row(dst []uint8, y int) {
	near, far, weight := s.down.neighbours(y, s.height)
	a, b := s.pix[near*s.stride:][:s.width], s.pix[far*s.stride:][:s.width]
	if s.row == nil {
		copy(dst, a)
		return
	}
	for x, v := range a {
		s.row[x] = uint16(int(v)*(stretchUnit-weight) + int(b[x])*weight)
	}
	if s.taps == nil {
		for x := range dst {
			dst[x] = uint8((uint32(s.row[x]) + stretchUnit/2) / stretchUnit)
		}
		return
	}
	for x, t := range s.taps {
		sum := uint32(s.row[t.near])*(stretchUnit-t.weight) + uint32(s.row[t.far])*t.weight
		dst[x] = uint8((sum + stretchUnit*stretchUnit/2) / (stretchUnit * stretchUnit))
	}
}
