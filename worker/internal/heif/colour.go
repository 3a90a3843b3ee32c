package heif

import (
	"darkroom/worker/internal/hevc"
	"darkroom/worker/internal/raster"
)

// colour says how the samples of a picture become colours (ITU-T H.273, 8.3).
type colour struct {
	chroma    int // hevc.Grey, hevc.Chroma420, hevc.Chroma422 or hevc.Chroma444
	full      bool
	matrix    int
	primaries int
}

// Matrix coefficients (ITU-T H.273, table 4).
const (
	matrixIdentity = 0 // the planes are green, blue and red
	matrixYCgCo    = 8
	matrixByColour = 12 // the weights follow from the primaries, with constant luminance or without
	matrixByLight  = 13
)

// weights are those of red and blue in luma, by matrix coefficients. All others are taken to be those of BT.601, as MIAF
// wants it where nothing is said (ISO/IEC 23000-22, 7.3.6.4). Constant luminance is treated like its counterpart without.
var weights = map[int]raster.Matrix{
	1:  {Red: 2126, Blue: 722},
	4:  {Red: 3000, Blue: 1100},
	7:  {Red: 2120, Blue: 870},
	9:  {Red: 2627, Blue: 593},
	10: {Red: 2627, Blue: 593},
}

// weightsByColour are those of matrixByColour, by the primaries (ITU-T H.273, equations 32 to 37).
var weightsByColour = map[int]raster.Matrix{
	1:  {Red: 2126, Blue: 722},
	4:  {Red: 2990, Blue: 1146},
	5:  {Red: 2220, Blue: 713},
	6:  {Red: 2124, Blue: 866},
	7:  {Red: 2124, Blue: 866},
	8:  {Red: 2536, Blue: 681},
	9:  {Red: 2627, Blue: 593},
	11: {Red: 2095, Blue: 689},
	12: {Red: 2290, Blue: 793},
	22: {Red: 2318, Blue: 960},
}

func (c colour) weights() raster.Matrix {
	if c.matrix == matrixByColour || c.matrix == matrixByLight {
		return weightsByColour[c.primaries]
	}
	return weights[c.matrix]
}

// isYCbCr reports whether the planes are luma and two colours that weights describe, or luma alone.
func (c colour) isYCbCr() bool {
	return c.chroma == hevc.Grey || c.matrix != matrixIdentity && c.matrix != matrixYCgCo
}

// pitch returns how many pixels a colour sample stands for, along both sides.
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

// table returns the 8 bits for samples of a plane.
func (c colour) table(plane, depth int) *byteTable {
	if plane == 0 {
		return lumaTable(depth, c.full)
	}
	return chromaTable(depth, c.full)
}

// colour returns how samples become colours. A colour property decides before the bit stream (ISO/IEC 23008-12, 6.5.5).
func (p *picture) colour() colour {
	if len(p.tiles) == 0 {
		return colour{}
	}
	coded := p.tiles[0].coded
	c := colour{chroma: coded.chroma, full: coded.full, matrix: coded.matrix, primaries: coded.primaries}
	if n := p.nclx; n != nil {
		c.full, c.matrix, c.primaries = n.full, n.matrix, n.primaries
	}
	return c
}
