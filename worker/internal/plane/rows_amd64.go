package plane

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

// verticalAVX2 is verticalPortable for a number of columns that is a multiple of 16 and of weights that is even, of
// neither of which there may be none. It reads the first len(dst) samples of each row and no others.
//
//go:noescape
func verticalAVX2(dst []int16, src []uint8, stride int, weights []int16)

// horizontalAVX2 is horizontalPortable for a number of outputs that is a multiple of 4 and of taps that is one of 8, of
// neither of which there may be none. It reads what the starts and taps say, which have to lie within src.
//
//go:noescape
func horizontalAVX2(dst []uint8, src []int16, starts []int32, weights []int16, taps int)

// vertical is verticalPortable. Where vectors do not come out even, the last one overlaps the one before.
func vertical(dst []int16, src []uint8, stride int, weights []int16) {
	rows, n := len(weights), len(dst)
	if !hasAVX2 || n < columns || rows == 0 || rows%rowsAtOnce != 0 {
		verticalPortable(dst, src, stride, weights)
		return
	}
	src = src[:(rows-1)*stride+n] // panics, where the assembly would read beyond the end
	even := n &^ (columns - 1)
	verticalAVX2(dst[:even], src, stride, weights)
	if even < n {
		verticalAVX2(dst[n-columns:], src[n-columns:], stride, weights)
	}
}

// horizontal is horizontalPortable for a kernel, all of whose starts and taps lie before its end.
func horizontal(dst []uint8, src []int16, k *kernel) {
	n := len(k.starts)
	if !hasAVX2 || n < outputs || k.taps == 0 || k.taps%tapsAtOnce != 0 {
		horizontalPortable(dst, src, k.starts, k.weights, k.taps)
		return
	}
	dst, src = dst[:n], src[:k.end] // panic, where the assembly would go beyond the ends
	weights := k.weights[:n*k.taps]
	even := n &^ (outputs - 1)
	horizontalAVX2(dst[:even], src, k.starts[:even], weights, k.taps)
	if even < n {
		last := n - outputs
		horizontalAVX2(dst[last:], src, k.starts[last:], weights[last*k.taps:], k.taps)
	}
}
