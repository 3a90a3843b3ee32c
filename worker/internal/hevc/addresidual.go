package hevc

// addResidual adds the residual samples of a block of 1<<log2 rows and columns to the prediction in pix. It clips the
// sums to depth bits (8.6.7). The residual sample at x, y is res[y<<log2|x].
func addResidual(pix []uint16, stride int, res *[1024]int32, log2, depth int) {
	size, largest := 1<<log2, int32(1)<<depth-1
	for y := range size {
		row := pix[y*stride:][:size]
		for x, r := range res[y<<log2:][:size] {
			row[x] = uint16(min(max(int32(row[x])+r, 0), largest))
		}
	}
}

// addConstantPortable is addResidual for residual samples that all have the same value.
func addConstantPortable(pix []uint16, stride int, log2, value, depth int) {
	size, largest := 1<<log2, 1<<depth-1
	for y := range size {
		row := pix[y*stride:][:size]
		for x, p := range row {
			row[x] = uint16(min(max(int(p)+value, 0), largest))
		}
	}
}
