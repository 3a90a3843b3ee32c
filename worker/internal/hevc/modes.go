package hevc

// Intra prediction modes (table 8-1). Modes 2 to 34 are angles; 10 is horizontal and 26 vertical.
const (
	modePlanar     = 0
	modeDC         = 1
	modeHorizontal = 10
	modeVertical   = 26
	modeLast       = 34
)

// chromaFromLuma is the intra_chroma_pred_mode that uses the mode of luma.
const chromaFromLuma = 4

// parseModes reads the prediction modes of a coding unit (7.3.8.5) and derives the modes of its blocks.
func (c *coder) parseModes() {
	u := &c.cu
	parts := 1
	if u.split {
		parts = 4
	}
	var prev [4]bool
	for i := range parts {
		prev[i] = c.bin(&c.states[ctxPrevLuma]) != 0
	}
	size := 1 << u.log2
	if u.split {
		size /= 2
	}
	for i := range parts {
		x, y := u.x+i&1*size, u.y+i>>1*size
		candidates := c.candidates(x, y)
		if prev[i] {
			index := 0
			if c.bypass() != 0 {
				index = 1 + int(c.bypass())
			}
			u.luma[i] = candidates[index]
		} else {
			u.luma[i] = remainingMode(candidates, uint8(c.bypasses(5)))
		}
		fill(c.modes[y>>2*c.stride4+x>>2:], c.stride4, size>>2, u.luma[i])
	}
	for i := parts; i < 4; i++ {
		u.luma[i] = u.luma[0]
	}
	if c.sps.Chroma == Grey {
		return
	}
	for i := range 4 {
		if i > 0 && (c.sps.Chroma != Chroma444 || !u.split) {
			u.chroma[i], u.chromaCodes[i] = u.chroma[0], u.chromaCodes[0]
			continue
		}
		code := uint8(chromaFromLuma)
		if c.bin(&c.states[ctxChromaMode]) != 0 {
			code = uint8(c.bypasses(2))
		}
		u.chromaCodes[i], u.chroma[i] = code, chromaMode(code, u.luma[i])
		if c.sps.Chroma == Chroma422 {
			u.chroma[i] = modes422[u.chroma[i]]
		}
	}
}

// candidates returns candModeList of the prediction block at x, y (8.4.2).
func (c *coder) candidates(x, y int) [3]uint8 {
	index := y>>2*c.stride4 + x>>2
	a, b := uint8(modeDC), uint8(modeDC)
	if x > c.cu.x || x > 0 && c.region[index-1] == c.current {
		a = c.modes[index-1]
	}
	if y&(1<<c.sps.log2CTB-1) > 0 && (y > c.cu.y || c.region[index-c.stride4] == c.current) {
		b = c.modes[index-c.stride4]
	}
	switch {
	case a == b && a < 2:
		return [3]uint8{modePlanar, modeDC, modeVertical}
	case a == b:
		return [3]uint8{a, 2 + (a+29)%32, 2 + (a-2+1)%32}
	case a != modePlanar && b != modePlanar:
		return [3]uint8{a, b, modePlanar}
	case a != modeDC && b != modeDC:
		return [3]uint8{a, b, modeDC}
	}
	return [3]uint8{a, b, modeVertical}
}

// remainingMode returns the mode that rem_intra_luma_pred_mode stands for. The code does not count the candidates.
func remainingMode(c [3]uint8, mode uint8) uint8 {
	if c[0] > c[1] {
		c[0], c[1] = c[1], c[0]
	}
	if c[0] > c[2] {
		c[0], c[2] = c[2], c[0]
	}
	if c[1] > c[2] {
		c[1], c[2] = c[2], c[1]
	}
	for _, candidate := range c {
		if mode >= candidate {
			mode++
		}
	}
	return mode
}

// chromaMode derives modeIdc from intra_chroma_pred_mode and the mode of luma (tables 8-2 and 8-3).
func chromaMode(code, luma uint8) uint8 {
	if code == chromaFromLuma {
		return luma
	}
	mode := [4]uint8{modePlanar, modeVertical, modeHorizontal, modeDC}[code]
	if mode == luma {
		return modeLast
	}
	return mode
}

// modes422 maps modeIdc to the mode of chroma in 4:2:2, whose samples are twice as far apart horizontally as vertically
// (table 8-4).
var modes422 = [35]uint8{
	0, 1, 2, 2, 2, 2, 3, 5, 7, 8, 10, 12, 13, 15, 17, 18, 19, 20,
	21, 22, 23, 23, 24, 24, 25, 25, 26, 27, 27, 28, 28, 29, 29, 30, 31,
}
