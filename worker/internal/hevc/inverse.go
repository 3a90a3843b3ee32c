package hevc

// Kinds of inverse transforms (8.6.4.2).
const (
	dct = iota
	dst // of 4x4 intra luma blocks
)

// addInverse adds the inverse transform of a block of scaled coefficients to the prediction in dst, and clips the sums to
// depth bits (8.6.2, 8.6.4.2, 8.6.7). The coefficient at x, y is coeffs[y<<log2|x]; all that are not 0 have x < columns
// and y < rows, both at least 1. It sets these coefficients to 0.
func addInverse(dst []uint16, stride int, coeffs *[1024]int16, kind int, log2, columns, rows, depth int) {
}

// inverse is addInverse without the addition: it stores the residual samples in res, in rows of 1<<log2.
func inverse(res *[1024]int32, coeffs *[1024]int16, kind int, log2, columns, rows, depth int) {}
