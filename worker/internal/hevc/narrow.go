package hevc

// CopyBytes copies len(dst) samples of row y, from x on, to dst. The plane must have 8 bits, and the row that many
// samples.
func (p Plane) CopyBytes(dst []byte, x, y int) {
	narrow(dst, p.Pix[y*p.Stride+x:][:len(dst)])
}

// narrowPortable stores samples of 8 bits in bytes. src is as long as dst.
func narrowPortable(dst []byte, src []uint16) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] = byte(src[i])
	}
}
