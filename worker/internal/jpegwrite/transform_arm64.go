package jpegwrite

// transformBlocks does what transformBlocksPortable does.
func transformBlocks(dst []block, m []masks, pix []byte, count, precisions int, d *divisors) {
	if count == 0 {
		return
	}
	stride := 8 * len(dst)
	_, _, _ = dst[:count], m[:count], pix[:7*stride+8*count] // panics where the assembly would go past the ends
	transformBlocksNEON(&dst[0], &m[0], &pix[0], stride, count, precisions, d)
}

// transformBlocksNEON does what transformBlocksPortable does. It calculates one mask for each block, or all masks if
// precisions is more than 1.
//
//go:noescape
func transformBlocksNEON(dst *block, m *masks, pix *byte, stride, count, precisions int, d *divisors)
