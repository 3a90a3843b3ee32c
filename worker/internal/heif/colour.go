package heif

import (
	"math"

	"darkroom/worker/internal/h273"
	"darkroom/worker/internal/hevc"
	"darkroom/worker/internal/raster"
)

// colour describes how the samples of a picture become colours (ITU-T H.273, 8.3).
type colour struct {
	chroma    int // hevc.Grey, hevc.Chroma420, hevc.Chroma422 or hevc.Chroma444
	full      bool
	matrix    int
	primaries int
}

// weights returns the matrix of the planes.
func (c colour) weights() raster.Matrix {
	red, blue := h273.LumaWeights(c.matrix, c.primaries)
	return raster.Matrix{Red: int(math.Round(red * 10000)), Blue: int(math.Round(blue * 10000))}
}

// isYCbCr reports whether the planes are luma and two colours that weights describes, or luma alone.
func (c colour) isYCbCr() bool {
	return c.chroma == hevc.Grey || c.matrix != h273.Identity && c.matrix != h273.YCgCo
}

// pitch returns how many pixels a colour sample covers horizontally and vertically.
func (c colour) pitch() (x, y int) {
	x, y = 1, 1
	if c.chroma == hevc.Chroma420 || c.chroma == hevc.Chroma422 {
		x = 2
	}
	if c.chroma == hevc.Chroma420 {
		y = 2
	}
	return x, y
}

// table returns the table from samples of a plane to 8 bits.
func (c colour) table(plane, depth int) *byteTable {
	if plane == 0 {
		return lumaTable(depth, c.full)
	}
	return chromaTable(depth, c.full)
}

// colour returns how samples become colours. A colour property takes precedence over the bit stream (ISO/IEC 23008-12,
// 6.5.5).
func (p *picture) colour() colour {
	if len(p.tiles) == 0 {
		return colour{}
	}
	m := p.matrix()
	return colour{chroma: p.tiles[0].coded.chroma, full: m.full, matrix: m.matrix, primaries: m.primaries}
}
