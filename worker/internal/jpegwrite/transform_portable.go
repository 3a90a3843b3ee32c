//go:build !amd64 && !arm64

package jpegwrite

// transformBlocks does what transformBlocksPortable does.
func transformBlocks(dst []block, m []masks, pix []byte, count, precisions int, d *divisors) {
	transformBlocksPortable(dst, m, pix, count, precisions, d)
}
