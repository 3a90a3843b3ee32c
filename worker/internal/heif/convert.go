package heif

import (
	"context"
	"darkroom/worker/internal/h273"
	"darkroom/worker/internal/hevc"
	"darkroom/worker/internal/raster"
)

// span is a row of a tile. Pixel from goes to pix[index], and each later pixel step bytes further, up to but not
// including pixel to.
type span struct {
	pix         []byte
	index, step int
	from, to    int
}

// conversion converts samples of one picture to RGB of 8 bits, with a single rounding. Its numbers have 32 fractional
// bits. A colour sample is multiplied by raster.ColourUnit.
type conversion struct {
	black, grey int64    // samples of black and of a neutral colour
	luma        int64    // contribution of a luma sample
	blue, red   [3]int64 // contributions of the two colours to red, green and blue
}

const (
	fraction = 32
	half     = 1 << (fraction - 1)
)

// newConversion returns the conversion of samples with these depths in bits.
func newConversion(c colour, lumaDepth, chromaDepth int) conversion {
	scale := func(depth, studio int) int64 {
		span := int64(1)<<depth - 1
		if !c.full {
			span = int64(studio) << (depth - 8)
		}
		return (255<<fraction + span/2) / span
	}
	m := conversion{luma: scale(lumaDepth, 219)}
	if !c.full {
		m.black = 16 << (lumaDepth - 8)
	}
	unit := scale(chromaDepth, 224) / raster.ColourUnit
	m.grey = raster.ColourUnit << (chromaDepth - 1)
	switch c.matrix {
	case h273.Identity:
		// Here the planes are green, blue and red. Blue and red have the range of luma, and green contributes only to
		// green: see row.
		unit = scale(chromaDepth, 219) / raster.ColourUnit
		m.grey = 0
		if !c.full {
			m.grey = raster.ColourUnit * 16 << (chromaDepth - 8)
		}
		m.blue, m.red = [3]int64{2: unit}, [3]int64{0: unit}
	case h273.YCgCo: // ITU-T H.273, equations 53 to 56: the planes are luma, Cg and Co
		m.blue, m.red = [3]int64{-unit, unit, -unit}, [3]int64{unit, 0, -unit}
	default:
		m.red[0], m.blue[1], m.red[1], m.blue[2] = c.weights().Coefficients(unit)
	}
	return m
}

// clamp rounds a number with 32 fractional bits to 0..255.
func clamp(v int64) byte {
	v = (v + half) >> fraction
	if uint64(v) > 255 {
		return byte(^(v >> 63))
	}
	return byte(v)
}

// drawSamples draws a decoded picture on the canvas, in its colours or as its alpha. It interpolates colours that have
// fewer samples than luma.
func drawSamples(ctx context.Context, out canvas, p *hevc.Picture, c colour, alpha bool) error {
	c.chroma = p.Chroma
	x, y := c.pitch()
	luma, grey := p.Planes[0], len(p.Planes) == 1
	m := newConversion(c, luma.Depth, p.Planes[len(p.Planes)-1].Depth)
	var blue, red raster.Colours[uint16]
	var b, r []uint16 // one row of each colour
	if !grey && !alpha {
		plane := func(p hevc.Plane) raster.Colours[uint16] {
			return raster.Colours[uint16]{Pix: p.Pix, Stride: p.Stride, Width: p.Width, Height: p.Height, HalfX: x == 2, HalfY: y == 2}
		}
		blue, red = plane(p.Planes[1]), plane(p.Planes[2])
		b, r = make([]uint16, p.Width), make([]uint16, p.Width)
	}
	for row := range p.Height {
		if err := ctx.Err(); err != nil {
			return err
		}
		index, step, from, to := out.row(row, p.Width)
		if from >= to {
			continue
		}
		s := span{out.Pix, index + from*step, step, from, to}
		light := luma.Pix[row*luma.Stride:][:p.Width]
		switch {
		case alpha:
			m.alphaRow(s, light)
		case grey:
			m.greyRow(s, light)
		default:
			blue.Row(b, row)
			red.Row(r, row)
			m.row(s, light, b, r, c.matrix == h273.Identity)
		}
	}
	return nil
}

func (m *conversion) row(s span, luma, blue, red []uint16, identity bool) {
	for x := s.from; x < s.to; x++ {
		l, u, v := (int64(luma[x])-m.black)*m.luma, int64(blue[x])-m.grey, int64(red[x])-m.grey
		d := s.pix[s.index : s.index+4 : s.index+4]
		others := l
		if identity {
			others = 0
		}
		d[0] = clamp(others + u*m.blue[0] + v*m.red[0])
		d[1] = clamp(l + u*m.blue[1] + v*m.red[1])
		d[2] = clamp(others + u*m.blue[2] + v*m.red[2])
		d[3] = 255
		s.index += s.step
	}
}

func (m *conversion) greyRow(s span, luma []uint16) {
	for x := s.from; x < s.to; x++ {
		v := clamp((int64(luma[x]) - m.black) * m.luma)
		d := s.pix[s.index : s.index+4 : s.index+4]
		d[0], d[1], d[2], d[3] = v, v, v, 255
		s.index += s.step
	}
}

func (m *conversion) alphaRow(s span, luma []uint16) {
	for x := s.from; x < s.to; x++ {
		s.pix[s.index+3] = clamp((int64(luma[x]) - m.black) * m.luma)
		s.index += s.step
	}
}

// drawRGBA draws a row of a tile from the sandbox. It returns false if a pixel is not opaque. Every tile is decoded
// without alpha, so a decoder leaves such a pixel only if the data were damaged there. The decoder does not report that
// itself.
func drawRGBA(r span, row []byte, alpha bool) bool {
	for x := r.from; x < r.to; x++ {
		s := row[4*x : 4*x+4 : 4*x+4]
		if s[3] != 255 {
			return false
		}
		d := r.pix[r.index : r.index+4 : r.index+4]
		if alpha {
			d[3] = s[1]
		} else {
			d[0], d[1], d[2], d[3] = s[0], s[1], s[2], 255
		}
		r.index += r.step
	}
	return true
}

// drawDeep is drawRGBA for 16 bits a sample, little-endian. It rounds them to 8.
func drawDeep(r span, row []byte, alpha bool) bool {
	for x := r.from; x < r.to; x++ {
		s := row[8*x : 8*x+8 : 8*x+8]
		if s[6] != 255 || s[7] != 255 {
			return false
		}
		d := r.pix[r.index : r.index+4 : r.index+4]
		if alpha {
			d[3] = to8BitsLE(s[2:])
		} else {
			d[0], d[1], d[2], d[3] = to8BitsLE(s), to8BitsLE(s[2:]), to8BitsLE(s[4:]), 255
		}
		r.index += r.step
	}
	return true
}

func to8BitsLE(s []byte) byte { return byte(((uint32(s[1])<<8+uint32(s[0]))*255 + 32767) / 65535) }
