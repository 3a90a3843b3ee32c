package plane

// deepVerticalAVX2 is deepVerticalPortable within the limits of verticalAVX2.
//
//go:noescape
func deepVerticalAVX2(dst, src []int16, stride int, weights []int16)

// deepHorizontalAVX2 is deepHorizontalPortable within the limits of horizontalAVX2.
//
//go:noescape
func deepHorizontalAVX2(dst, src []int16, starts []int32, weights []int16, taps int)

// deepVertical is deepVerticalPortable. Where vectors do not come out even, the last one overlaps the one before.
func deepVertical(dst, src []int16, stride int, weights []int16) {
	rows, n := len(weights), len(dst)
	if !hasAVX2 || n < columns || rows == 0 || rows%rowsAtOnce != 0 {
		deepVerticalPortable(dst, src, stride, weights)
		return
	}
	src = src[:(rows-1)*stride+n] // panics, where the assembly would read beyond the end
	even := n &^ (columns - 1)
	deepVerticalAVX2(dst[:even], src, stride, weights)
	if even < n {
		deepVerticalAVX2(dst[n-columns:], src[n-columns:], stride, weights)
	}
}

// deepHorizontal is deepHorizontalPortable for a kernel, all of whose starts and taps lie before its end.
func deepHorizontal(dst, src []int16, k *kernel) {
	n := len(k.starts)
	if !hasAVX2 || n < outputs || k.taps == 0 || k.taps%tapsAtOnce != 0 {
		deepHorizontalPortable(dst, src, k.starts, k.weights, k.taps)
		return
	}
	dst, src = dst[:n], src[:k.end] // panic, where the assembly would go beyond the ends
	weights := k.weights[:n*k.taps]
	even := n &^ (outputs - 1)
	deepHorizontalAVX2(dst[:even], src, k.starts[:even], weights, k.taps)
	if even < n {
		last := n - outputs
		deepHorizontalAVX2(dst[last:], src, k.starts[last:], weights[last*k.taps:], k.taps)
	}
}
