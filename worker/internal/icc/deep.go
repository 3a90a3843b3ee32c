package icc

import (
	"bytes"
	"encoding/binary"
	"math"
	"sync"
)

// Deep converts pixels of 16 bits a sample to sRGB of 8 bits. Any number of goroutines may use it.
type Deep struct {
	grey   *[1 << 16]byte // Gray
	light  [3]*[1 << 16]int32
	matrix [3][3]int64 // [sRGB][channel]
	output *[1 << deepOutputBits]byte
	place  [3]*[1 << 16]uint32
	grid   *grid
}

// DeepMemory is the most bytes that a [Deep] takes in addition to its profile, including the table that all Deeps
// share.
const DeepMemory = 3*4<<16 + 1<<16

// Precision of a Deep: fractional bits of light and of the matrix, and bits of the index into the table of sRGB values.
// Near black, where that table is steepest, one step of the table is 0.05 of an 8-bit value.
const (
	deepLightBits  = 20
	deepMatrixBits = 20
	deepOutputBits = 16
)

var deepOutput = sync.OnceValue(func() *[1 << deepOutputBits]byte {
	table := new([1 << deepOutputBits]byte)
	for i := range table {
		table[i] = byte(math.Round(255 * encode((float64(i)+0.5)/(1<<deepOutputBits))))
	}
	return table
})

// Deep returns the conversion of pixels with 16 bits a sample by the profile. It returns nil unless the profile is for
// RGB or grey.
func (p *Profile) Deep() *Deep {
	d := &Deep{}
	switch {
	case p.space == Gray:
		d.grey = new([1 << 16]byte)
		for v := range d.grey {
			d.grey[v] = p.greyByte(float64(v) / 65535)
		}
	case p.space == RGB && p.matrix != nil:
		d.output = deepOutput()
		for c := range d.light {
			for i, coefficient := range p.coefficients[c] {
				d.matrix[i][c] = int64(math.Round(min(max(coefficient, -maxLinear), maxLinear) * (1 << deepMatrixBits)))
			}
			if c > 0 && p.curves[c].equal(p.curves[0]) {
				d.light[c] = d.light[0]
				continue
			}
			d.light[c] = new([1 << 16]int32)
			for v := range d.light[c] {
				d.light[c][v] = int32(math.Round(p.curves[c].value(float64(v)/65535) * (1 << deepLightBits)))
			}
		}
	case p.space == RGB:
		d.grid = p.lut
		for c := range d.place {
			d.place[c] = new([1 << 16]uint32)
			for v := range d.place[c] {
				pos := p.lut.front[c].value(float64(v)/65535) * float64(p.lut.size[c]-1)
				d.place[c][v] = uint32(math.Round(pos * (1 << weightBits)))
			}
		}
	default:
		return nil
	}
	return d
}

func (c curve) equal(o curve) bool {
	return c.fn == o.fn && c.p == o.p && c.width == o.width && bytes.Equal(c.table, o.table)
}

// Convert converts the pixels of src to NRGBA in dst. A source pixel is red, green, blue and alpha of 16 bits each,
// with the high byte first. Convert stops at the end of the shorter slice. A grey profile reads grey from red. Alpha
// becomes its high byte, as it does without a conversion.
func (d *Deep) Convert(dst, src []byte) {
	convert := d.multiply
	switch {
	case d.grey != nil:
		convert = d.lookup
	case d.grid != nil:
		convert = d.interpolate
	}
	n := min(len(src)/8, len(dst)/4)
	convert(dst[:4*n], src[:8*n])
}

func (d *Deep) lookup(dst, src []byte) {
	for ; len(src) >= 8 && len(dst) >= 4; src, dst = src[8:], dst[4:] {
		v := d.grey[sample16(src, 0)]
		dst[0], dst[1], dst[2], dst[3] = v, v, v, src[6]
	}
}

// multiply converts pixels by curves and a matrix.
func (d *Deep) multiply(dst, src []byte) {
	const shift = deepLightBits + deepMatrixBits - deepOutputBits
	m, red, green, blue, output := d.matrix, d.light[0], d.light[1], d.light[2], d.output
	for ; len(src) >= 8 && len(dst) >= 4; src, dst = src[8:], dst[4:] {
		x, y, z := int64(red[sample16(src, 0)]), int64(green[sample16(src, 1)]), int64(blue[sample16(src, 2)])
		dst[0] = output[min(max((m[0][0]*x+m[0][1]*y+m[0][2]*z)>>shift, 0), 1<<deepOutputBits-1)]
		dst[1] = output[min(max((m[1][0]*x+m[1][1]*y+m[1][2]*z)>>shift, 0), 1<<deepOutputBits-1)]
		dst[2] = output[min(max((m[2][0]*x+m[2][1]*y+m[2][2]*z)>>shift, 0), 1<<deepOutputBits-1)]
		dst[3] = src[6]
	}
}

func sample16(src []byte, i int) uint16 { return binary.BigEndian.Uint16(src[2*i:]) }

// interpolate converts pixels by a lookup table, as convert3 does: it walks from the grid point below in all channels
// to the point above in all, the channel with the largest weight first.
func (d *Deep) interpolate(dst, src []byte) {
	for ; len(src) >= 8 && len(dst) >= 4; src, dst = src[8:], dst[4:] {
		pos := 0
		var weight, step [3]int32
		for c := range 3 {
			p := d.place[c][sample16(src, c)]
			below := min(int(p>>weightBits), d.grid.size[c]-2)
			pos += below * d.grid.steps[c]
			weight[c], step[c] = int32(p)-int32(below)<<weightBits, int32(d.grid.steps[c])
		}
		for _, pair := range [3][2]int{{0, 1}, {1, 2}, {0, 1}} {
			if i, j := pair[0], pair[1]; weight[i] < weight[j] {
				weight[i], weight[j], step[i], step[j] = weight[j], weight[i], step[j], step[i]
			}
		}
		parts := [4]int32{1<<weightBits - weight[0], weight[0] - weight[1], weight[1] - weight[2], weight[2]}
		var sum [3]int32
		for i, part := range parts {
			colour := d.grid.colour[pos]
			for c := range sum {
				sum[c] += part * int32(colour[c])
			}
			if i < 3 {
				pos += int(step[i])
			}
		}
		dst[0], dst[1], dst[2], dst[3] = clip(sum[0]), clip(sum[1]), clip(sum[2]), src[6]
	}
}
