//go:build amd64 || arm64

package raster

// verticalVector and deepVerticalVector do what verticalPortable does. The number of columns must be a multiple of 16
// and the number of weights a multiple of 2, and neither may be 0. They read exactly the first len(dst) samples of each
// row.
//
//go:noescape
func verticalVector(dst []int16, src []uint8, stride int, weights []int16)

//go:noescape
func deepVerticalVector(dst, src []int16, stride int, weights []int16)

// horizontalVector and deepHorizontalVector do what horizontalPortable does. The number of outputs must be a multiple
// of 4 and the number of taps a multiple of 8, and neither may be 0. They do not check starts and taps, which must lie
// within src.
//
//go:noescape
func horizontalVector(dst []uint8, src []int16, starts []int32, weights []int16, taps int)

//go:noescape
func deepHorizontalVector(dst, src []int16, starts []int32, weights []int16, taps int)

// vertical does what verticalPortable does. If the columns do not fill the last vector, it overlaps the one before.
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

// horizontal does what horizontalPortable does. All starts of the kernel, and the taps that follow them, lie before its
// end.
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
