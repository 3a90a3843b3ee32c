package jpegscan

// transform8 makes 8 rows of 8 pixels of a block.
func transform8(b *[64]int32, out []byte, stride int) {
	_ = out[:7*stride+8]
	transform8NEON(b, &out[0], stride)
}

// transform4 makes 4 rows of 4 pixels of a block's lowest 4 by 4 coefficients.
func transform4(b *[16]int32, out []byte, stride int) {
	_ = out[:3*stride+4]
	transform4NEON(b, &out[0], stride)
}

// transform8NEON and transform4NEON do what their portable namesakes do, four numbers at a time. They write where their
// callers have made sure that out reaches.
//
//go:noescape
func transform8NEON(b *[64]int32, out *byte, stride int)

//go:noescape
func transform4NEON(b *[16]int32, out *byte, stride int)
