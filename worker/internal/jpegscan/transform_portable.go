//go:build !amd64 && !arm64

package jpegscan

// transform8 writes 8 rows of 8 pixels of a block.
func transform8(b *[64]int32, out []byte, stride int) { transform8Portable(b, out, stride) }

// transform4 writes 4 rows of 4 pixels from a block's lowest 4 by 4 coefficients.
func transform4(b *[16]int32, out []byte, stride int) { transform4Portable(b, out, stride) }
