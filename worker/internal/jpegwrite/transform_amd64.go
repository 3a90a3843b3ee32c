package jpegwrite

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

// transformBlocks is transformBlocksPortable. It may transform one more block, if dst has one.
func transformBlocks(dst []block, m []masks, pix []byte, count, precisions int, d *divisors) {
	pairs := (count + 1) / 2
	if !hasAVX2 || 2*pairs > len(dst) {
		transformBlocksPortable(dst, m, pix, count, precisions, d)
		return
	}
	stride := 8 * len(dst)
	_, _ = m[:2*pairs], pix[:7*stride+16*pairs] // panics where the assembly would go past the ends
	transformBlocksAVX2(&dst[0], &m[0], &pix[0], stride, pairs, precisions, d)
}

// transformBlocksAVX2 does two blocks at a time what transformBlocksPortable does. It calculates one mask of each, or all if
// precisions is more than 1.
//
//go:noescape
func transformBlocksAVX2(dst *block, m *masks, pix *byte, stride, pairs, precisions int, d *divisors)
