package hevc

// addInversePortable is addInverse without vector code.
func addInversePortable(pix []uint16, stride int, coeffs *[1024]int16, kind int, log2, columns, rows, depth int) {
	if kind == dct && columns == 1 && rows == 1 {
		addConstantPortable(pix, stride, log2, constantResidual(coeffs[0], depth), depth)
		coeffs[0] = 0
		return
	}
	if log2 <= 3 {
		var columnsDone [64]int32
		inverseColumns(columnsDone[:], coeffs, kind, log2, columns, rows)
		addInverseRows(pix, stride, columnsDone[:], kind, log2, columns, depth)
		return
	}
	var columnsDone [1024]int32
	inverseColumns(columnsDone[:], coeffs, kind, log2, columns, rows)
	addInverseRows(pix, stride, columnsDone[:], kind, log2, columns, depth)
}

// inverseColumns is the first stage of the inverse transform. It stores the first columns of the result in to, in rows
// of 1<<log2 samples, and sets the coefficients to 0.
func inverseColumns(to []int32, coeffs *[1024]int16, kind int, log2, columns, rows int) {
	var column, line [32]int32
	for x := range columns {
		for y := range rows {
			c := &coeffs[y<<log2|x]
			column[y] = int32(*c)
			*c = 0
		}
		inverseLine(&line, column[:rows], kind, log2)
		for y := range 1 << log2 {
			v := (line[y] + 1<<(columnShift-1)) >> columnShift
			to[y<<log2|x] = min(max(v, -1<<15), 1<<15-1)
		}
	}
}

// addInverseRows is the second stage of the inverse transform. It adds the residual samples to pix.
func addInverseRows(pix []uint16, stride int, from []int32, kind int, log2, columns, depth int) {
	size := 1 << log2
	shift, largest := (20-depth)&31, int32(1)<<depth-1
	half := int32(1) << (shift - 1)
	var line [32]int32
	for y := range size {
		inverseLine(&line, from[y<<log2:][:columns], kind, log2)
		row := pix[y*stride:][:size]
		for x, v := range line[:size] {
			row[x] = uint16(min(max(int32(row[x])+(v+half)>>shift, 0), largest))
		}
	}
}

// inverseLine transforms a row or column of 1<<log2 coefficients to samples, without a shift. Coefficients beyond from
// are 0.
func inverseLine(to *[32]int32, from []int32, kind, log2 int) {
	if kind == dst {
		clear(to[:4])
		for k, c := range from {
			for j, weight := range dstMatrix[k] {
				to[j] += c * weight
			}
		}
		return
	}
	// First comes a DCT of four, then of eight, 16 and 32. The even coefficients of a DCT are a DCT of half the size.
	// The odd coefficients add a difference that has opposite signs on both sides of the middle.
	size := 1 << log2
	step := size / 4
	var c [4]int32
	for k := range c {
		if k*step < len(from) {
			c[k] = from[k*step]
		}
	}
	even0, even1 := 64*(c[0]+c[2]), 64*(c[0]-c[2])
	odd0, odd1 := 83*c[1]+36*c[3], 36*c[1]-83*c[3]
	to[0], to[1], to[2], to[3] = even0+odd0, even1+odd1, even1-odd1, even0-odd0
	for half := 4; half < size; half *= 2 {
		step /= 2
		for j := 0; j < half; j += 4 {
			var odd0, odd1, odd2, odd3 int32
			for k := step; k < len(from); k += 2 * step {
				c, weights := from[k], (*[4]int32)(dctMatrix[k<<(5-log2)&31][j&15:])
				odd0 += c * weights[0]
				odd1 += c * weights[1]
				odd2 += c * weights[2]
				odd3 += c * weights[3]
			}
			left, right := (*[4]int32)(to[j:]), (*[4]int32)(to[2*half-4-j:])
			right[3], left[0] = left[0]-odd0, left[0]+odd0
			right[2], left[1] = left[1]-odd1, left[1]+odd1
			right[1], left[2] = left[2]-odd2, left[2]+odd2
			right[0], left[3] = left[3]-odd3, left[3]+odd3
		}
	}
}
