package pngscan

//go:generate go run darkroom/worker/internal/neon paeth_arm64.neon

import "encoding/binary"

// Filters of a row (9.2).
const (
	filterNone = iota
	filterSub
	filterUp
	filterAverage
	filterPaeth
)

// unfilter undoes the filter of a row in place (9.2 to 9.4). pixel is the number of bytes in a pixel.
func unfilter(filter byte, row, above []byte, pixel int) error {
	switch filter {
	case filterNone:
	case filterSub:
		for i := pixel; i < len(row); i++ {
			row[i] += row[i-pixel]
		}
	case filterUp:
		undoUp(row, above)
	case filterAverage:
		undoAverage(row, above, pixel)
	case filterPaeth:
		paethRow(row, above, pixel)
	default:
		return corrupt("filter %d", filter)
	}
	return nil
}

// undoUp adds eight bytes at a time: the lower seven bits of each byte, which cannot carry into the next byte, and the
// highest bit separately.
func undoUp(row, above []byte) {
	const high = 0x8080808080808080
	above = above[:len(row)]
	for ; len(row) >= 8; row, above = row[8:], above[8:] {
		a, b := binary.LittleEndian.Uint64(row), binary.LittleEndian.Uint64(above)
		binary.LittleEndian.PutUint64(row, (a&^high+b&^high)^(a^b)&high)
	}
	for i, v := range above {
		row[i] += v
	}
}

func undoAverage(row, above []byte, pixel int) {
	above = above[:len(row)]
	for i := range min(pixel, len(row)) {
		row[i] += above[i] / 2
	}
	for i := pixel; i < len(row); i++ {
		row[i] += byte((int(row[i-pixel]) + int(above[i])) / 2)
	}
}

// paeth is the predictor: left, above or upper left, whichever is closest to left + above - upper left. It is short
// enough for the compiler to inline.
func paeth(left, above, corner int) int {
	toLeft, toAbove := above-corner, left-corner
	toCorner := toLeft + toAbove
	toLeft, toAbove, toCorner = max(toLeft, -toLeft), max(toAbove, -toAbove), max(toCorner, -toCorner)
	if toLeft <= min(toAbove, toCorner) {
		return left
	}
	if toAbove <= toCorner {
		return above
	}
	return corner
}

// paethPortable undoes the Paeth filter.
func paethPortable(row, above []byte, pixel int) {
	switch pixel {
	case 4:
		paeth4(row, above)
	case 3:
		paeth3(row, above)
	default:
		paethFrom(0, row, above, pixel)
	}
}

// paethFrom undoes the Paeth filter from a byte of the row on.
func paethFrom(from int, row, above []byte, pixel int) {
	above = above[:len(row)]
	for i := from; i < min(pixel, len(row)); i++ {
		row[i] += above[i]
	}
	for i := max(from, pixel); i < len(row); i++ {
		row[i] += byte(paeth(int(row[i-pixel]), int(above[i]), int(above[i-pixel])))
	}
}

// paeth3 is paethPortable for pixels of 3 bytes. Like paeth4, it keeps the pixel to the left in registers.
func paeth3(row, above []byte) {
	var l0, l1, l2, c0, c1, c2 int
	for ; len(row) >= 3 && len(above) >= 3; row, above = row[3:], above[3:] {
		a0, a1, a2 := int(above[0]), int(above[1]), int(above[2])
		l0 = (paeth(l0, a0, c0) + int(row[0])) & 0xff
		l1 = (paeth(l1, a1, c1) + int(row[1])) & 0xff
		l2 = (paeth(l2, a2, c2) + int(row[2])) & 0xff
		row[0], row[1], row[2] = byte(l0), byte(l1), byte(l2)
		c0, c1, c2 = a0, a1, a2
	}
}

func paeth4(row, above []byte) {
	var l0, l1, l2, l3, c0, c1, c2, c3 int
	for ; len(row) >= 4 && len(above) >= 4; row, above = row[4:], above[4:] {
		a0, a1, a2, a3 := int(above[0]), int(above[1]), int(above[2]), int(above[3])
		l0 = (paeth(l0, a0, c0) + int(row[0])) & 0xff
		l1 = (paeth(l1, a1, c1) + int(row[1])) & 0xff
		l2 = (paeth(l2, a2, c2) + int(row[2])) & 0xff
		l3 = (paeth(l3, a3, c3) + int(row[3])) & 0xff
		row[0], row[1], row[2], row[3] = byte(l0), byte(l1), byte(l2), byte(l3)
		c0, c1, c2, c3 = a0, a1, a2, a3
	}
}
