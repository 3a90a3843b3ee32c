//go:build !amd64

package plane

func deepVertical(dst, src []int16, stride int, weights []int16) {
	deepVerticalPortable(dst, src, stride, weights)
}

func deepHorizontal(dst, src []int16, k *kernel) {
	deepHorizontalPortable(dst, src, k.starts, k.weights, k.taps)
}
