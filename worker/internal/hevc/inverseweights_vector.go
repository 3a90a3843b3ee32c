//go:build (amd64 || arm64) && !noasm

package hevc

// weight returns the weight of coefficient k in sample j of a DCT of the given size. j is in the first half.
func weight(size, k, j int) int16 { return int16(dctMatrix[k*(32/size)][j]) }

// matrix4 returns the weights of a transform of 4x4 samples: the weight of coefficient k in sample j is matrix4[k][j].
func matrix4(kind int) [4][4]int32 {
	matrix := dstMatrix
	if kind == dct {
		for k := range matrix {
			left, right := dctMatrix[8*k][:2], int32(1-k%2*2)
			matrix[k] = [4]int32{left[0], left[1], right * left[1], right * left[0]}
		}
	}
	return matrix
}
