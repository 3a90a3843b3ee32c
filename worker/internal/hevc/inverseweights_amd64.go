//go:build !noasm

package hevc

// The vector kernels multiply pairs of coefficients by pairs of weights and add both products. The tables hold the
// weights in the order in which the kernels load them.
//
// A quad is four successive coefficients k to k+3. From 8x8 samples on, the even ones k and k+2 form a pair, and so do
// the odd ones. The sum of the even pairs plus the sum of the odd pairs is a sample; their difference is its mirror
// image.
var quad = [4]int{0, 2, 1, 3}

var (
	// Weights of the DCT and of the DST of 4x4 samples. First come those of the columns' stage: for rows 0 and 1 of the
	// result the pair of coefficients 0 and 1, then 2 and 3; then the same for rows 2 and 3. Those of the rows' stage
	// follow: for four samples the pair 0 and 1, then 2 and 3.
	weights4 = [2][]int16{dct: makeWeights4(dct), dst: makeWeights4(dst)}

	// Weights of 8x8 samples: those of the columns' stage as below, then those of the rows' stage for four samples,
	// twice.
	weights8 = makeWeights8()

	// Weights of the columns' stage: the quads for each row of the upper half of the result.
	columnWeights16 = makeColumnWeights(16)
	columnWeights32 = makeColumnWeights(32)

	// Weights of the rows' stage: for each quad the even pairs of the samples in the left half, then the odd pairs. The
	// samples are in the order that VPACKSSDW expects.
	rowWeights16 = makeRowWeights(16, []int{0, 1, 2, 3, 4, 5, 6, 7})
	rowWeights32 = makeRowWeights(32, []int{0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15})
)

func makeWeights4(kind int) []int16 {
	w := make([]int16, 6*16)
	matrix := matrix4(kind)
	for pair := range 2 {
		for i := range 16 {
			k := 2*pair + i%2
			w[16*pair+i] = int16(matrix[k][i/8])
			w[16*(2+pair)+i] = int16(matrix[k][2+i/8])
			w[16*(4+pair)+i] = int16(matrix[k][i/2%4])
		}
	}
	return w
}

func makeWeights8() []int16 {
	return append(makeColumnWeights(8), makeRowWeights(8, []int{0, 1, 2, 3, 0, 1, 2, 3})...)
}

func makeColumnWeights(size int) []int16 {
	var w []int16
	for y := range size / 2 {
		for first := 0; first < size; first += 4 {
			for _, k := range quad {
				w = append(w, weight(size, first+k, y))
			}
		}
	}
	return w
}

func makeRowWeights(size int, samples []int) []int16 {
	var w []int16
	for first := 0; first < size; first += 4 {
		for _, pair := range [][]int{quad[:2], quad[2:]} {
			for _, x := range samples {
				for _, k := range pair {
					w = append(w, weight(size, first+k, x))
				}
			}
		}
	}
	return w
}
