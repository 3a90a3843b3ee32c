//go:build amd64 || arm64

package jpegscan

// transform8 writes 8 rows of 8 pixels of a block.
func transform8(b *[64]int32, out []byte, stride int) {
	if !hasVectors {
		transform8Portable(b, out, stride)
		return
	}
	_ = out[:7*stride+8]
	transform8Vector(b, &out[0], stride)
}

// transform4 writes 4 rows of 4 pixels from a block's lowest 4 by 4 coefficients.
func transform4(b *[16]int32, out []byte, stride int) {
	if !hasVectors {
		transform4Portable(b, out, stride)
		return
	}
	_ = out[:3*stride+4]
	transform4Vector(b, &out[0], stride)
}

// transform8Vector and transform4Vector do what their portable namesakes do. Their callers make sure that out is long
// enough.
//
//go:noescape
func transform8Vector(b *[64]int32, out *byte, stride int)

//go:noescape
func transform4Vector(b *[16]int32, out *byte, stride int)
