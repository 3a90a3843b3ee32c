package jpegscan

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

// transform8 makes 8 rows of 8 pixels of a block.
func transform8(b *[64]int32, out []byte, stride int) {
	if !hasAVX2 {
		transform8Portable(b, out, stride)
		return
	}
	_ = out[:7*stride+8]
	transform8AVX2(b, &out[0], stride)
}

// transform4 makes 4 rows of 4 pixels of a block's lowest 4 by 4 coefficients.
func transform4(b *[16]int32, out []byte, stride int) {
	if !hasAVX2 {
		transform4Portable(b, out, stride)
		return
	}
	_ = out[:3*stride+4]
	transform4AVX2(b, &out[0], stride)
}

// transform8AVX2 and transform4AVX2 do what their portable namesakes do, eight numbers at a time. They write where
// their callers have made sure that out reaches.
//
//go:noescape
func transform8AVX2(b *[64]int32, out *byte, stride int)

//go:noescape
func transform4AVX2(b *[16]int32, out *byte, stride int)
