package icc

import (
	"math"
	"slices"
)

// A grid holds sRGB values before clipping, in units of 1/64 of an 8-bit value. In linear light they range from -2 to
// 2, so interpolation between a colour inside the gamut and one outside it is correct.
const (
	valueBits  = 6
	one        = 255 << valueBits
	weightBits = 14 // bits of the position between two grid points
)

// Number of points that each channel of a coarser table is refined to, or the largest number below that which splits
// its intervals evenly. The grid keeps the profile's own points and adds points between them. Pixels are interpolated
// in sRGB; this many points keep the result close to interpolation in the profile connection space.
const (
	points3 = 33
	points4 = 17
)

// grid is a lookup table from device values to sRGB.
type grid struct {
	in     [4][256]place
	colour [][4]int16 // red, green, blue and an unused value, so that one load reads a colour

	front [4]curve // maps a device value to the position in a channel
	size  [4]int   // points of each channel
	steps [4]int   // index difference between neighbouring points of a channel
}

// place is the position of a value in one channel of a grid. base is the index of the point below. key holds two
// numbers: the upper bits are the weight of the point above, from 0 to 1<<weightBits, and the lower bits are the index
// step to it. Comparing keys therefore orders channels by their weight.
type place struct {
	base uint32
	key  uint64
}

const stepBits = 32

func newGrid(t *table) *grid {
	most := points3
	if t.n == 4 {
		most = points4
	}
	finer := [4]int{1, 1, 1, 1}
	if slices.Max(t.size[:t.n]) <= most { // otherwise a small profile could ask for a large grid
		for i, size := range t.size[:t.n] {
			finer[i] = (most - 1) / (size - 1)
		}
	}
	var size, steps [4]int
	total := 1
	for i := t.n - 1; i >= 0; i-- {
		size[i], steps[i] = (t.size[i]-1)*finer[i]+1, total
		total *= size[i]
	}
	g := &grid{colour: make([][4]int16, total)}
	// After its curves, a grid of Lab colours is perceptually even, so its points are kept. A grid of XYZ may be linear
	// in light, with most dark colours between two points. Its points are spaced evenly in device values instead.
	front, behind := t.in, [4]curve{}
	if t.pcs == xyz16 {
		front, behind = behind, front
	}
	g.front, g.size, g.steps = front, size, steps
	for i := range t.n {
		for v := range 256 {
			pos := float64(front[i].value(float64(v)/255) * float64(size[i]-1))
			below := min(int(pos), size[i]-2)
			weight := math.Round((pos - float64(below)) * (1 << weightBits))
			g.in[i][v] = place{uint32(below * steps[i]), uint64(weight)<<stepBits | uint64(steps[i])}
		}
	}
	for p := range g.colour {
		var pos [4]float64
		for i := range t.n {
			x := float64(p/steps[i]%size[i]) / float64(size[i]-1)
			pos[i] = float64(behind[i].value(x) * float64(t.size[i]-1))
		}
		for i, v := range t.colour(pos) {
			g.colour[p][i] = int16(math.Round(one * min(max(encode(v), -2), 2)))
		}
	}
	return g
}

// convert3 and convert4 interpolate between 4 and 5 points. They walk from the point below in all channels to the point
// above in all, the channel with the largest weight first. Each point on the way is multiplied by the difference
// between the weight of its own step and the weight of the next. With three channels this is tetrahedral interpolation.

func (g *grid) convert3(pix []byte) {
	for ; len(pix) >= 4; pix = pix[4:] {
		p, q, r := &g.in[0][pix[0]], &g.in[1][pix[1]], &g.in[2][pix[2]]
		a, b := max(p.key, q.key), min(p.key, q.key)
		a, c := max(a, r.key), min(a, r.key)
		b, c = max(b, c), min(b, c)

		pos := p.base + q.base + r.base
		c0 := &g.colour[pos]
		pos += uint32(a)
		c1 := &g.colour[pos]
		pos += uint32(b)
		c2 := &g.colour[pos]
		c3 := &g.colour[pos+uint32(c)]

		wa, wb, wc := int32(a>>stepBits), int32(b>>stepBits), int32(c>>stepBits)
		w0, w1, w2, w3 := 1<<weightBits-wa, wa-wb, wb-wc, wc
		pix[0] = clip(w0*int32(c0[0]) + w1*int32(c1[0]) + w2*int32(c2[0]) + w3*int32(c3[0]))
		pix[1] = clip(w0*int32(c0[1]) + w1*int32(c1[1]) + w2*int32(c2[1]) + w3*int32(c3[1]))
		pix[2] = clip(w0*int32(c0[2]) + w1*int32(c1[2]) + w2*int32(c2[2]) + w3*int32(c3[2]))
	}
}

func (g *grid) convert4(dst, src []byte) {
	for ; len(src) >= 4 && len(dst) >= 4; dst, src = dst[4:], src[4:] {
		p, q, r, k := &g.in[0][src[0]], &g.in[1][src[1]], &g.in[2][src[2]], &g.in[3][src[3]]
		a, b := max(p.key, q.key), min(p.key, q.key)
		c, d := max(r.key, k.key), min(r.key, k.key)
		a, c = max(a, c), min(a, c)
		b, d = max(b, d), min(b, d)
		b, c = max(b, c), min(b, c)

		pos := p.base + q.base + r.base + k.base
		c0 := &g.colour[pos]
		pos += uint32(a)
		c1 := &g.colour[pos]
		pos += uint32(b)
		c2 := &g.colour[pos]
		pos += uint32(c)
		c3 := &g.colour[pos]
		c4 := &g.colour[pos+uint32(d)]

		wa, wb, wc, wd := int32(a>>stepBits), int32(b>>stepBits), int32(c>>stepBits), int32(d>>stepBits)
		w0, w1, w2, w3, w4 := 1<<weightBits-wa, wa-wb, wb-wc, wc-wd, wd
		dst[0] = clip(w0*int32(c0[0]) + w1*int32(c1[0]) + w2*int32(c2[0]) + w3*int32(c3[0]) + w4*int32(c4[0]))
		dst[1] = clip(w0*int32(c0[1]) + w1*int32(c1[1]) + w2*int32(c2[1]) + w3*int32(c3[1]) + w4*int32(c4[1]))
		dst[2] = clip(w0*int32(c0[2]) + w1*int32(c1[2]) + w2*int32(c2[2]) + w3*int32(c3[2]) + w4*int32(c4[2]))
		dst[3] = 0xff
	}
}

// clip rounds a sum of weighted colours to 8 bits.
func clip(sum int32) byte {
	const bits = valueBits + weightBits
	return byte(min(max((sum+1<<(bits-1))>>bits, 0), 255))
}
