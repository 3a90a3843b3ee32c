//go:build !noasm

package hevc

// The vector kernels multiply a vector of coefficients by one weight, or a vector of weights by one coefficient. From
// 8x8 samples on, a sample is the sum of the even coefficients' products plus that of the odd ones. The difference of
// both sums is its mirror image. The tables hold the weights in the order in which the kernels load them.
var (
	// Weights of the DCT and of the DST of 4x4 samples: four for each coefficient.
	weights4 = [2][]int16{dct: makeWeights4(dct), dst: makeWeights4(dst)}

	// Weights of 8x8 samples: for each coefficient, those of the left four samples. Both stages use them.
	weights8 = makeRowWeights(8)

	// Weights of the columns' stage: for four rows of the result at a time, the four weights of each coefficient.
	columnWeights16 = makeColumnWeights(16)
	columnWeights32 = makeColumnWeights(32)

	// Weights of the rows' stage: for each coefficient, those of the samples in the left half.
	rowWeights16 = makeRowWeights(16)
	rowWeights32 = makeRowWeights(32)
)

func makeWeights4(kind int) (w []int16) {
	for _, weights := range matrix4(kind) {
		for _, v := range weights {
			w = append(w, int16(v))
		}
	}
	return w
}

func makeColumnWeights(size int) (w []int16) {
	for first := 0; first < size/2; first += 4 {
		for k := range size {
			for y := range 4 {
				w = append(w, weight(size, k, first+y))
			}
		}
	}
	return w
}

func makeRowWeights(size int) (w []int16) {
	for k := range size {
		for x := range size / 2 {
			w = append(w, weight(size, k, x))
		}
	}
	return w
}
