package hevc

// offsetEdgesPortable sets dst to src plus an offset for each sample, clipped to 0..top. The offset is table[2+s],
// where s is the sum of the signs of the differences between the sample and its neighbours in a and b. All slices have
// the same length.
func offsetEdgesPortable(dst, src, a, b []uint16, table *[8]int16, top int) {
	src, a, b = src[:len(dst)], a[:len(dst)], b[:len(dst)]
	for i, v := range src {
		s := sign(int(v)-int(a[i])) + sign(int(v)-int(b[i]))
		dst[i] = uint16(clip(int(v)+int(table[(2+s)&7]), 0, top))
	}
}

// offsetBandsPortable sets dst to src plus an offset for each sample, clipped to 0..top. The band of a sample v is
// v>>shift. The four bands from first on, modulo 32, have offsets table[0] to table[3]. All others have table[4].
func offsetBandsPortable(dst, src []uint16, table *[8]int16, first, shift, top int) {
	src = src[:len(dst)]
	for i, v := range src {
		k := min((int(v>>shift)-first)&31, 4)
		dst[i] = uint16(clip(int(v)+int(table[k]), 0, top))
	}
}

// sign returns -1, 0 or 1.
func sign(v int) int { return v>>63 | int(uint(-v)>>63) }
