package raster

import "encoding/binary"

// weigh writes a row of pixels as amounts of light times alpha, and alpha times 255.
func (c *curve) weigh(row []int16, pix []uint8) {
	n := len(row) / 4
	red, green, blue, alpha := row[:n], row[n:2*n], row[2*n:3*n], row[3*n:4*n]
	pix = pix[:4*n]
	for x := range red {
		p := binary.LittleEndian.Uint32(pix[4*x:])
		a := p >> 24
		by := a*257 + a>>7 // a/255 with 16 fractional bits, exactly one for opaque pixels
		red[x] = int16((uint32(c.light[uint8(p)])*by + 1<<15) >> 16)
		green[x] = int16((uint32(c.light[uint8(p>>8)])*by + 1<<15) >> 16)
		blue[x] = int16((uint32(c.light[uint8(p>>16)])*by + 1<<15) >> 16)
		alpha[x] = int16((255*a + 2) >> 2)
	}
}

// unweigh divides amounts of light by alpha. Both may be out of range where the filter overshoots.
func (c *curve) unweigh(pix []uint8, row []int16) {
	n := len(row) / 4
	red, green, blue, alpha := row[:n], row[n:2*n], row[2*n:3*n], row[3*n:4*n]
	pix = pix[:4*n]
	for x := range red {
		a := min(int64(alpha[x]), deepUnit)
		opacity := (max(a, 0)*255 + deepUnit/2) / deepUnit
		var r, g, b uint8
		switch {
		case a == deepUnit:
			r, g, b = c.sample[uint16(red[x])], c.sample[uint16(green[x])], c.sample[uint16(blue[x])]
		case opacity != 0:
			by := deepUnit << 16 / a
			r, g, b = c.brightened(red[x], by), c.brightened(green[x], by), c.brightened(blue[x], by)
		}
		binary.LittleEndian.PutUint32(pix[4*x:], uint32(r)|uint32(g)<<8|uint32(b)<<16|uint32(opacity)<<24)
	}
}

func (c *curve) brightened(light int16, by int64) uint8 {
	return c.sample[uint16(min(max(int64(light)*by+1<<15, 0)>>16, lightUnit))]
}
