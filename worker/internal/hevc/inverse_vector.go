//go:build (amd64 || arm64) && !noasm

package hevc

// addInverse adds the inverse transform of a block of scaled coefficients to the prediction in pix. It clips the sums
// to depth bits (8.6.2, 8.6.4.2, 8.6.7). The coefficient at x, y is coeffs[y<<log2|x]. All coefficients that are not 0
// have x < columns and y < rows, both at least 1. addInverse sets these coefficients to 0.
func addInverse(pix []uint16, stride int, coeffs *[1024]int16, kind int, log2, columns, rows, depth int) {
	if !hasVectors {
		addInversePortable(pix, stride, coeffs, kind, log2, columns, rows, depth)
		return
	}
	size := 1 << log2
	columns, rows = min(max(columns, 1), size), min(max(rows, 1), size)
	_ = pix[(size-1)*stride : (size-1)*stride+size] // panics if the assembly would go past the end
	if kind == dct && columns == 1 && rows == 1 {
		addConstantVector(&pix[0], stride, size, constantResidual(coeffs[0], depth), depth)
		coeffs[0] = 0
		return
	}
	switch log2 {
	case 2:
		addInverse4Vector(&pix[0], stride, &coeffs[0], &weights4[kind][0], depth)
	case 3:
		addInverse8Vector(&pix[0], stride, &coeffs[0], &weights8[0], columns, depth)
	case 4:
		addInverseLargeVector(&pix[0], stride, &coeffs[0], &columnWeights16[0], &rowWeights16[0], size,
			columns, rows, depth)
	case 5:
		addInverseLargeVector(&pix[0], stride, &coeffs[0], &columnWeights32[0], &rowWeights32[0], size,
			columns, rows, depth)
	}
}

// addConstantVector is addConstantPortable for a block of size rows and columns. value must fit 16 bits.
//
//go:noescape
func addConstantVector(pix *uint16, stride, size, value, depth int)

// addInverse4Vector is addInversePortable for 4x4 samples.
//
//go:noescape
func addInverse4Vector(pix *uint16, stride int, coeffs, weights *int16, depth int)

// addInverse8Vector is addInversePortable for 8x8 samples.
//
//go:noescape
func addInverse8Vector(pix *uint16, stride int, coeffs, weights *int16, columns, depth int)

// addInverseLargeVector is addInversePortable for a size of 16 or 32, with the weights of that size.
//
//go:noescape
func addInverseLargeVector(pix *uint16, stride int, coeffs, columnWeights, rowWeights *int16,
	size, columns, rows, depth int)
