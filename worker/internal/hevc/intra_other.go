//go:build !(amd64 || arm64) || noasm

package hevc

// predictPlanar fills a block with the planar prediction (8.4.4.2.4).
func predictPlanar(dst []uint16, stride int, top, left *[maxBorder]uint16, log2, _ int) {
	predictPlanarPortable(dst, stride, top, left, log2)
}

// predictDC fills a block with the mean of the samples beside it, and returns the mean (8.4.4.2.5).
func predictDC(dst []uint16, stride int, top, left *[maxBorder]uint16, log2 int) int {
	return predictDCPortable(dst, stride, top, left, log2)
}

// predictAlong predicts the rows of a block from a row of reference samples. The corner is ref[origin]. Each row is
// angle/32 samples to the left of the one above it (8.4.4.2.6).
func predictAlong(dst []uint16, stride int, ref *references, angle, log2 int) {
	predictAlongPortable(dst, stride, ref, angle, log2)
}

// transpose writes the columns of a square as rows.
func transpose(dst []uint16, stride int, from *[1024]uint16, log2 int) {
	transposePortable(dst, stride, from, log2)
}

// smooth filters the samples 1 to n-1 of one side with 1, 2, 1 (8.4.4.2.3). n is a multiple of 16. smooth may change
// the samples from n on.
func smooth(to, from *[maxBorder]uint16, n int) { smoothPortable(to, from, n) }

// fillFrom sets n samples of one side, starting at an index. It may change the samples after them.
func fillFrom(to *[maxBorder]uint16, from, n int, v uint16) { fillRow(to[from:from+n], v) }
