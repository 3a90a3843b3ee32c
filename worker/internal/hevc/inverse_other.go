//go:build !(amd64 || arm64) || noasm

package hevc

// addInverse adds the inverse transform of a block of scaled coefficients to the prediction in pix. It clips the sums
// to depth bits (8.6.2, 8.6.4.2, 8.6.7). The coefficient at x, y is coeffs[y<<log2|x]. All coefficients that are not 0
// have x < columns and y < rows, both at least 1. addInverse sets these coefficients to 0.
func addInverse(pix []uint16, stride int, coeffs *[1024]int16, kind int, log2, columns, rows, depth int) {
	addInversePortable(pix, stride, coeffs, kind, log2, columns, rows, depth)
}
