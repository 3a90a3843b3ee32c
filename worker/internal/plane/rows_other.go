//go:build !amd64

package plane

func vertical(dst []int16, src []uint8, stride int, weights []int16) {
	verticalPortable(dst, src, stride, weights)
}

func horizontal(dst []uint8, src []int16, k *kernel) {
	horizontalPortable(dst, src, k.starts, k.weights, k.taps)
}
