//go:build !(amd64 || arm64) || noasm

package hevc

func lumaVertical(pix []uint16, stride, rows int, edges []levels, top int) {
	lumaVerticalPortable(pix, stride, rows, edges, top)
}

func lumaHorizontal(pix []uint16, stride int, edges []levels, top int) {
	lumaHorizontalPortable(pix, stride, edges, top)
}

func chromaVertical(pix []uint16, stride, rows int, edges []levels, top int) {
	chromaVerticalPortable(pix, stride, rows, edges, top)
}

func chromaHorizontal(pix []uint16, stride int, edges []levels, top int) {
	chromaHorizontalPortable(pix, stride, edges, top)
}

func offsetEdges(dst, src, a, b []uint16, table *[8]int16, top int) {
	offsetEdgesPortable(dst, src, a, b, table, top)
}

func offsetBands(dst, src []uint16, table *[8]int16, first, shift, top int) {
	offsetBandsPortable(dst, src, table, first, shift, top)
}
