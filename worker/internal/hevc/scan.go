package hevc

// Scan orders (6.5.3 to 6.5.5, scanIdx).
const (
	scanDiagonal = iota
	scanHorizontal
	scanVertical
	scanCount
)

var (
	// scans holds the positions of a square of 1<<log2, by scan order and log2.
	scans [scanCount][4][]position
	// scanIndex is the reverse: the index of the position at x, y is at y<<log2|x.
	scanIndex [scanCount][4][]uint8
	// scanOffsets holds the indexes y<<log2|x of the first 4x4 positions of a square, by scan order and log2-2.
	scanOffsets [scanCount][4][16]uint16
	// sigContexts is the part of sigCtx that depends on the position (9.3.4.2.5), by scan order, row and index within
	// 4x4 coefficients. Row 4 is for blocks of 4x4. Row 5 is for blocks without a transform, whose coefficients all
	// share a context.
	sigContexts [scanCount][6][16]uint8 // rows 0 to 3 by prevCsbf
)

// sigContexts4 is ctxIdxMap of 4x4 blocks (table 9-50).
var sigContexts4 = [16]uint8{0, 1, 4, 5, 2, 3, 4, 5, 6, 6, 8, 8, 7, 7, 8, 8}

func init() {
	for log2 := range 4 {
		side := 1 << log2
		scans[scanDiagonal][log2] = diagonal(side)
		for i := range side * side {
			major, minor := uint8(i>>log2), uint8(i&(side-1))
			scans[scanHorizontal][log2] = append(scans[scanHorizontal][log2], position{minor, major})
			scans[scanVertical][log2] = append(scans[scanVertical][log2], position{major, minor})
		}
		for order := range scanCount {
			scanIndex[order][log2] = make([]uint8, side*side)
			for i, p := range scans[order][log2] {
				scanIndex[order][log2][int(p.y)<<log2|int(p.x)] = uint8(i)
			}
		}
	}
	for order := range scanCount {
		for i, p := range scans[order][2] {
			x, y := p.x, p.y
			for k := range scanOffsets[order] {
				scanOffsets[order][k][i] = uint16(y)<<(k+2) | uint16(x)
			}
			t := &sigContexts[order]
			t[0][i] = uint8(max(0, 2-(int(x)+int(y)+1)/2)) // 2 at the corner, 1 while x+y < 3
			t[1][i] = uint8(max(0, 2-int(y)))
			t[2][i] = uint8(max(0, 2-int(x)))
			t[3][i] = 2
			t[4][i] = sigContexts4[y<<2|x]
		}
	}
}

// scanOf returns the order of a block's coefficients (7.4.9.11).
func (c *coder) scanOf(b *transformBlock) int {
	if b.log2 == 2 || b.log2 == 3 && (b.component == 0 || c.sps.Chroma == Chroma444) {
		switch {
		case b.mode >= 6 && b.mode <= 14:
			return scanVertical
		case b.mode >= 22 && b.mode <= 30:
			return scanHorizontal
		}
	}
	return scanDiagonal
}
