package vp8

// quantizer holds the factors of coefficients in a segment: of the first one of a block (DC), and of the others (AC).
type quantizer struct{ y, y2, uv [2]int32 }

// readQuantizers reads the indexes of the frame's factors and sets those of the segments (9.6, 14.1).
func (h *header) readQuantizers() {
	b := &h.first
	frame := b.unsigned(7)
	yDC, y2DC, y2AC, uvDC, uvAC := b.optional(4), b.optional(4), b.optional(4), b.optional(4), b.optional(4)
	for i := range h.quantizers {
		q := frame
		if h.segmented {
			q = h.segmentQuantizer[i]
			if h.segmentRelative {
				q += frame
			}
		}
		h.quantizers[i] = quantizer{
			y:  [2]int32{factor(&factorsDC, q+yDC), factor(&factorsAC, q)},
			y2: [2]int32{2 * factor(&factorsDC, q+y2DC), max(factor(&factorsAC, q+y2AC)*155/100, 8)},
			uv: [2]int32{min(factor(&factorsDC, q+uvDC), 132), factor(&factorsAC, q+uvAC)},
		}
	}
}

func factor(table *[128]int32, index int) int32 { return table[min(max(index, 0), 127)] }

// factorsDC and factorsAC hold the factors by index (14.1).
var factorsDC = [128]int32{
	4, 5, 6, 7, 8, 9, 10, 10, 11, 12, 13, 14, 15, 16, 17, 17,
	18, 19, 20, 20, 21, 21, 22, 22, 23, 23, 24, 25, 25, 26, 27, 28,
	29, 30, 31, 32, 33, 34, 35, 36, 37, 37, 38, 39, 40, 41, 42, 43,
	44, 45, 46, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
	59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74,
	75, 76, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
	91, 93, 95, 96, 98, 100, 101, 102, 104, 106, 108, 110, 112, 114, 116, 118,
	122, 124, 126, 128, 130, 132, 134, 136, 138, 140, 143, 145, 148, 151, 154, 157,
}

var factorsAC = [128]int32{
	4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
	20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
	36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
	52, 53, 54, 55, 56, 57, 58, 60, 62, 64, 66, 68, 70, 72, 74, 76,
	78, 80, 82, 84, 86, 88, 90, 92, 94, 96, 98, 100, 102, 104, 106, 108,
	110, 112, 114, 116, 119, 122, 125, 128, 131, 134, 137, 140, 143, 146, 149, 152,
	155, 158, 161, 164, 167, 170, 173, 177, 181, 185, 189, 193, 197, 201, 205, 209,
	213, 217, 221, 225, 229, 234, 239, 245, 249, 254, 259, 264, 269, 274, 279, 284,
}
