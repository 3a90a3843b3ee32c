//go:build (amd64 || arm64) && !noasm

package hevc

// predictPlanar fills a block with the planar prediction (8.4.4.2.4).
func predictPlanar(dst []uint16, stride int, top, left *[maxBorder]uint16, log2, depth int) {
	if !hasVectors || depth > 10 { // deeper samples have sums of more than 16 bits
		predictPlanarPortable(dst, stride, top, left, log2)
		return
	}
	checkBlock(dst, stride, log2)
	predictPlanarVector(&dst[0], stride, &top[0], &left[0], log2)
}

// predictDC fills a block with the mean of the samples beside it, and returns the mean (8.4.4.2.5).
func predictDC(dst []uint16, stride int, top, left *[maxBorder]uint16, log2 int) int {
	if !hasVectors {
		return predictDCPortable(dst, stride, top, left, log2)
	}
	checkBlock(dst, stride, log2)
	return predictDCVector(&dst[0], stride, &top[0], &left[0], log2)
}

// predictAlong predicts the rows of a block from a row of reference samples. The corner is ref[origin]. Each row is
// angle/32 samples to the left of the one above it (8.4.4.2.6).
func predictAlong(dst []uint16, stride int, ref *references, angle, log2 int) {
	if !hasVectors {
		predictAlongPortable(dst, stride, ref, angle, log2)
		return
	}
	checkBlock(dst, stride, log2)
	predictAlongVector(&dst[0], stride, &ref[origin+1], angle, 1<<log2)
}

// transpose writes the columns of a square as rows.
func transpose(dst []uint16, stride int, from *[1024]uint16, log2 int) {
	if !hasVectors {
		transposePortable(dst, stride, from, log2)
		return
	}
	checkBlock(dst, stride, log2)
	transposeVector(&dst[0], stride, &from[0], 1<<log2)
}

// smooth filters the samples 1 to n-1 of one side with 1, 2, 1 (8.4.4.2.3). n is a multiple of 16. smooth may change
// the samples from n on.
func smooth(to, from *[maxBorder]uint16, n int) {
	if !hasVectors {
		smoothPortable(to, from, n)
		return
	}
	_, _ = to[n], from[n+1]
	smoothVector(&to[0], &from[0], n)
}

// fillFrom sets n samples of one side, starting at an index. It may change the samples after them.
func fillFrom(to *[maxBorder]uint16, from, n int, v uint16) {
	if !hasVectors {
		fillRow(to[from:from+n], v)
		return
	}
	if n > 0 {
		_ = to[from+n+14]
		fillVector(&to[from], n, v)
	}
}

// checkBlock panics if a block goes past the end of dst. The assembly does not check that.
func checkBlock(dst []uint16, stride, log2 int) {
	size := 1 << (log2 & 7)
	_ = dst[(size-1)*stride : (size-1)*stride+size]
}

// predictPlanarVector is predictPlanarPortable for samples of up to 10 bits.
//
//go:noescape
func predictPlanarVector(dst *uint16, stride int, top, left *uint16, log2 int)

// predictDCVector is predictDCPortable.
//
//go:noescape
func predictDCVector(dst *uint16, stride int, top, left *uint16, log2 int) int

// predictAlongVector is predictAlongPortable, with a pointer to the sample after the corner.
//
//go:noescape
func predictAlongVector(dst *uint16, stride int, ref *uint16, angle, size int)

// transposeVector is transposePortable.
//
//go:noescape
func transposeVector(dst *uint16, stride int, from *uint16, size int)

// smoothVector is smoothPortable. It writes a multiple of 16 samples, at least n, from sample 1 on.
//
//go:noescape
func smoothVector(to, from *uint16, n int)

// fillVector sets a multiple of 16 samples, at least n.
//
//go:noescape
func fillVector(to *uint16, n int, v uint16)
