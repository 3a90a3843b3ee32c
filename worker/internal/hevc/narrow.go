package hevc

// CopyBytes copies samples of a row of a plane of 8 bits to dst: as many as it takes, from x on.
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
