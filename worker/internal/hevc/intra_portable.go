package hevc

// predictPlanarPortable is predictPlanar in plain Go, for samples of any depth.
func predictPlanarPortable(dst []uint16, stride int, top, left *[maxBorder]uint16, log2 int) {
	size := 1 << log2
	right, below := int(top[size+1]), int(left[size+1])
	for y := range size {
		row, above := dst[y*stride:][:size], top[1:][:size]
		l := int(left[1+y])
		across := (size-1)*l + right + size // value at x = 0, with the rounding
		step := right - l
		for x := range row {
			row[x] = uint16((across + x*step + (size-1-y)*int(above[x]) + (y+1)*below) >> (log2 + 1))
		}
	}
}

// predictDCPortable is predictDC.
func predictDCPortable(dst []uint16, stride int, top, left *[maxBorder]uint16, log2 int) int {
	size := 1 << log2
	sum := size
	for i := 1; i <= size; i++ {
		sum += int(top[i]) + int(left[i])
	}
	dc := sum >> (log2 + 1)
	for y := range size {
		fillRow(dst[y*stride:][:size], uint16(dc))
	}
	return dc
}

// predictAlongPortable is predictAlong.
func predictAlongPortable(dst []uint16, stride int, ref *references, angle, log2 int) {
	size := 1 << log2
	for y := range size {
		whole, part := (y+1)*angle>>5, (y+1)*angle&31
		from := ref[origin+whole+1:][:size+1]
		row := dst[y*stride:][:size]
		if part == 0 {
			copy(row, from)
			continue
		}
		a := int(from[0])
		for x := range row {
			b := int(from[x+1])
			row[x] = uint16(a + ((b-a)*part+16)>>5)
			a = b
		}
	}
}

// transposePortable is transpose.
func transposePortable(dst []uint16, stride int, from *[1024]uint16, log2 int) {
	size := 1 << log2
	for y := range size {
		row := dst[y*stride:][:size]
		for x := range row {
			row[x] = from[(x<<log2+y)&1023]
		}
	}
}

// smoothPortable is smooth.
func smoothPortable(to, from *[maxBorder]uint16, n int) {
	a, b := int(from[0]), int(from[1])
	for i := 1; i < n; i++ {
		next := int(from[i+1])
		to[i] = uint16((a + 2*b + next + 2) >> 2)
		a, b = b, next
	}
}

func fillRow[T any](to []T, v T) {
	for i := range to {
		to[i] = v
	}
}
