package jpegwrite

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

// transformBlocks does what transformBlocksPortable does. It may transform one block more if dst has one.
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

// transformBlocksAVX2 does what transformBlocksPortable does, two blocks at a time. It calculates one mask for each
// block, or all masks if precisions is more than 1.
//
//go:noescape
func transformBlocksAVX2(dst *block, m *masks, pix *byte, stride, pairs, precisions int, d *divisors)
