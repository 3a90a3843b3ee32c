//go:build !amd64 && !arm64

package raster

// vertical filters rows of samples into one row.
func vertical[S sample](dst []int16, src []S, stride int, weights []int16) {
	verticalPortable(dst, src, stride, weights)
}

// horizontal filters one row into samples.
func horizontal[D sample](dst []D, src []int16, k *kernel) {
	horizontalPortable(dst, src, k.starts, k.weights, k.taps)
}
