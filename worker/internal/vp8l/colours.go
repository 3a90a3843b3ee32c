package vp8l

// greens inverts the transform that subtracts green from red and blue (3.5.3).
type greens struct{ row []uint32 }

func (g *greens) invert(row []uint32, _ int) []uint32 {
	to := g.row[:len(row)]
	for x, v := range row {
		const redBlue = 0x00ff00ff
		green := v >> 8 & 0xff
		to[x] = v&^redBlue | (v&redBlue+(green<<16|green))&redBlue
	}
	return to
}

// colours inverts the colour transform (3.5.2), which predicts red from green, and blue from green and red. The value
// of a tile holds the factors in 1/32: red to blue, green to blue, and green to red.
type colours struct {
	tiling
	to []uint32
}

func (c *colours) invert(row []uint32, y int) []uint32 {
	to := c.to[:len(row)]
	for i, v := range c.row(y) {
		redToBlue, greenToBlue, greenToRed := int32(int8(v>>16)), int32(int8(v>>8)), int32(int8(v))
		from, end := i<<c.bits, min((i+1)<<c.bits, len(row))
		for x := from; x < end; x++ {
			v := row[x]
			green := int32(int8(v >> 8))
			red := v>>16 + uint32(greenToRed*green>>5)
			blue := v + uint32(greenToBlue*green>>5) + uint32(redToBlue*int32(int8(red))>>5)
			to[x] = v&0xff00ff00 | red&0xff<<16 | blue&0xff
		}
	}
	return to
}

// indexes inverts the transform to indexes of a palette (3.5.4). A pixel has its index in green. If 1<<bundle pixels
// share a green value, the leftmost has the lowest bits. Indexes beyond the palette are transparent black.
type indexes struct {
	bundle  uint
	palette [256]uint32
	row     []uint32
}

func (i *indexes) invert(row []uint32, _ int) []uint32 {
	if i.bundle == 0 {
		for x, v := range row {
			i.row[x] = i.palette[v>>8&0xff]
		}
		return i.row
	}
	each := 8 >> i.bundle // bits of an index
	mask := uint32(1)<<each - 1
	to := i.row
	for _, v := range row {
		v >>= 8
		n := min(1<<i.bundle, len(to))
		for x := range to[:n] {
			to[x] = i.palette[v&mask&0xff]
			v >>= each
		}
		to = to[n:]
	}
	return i.row
}
