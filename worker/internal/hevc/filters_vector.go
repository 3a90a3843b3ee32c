//go:build (amd64 || arm64) && !noasm

package hevc

// The assembly functions do what their portable namesakes do, for sixteen lines of samples at a time. They do not check
// bounds; their callers do. n is how many levels there are, at least one.

//go:noescape
func lumaHorizontalVector(pix *uint16, stride int, edges *levels, n int, top uint16)

// chromaHorizontalVector takes a pointer to sample p1.
//
//go:noescape
func chromaHorizontalVector(pix *uint16, stride int, edges *levels, n int, top uint16)

// lumaVerticalVector and chromaVerticalVector process 16 rows. If high is 8*stride, the rows follow each other. If high
// is 0, there are eight rows, and the third and fourth segments have levels of 0.
//
//go:noescape
func lumaVerticalVector(pix *uint16, stride, high int, edges *levels, n int, top uint16)

//go:noescape
func chromaVerticalVector(pix *uint16, stride, high int, edges *levels, n int, top uint16)

// offsetEdgesVector and offsetBandsVector process at least 8 samples. The last vector overlaps the one before.
//
//go:noescape
func offsetEdgesVector(dst, src, a, b *uint16, n int, table *[8]int16, top uint16)

//go:noescape
func offsetBandsVector(dst, src *uint16, n int, table *[8]int16, shift int, first, top uint16)

func lumaHorizontal(pix []uint16, stride int, edges []levels, top int) {
	if !hasVectors || len(edges) == 0 {
		lumaHorizontalPortable(pix, stride, edges, top)
		return
	}
	_ = pix[7*stride+16*len(edges)-1]
	lumaHorizontalVector(&pix[0], stride, &edges[0], len(edges), uint16(top))
}

func chromaHorizontal(pix []uint16, stride int, edges []levels, top int) {
	if !hasVectors || len(edges) == 0 {
		chromaHorizontalPortable(pix, stride, edges, top)
		return
	}
	_ = pix[7*stride+16*len(edges)-1]
	chromaHorizontalVector(&pix[2*stride], stride, &edges[0], len(edges), uint16(top))
}

func lumaVertical(pix []uint16, stride, rows int, edges []levels, top int) {
	if !hasVectors || len(edges) == 0 || rows%8 != 0 {
		lumaVerticalPortable(pix, stride, rows, edges, top)
		return
	}
	_ = pix[(rows-1)*stride+8*len(edges)-1]
	lumaVerticalVector(&pix[0], stride, (rows-8)*stride, &edges[0], len(edges), uint16(top))
}

func chromaVertical(pix []uint16, stride, rows int, edges []levels, top int) {
	if !hasVectors || len(edges) == 0 || rows%8 != 0 {
		chromaVerticalPortable(pix, stride, rows, edges, top)
		return
	}
	_ = pix[(rows-1)*stride+8*len(edges)-1]
	chromaVerticalVector(&pix[0], stride, (rows-8)*stride, &edges[0], len(edges), uint16(top))
}

func offsetEdges(dst, src, a, b []uint16, table *[8]int16, top int) {
	n := len(dst)
	if !hasVectors || n < 8 {
		offsetEdgesPortable(dst, src, a, b, table, top)
		return
	}
	src, a, b = src[:n], a[:n], b[:n]
	offsetEdgesVector(&dst[0], &src[0], &a[0], &b[0], n, table, uint16(top))
}

func offsetBands(dst, src []uint16, table *[8]int16, first, shift, top int) {
	n := len(dst)
	if !hasVectors || n < 8 {
		offsetBandsPortable(dst, src, table, first, shift, top)
		return
	}
	src = src[:n]
	offsetBandsVector(&dst[0], &src[0], n, table, shift, uint16(first), uint16(top))
}
