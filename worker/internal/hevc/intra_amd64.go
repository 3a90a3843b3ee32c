//go:build !noasm

package hevc

// predictPlanar fills a block with the planar prediction (8.4.4.2.4).
func predictPlanar(dst []uint16, stride int, top, left *[maxBorder]uint16, log2, depth int) {
	if !hasAVX2 || depth > 10 { // sums take more than 16 bits in deeper samples
		predictPlanarPortable(dst, stride, top, left, log2)
		return
	}
	checkBlock(dst, stride, log2)
	predictPlanarAVX2(&dst[0], stride, &top[0], &left[0], log2)
}

// predictDC fills a block with the mean of the samples beside it, and returns the mean (8.4.4.2.5).
func predictDC(dst []uint16, stride int, top, left *[maxBorder]uint16, log2 int) int {
	if !hasAVX2 {
		return predictDCPortable(dst, stride, top, left, log2)
	}
	checkBlock(dst, stride, log2)
	return predictDCAVX2(&dst[0], stride, &top[0], &left[0], log2)
}

// predictAlong makes the rows of a block from a row of reference samples, of which ref[origin] is the corner. Each row
// is angle/32 samples to the left of the one above it (8.4.4.2.6).
func predictAlong(dst []uint16, stride int, ref *references, angle, log2 int) {
	if !hasAVX2 {
		predictAlongPortable(dst, stride, ref, angle, log2)
		return
	}
	checkBlock(dst, stride, log2)
	predictAlongAVX2(&dst[0], stride, &ref[origin+1], angle, 1<<log2)
}

// transpose writes the columns of a square as rows.
func transpose(dst []uint16, stride int, from *[1024]uint16, log2 int) {
	if !hasAVX2 {
		transposePortable(dst, stride, from, log2)
		return
	}
	checkBlock(dst, stride, log2)
	transposeAVX2(&dst[0], stride, &from[0], 1<<log2)
}

// smooth filters the samples 1 to n-1 of one side with 1, 2, 1 (8.4.4.2.3). It may change those from n on, which is a
// multiple of 16.
func smooth(to, from *[maxBorder]uint16, n int) {
	if !hasAVX2 {
		smoothPortable(to, from, n)
		return
	}
	_, _ = to[n], from[n+1]
	smoothAVX2(&to[0], &from[0], n)
}

// fillFrom sets n samples of one side, from an index on. It may change those after them.
func fillFrom(to *[maxBorder]uint16, from, n int, v uint16) {
	if !hasAVX2 {
		fillRow(to[from:from+n], v)
		return
	}
	if n > 0 {
		_ = to[from+n+14]
		fillAVX2(&to[from], n, v)
	}
}

// checkBlock panics if a block goes past the end of dst, where the assembly would not.
func checkBlock(dst []uint16, stride, log2 int) {
	size := 1 << (log2 & 7)
	_ = dst[(size-1)*stride : (size-1)*stride+size]
}

// predictPlanarAVX2 is predictPlanarPortable for samples of up to 10 bits.
//
//go:noescape
func predictPlanarAVX2(dst *uint16, stride int, top, left *uint16, log2 int)

// predictDCAVX2 is predictDCPortable.
//
//go:noescape
func predictDCAVX2(dst *uint16, stride int, top, left *uint16, log2 int) int

// predictAlongAVX2 is predictAlongPortable with a pointer to the sample after the corner.
//
//go:noescape
func predictAlongAVX2(dst *uint16, stride int, ref *uint16, angle, size int)

// transposeAVX2 is transposePortable.
//
//go:noescape
func transposeAVX2(dst *uint16, stride int, from *uint16, size int)

// smoothAVX2 is smoothPortable. It writes the samples from 1 on, a multiple of 16 of them that is n or more.
//
//go:noescape
func smoothAVX2(to, from *uint16, n int)

// fillAVX2 sets a multiple of 16 samples, which is n or more.
//
//go:noescape
func fillAVX2(to *uint16, n int, v uint16)
