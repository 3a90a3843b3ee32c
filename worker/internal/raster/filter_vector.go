//go:build amd64 || arm64

package raster

// verticalVector and deepVerticalVector are verticalPortable for at least 16 columns and 2 weights, in multiples of 16 and
// 2. They read the first len(dst) samples of each row and no others.
//
//go:noescape
func verticalVector(dst []int16, src []uint8, stride int, weights []int16)

//go:noescape
func deepVerticalVector(dst, src []int16, stride int, weights []int16)

// horizontalVector and deepHorizontalVector are horizontalPortable for at least 4 outputs and 8 taps, in multiples of 4 and
// 8. They trust starts and taps, which must lie within src.
//
//go:noescape
func horizontalVector(dst []uint8, src []int16, starts []int32, weights []int16, taps int)

//go:noescape
func deepHorizontalVector(dst, src []int16, starts []int32, weights []int16, taps int)

// vertical is verticalPortable. If the columns are not a multiple of a vector, the last vector overlaps the one before.
func vertical[S sample](dst []int16, src []S, stride int, weights []int16) {
	rows, n := len(weights), len(dst)
	if !hasVectors || n < columns || rows == 0 || rows%rowsAtOnce != 0 {
		verticalPortable(dst, src, stride, weights)
		return
	}
	src = src[:(rows-1)*stride+n] // panics where the assembly would read past the end
	even := n &^ (columns - 1)
	verticalSteps(dst[:even], src, stride, weights)
	if even < n {
		verticalSteps(dst[n-columns:], src[n-columns:], stride, weights)
	}
}

// horizontal is horizontalPortable for a kernel, whose starts and taps all lie before its end.
func horizontal[D sample](dst []D, src []int16, k *kernel) {
	n := len(k.starts)
	if !hasVectors || n < outputs || k.taps == 0 || k.taps%tapsAtOnce != 0 {
		horizontalPortable(dst, src, k.starts, k.weights, k.taps)
		return
	}
	dst, src = dst[:n], src[:k.end] // panics where the assembly would go past the ends
	weights := k.weights[:n*k.taps]
	even := n &^ (outputs - 1)
	horizontalSteps(dst[:even], src, k.starts[:even], weights, k.taps)
	if even < n {
		last := n - outputs
		horizontalSteps(dst[last:], src, k.starts[last:], weights[last*k.taps:], k.taps)
	}
}

func verticalSteps[S sample](dst []int16, src []S, stride int, weights []int16) {
	switch src := any(src).(type) {
	case []uint8:
		verticalVector(dst, src, stride, weights)
	case []int16:
		deepVerticalVector(dst, src, stride, weights)
	}
}

func horizontalSteps[D sample](dst []D, src []int16, starts []int32, weights []int16, taps int) {
	switch dst := any(dst).(type) {
	case []uint8:
		horizontalVector(dst, src, starts, weights, taps)
	case []int16:
		deepHorizontalVector(dst, src, starts, weights, taps)
	}
}
