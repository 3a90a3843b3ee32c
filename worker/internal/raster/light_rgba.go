package raster

// weigh writes a row of amounts of light times alpha, and of alpha times 255.
func (c *curve) weigh(row []int16, pix []uint8) {
	n := len(row) / 4
	red, green, blue, alpha := row[:n], row[n:2*n], row[2*n:3*n], row[3*n:]
	for x := range red {
		r, g, b, a := c.light[pix[0]], c.light[pix[1]], c.light[pix[2]], int(pix[3])
		if a != 255 {
			r, g, b = dimmed(r, a), dimmed(g, a), dimmed(b, a)
		}
		red[x], green[x], blue[x], alpha[x] = r, g, b, weighted(255, a)
		pix = pix[4:]
	}
}

func dimmed(light int16, a int) int16 { return int16((int(light)*a + 127) / 255) }

// unweigh divides amounts of light by alpha. Where the filter rings, either may be out of range.
func (c *curve) unweigh(pix []uint8, row []int16) {
	n := len(row) / 4
	red, green, blue, alpha := row[:n], row[n:2*n], row[2*n:3*n], row[3*n:]
	for x := range red {
		r, g, b, a := red[x], green[x], blue[x], min(int64(alpha[x]), deepUnit)
		opacity := uint8((max(a, 0)*255 + deepUnit/2) / deepUnit)
		switch {
		case a == deepUnit:
			pix[0], pix[1], pix[2], pix[3] = c.sample[uint16(r)], c.sample[uint16(g)], c.sample[uint16(b)], opacity
		case opacity == 0:
			pix[0], pix[1], pix[2], pix[3] = 0, 0, 0, 0
		default:
			by := deepUnit << 32 / a
			pix[0], pix[1], pix[2], pix[3] = c.brightened(r, by), c.brightened(g, by), c.brightened(b, by), opacity
		}
		pix = pix[4:]
	}
}

func (c *curve) brightened(light int16, by int64) uint8 {
	return c.sample[uint16(min((max(int64(light), 0)*by+1<<31)>>32, lightUnit))]
}
