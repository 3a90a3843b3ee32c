package raster

// Colours is a plane of colour samples as a decoder returns it. Along a halved side, each sample lies between two
// pixels.
type Colours[S uint8 | uint16] struct {
	Pix          []S // the sample at x, y is Pix[y*Stride+x]
	Stride       int
	Width        int // samples
	Height       int
	HalfX, HalfY bool
}

// ColourUnit is the factor by which [Colours.Row] multiplies samples.
const ColourUnit = 16

// Row writes one value for each pixel of row y into dst: the interpolated sample times [ColourUnit]. Samples have at
// most 12 bits. Along a halved side, a pixel gets three quarters of the nearer sample and one quarter of the other, as
// in libjpeg and libwebp. Beyond the edges the outermost samples are repeated.
func (c Colours[S]) Row(dst []uint16, y int) {
	near, far := y, y
	if c.HalfY {
		near = min(y/2, c.Height-1)
		far = min(max(near+2*(y&1)-1, 0), c.Height-1)
	}
	a, b := c.Pix[near*c.Stride:][:c.Width], c.Pix[far*c.Stride:][:c.Width]
	if !c.HalfX {
		n := min(len(dst), len(a))
		for x := range n {
			dst[x] = 12*uint16(a[x]) + 4*uint16(b[x])
		}
		return
	}
	// Even pixels lie left of their sample, odd ones right of it.
	last := len(a) - 1
	here := 3*uint16(a[0]) + uint16(b[0])
	left := here
	for i, x := 0, 0; x < len(dst); i, x = i+1, x+2 {
		right := here
		if i < last {
			right = 3*uint16(a[i+1]) + uint16(b[i+1])
		}
		dst[x] = 3*here + left
		if x+1 < len(dst) {
			dst[x+1] = 3*here + right
		}
		if i < last {
			left, here = here, right
		}
	}
}
