package plane

// Each row to make is made at once: the vertical pass filters the rows of the source into one row of the source's
// width, and the horizontal pass filters that. The row between has 6 bits after the point, so it rounds nothing that
// is seen, and it never leaves the first cache.
const (
	rowBits = 6

	verticalShift   = weightBits - rowBits
	horizontalShift = weightBits + rowBits

	rowsAtOnce = 2  // by the vector instructions of the vertical pass
	tapsAtOnce = 8  // by those of the horizontal pass
	columns    = 16 // that the vertical pass makes at once
	outputs    = 4  // that the horizontal pass makes at once
)

// verticalPortable makes dst, of which each sample is that of as many rows as there are weights. Row i begins at
// src[i*stride].
func verticalPortable(dst []int16, src []uint8, stride int, weights []int16) {
	var room [512]int32 // sums of as many columns at once
	for at := 0; at < len(dst); at += len(room) {
		sums := room[:min(len(room), len(dst)-at)]
		for i := range sums {
			sums[i] = 1 << (verticalShift - 1)
		}
		n, t := len(sums), 0
		for ; t+4 <= len(weights); t += 4 {
			a, b := src[t*stride+at:][:n], src[(t+1)*stride+at:][:n]
			c, d := src[(t+2)*stride+at:][:n], src[(t+3)*stride+at:][:n]
			wa, wb, wc, wd := int32(weights[t]), int32(weights[t+1]), int32(weights[t+2]), int32(weights[t+3])
			for i := range sums {
				sums[i] += wa*int32(a[i]) + wb*int32(b[i]) + wc*int32(c[i]) + wd*int32(d[i])
			}
		}
		for ; t < len(weights); t++ {
			a, w := src[t*stride+at:][:n], int32(weights[t])
			for i := range sums {
				sums[i] += w * int32(a[i])
			}
		}
		to := dst[at:][:n]
		for i, s := range sums {
			to[i] = int16(min(max(s>>verticalShift, -1<<15), 1<<15-1))
		}
	}
}

// horizontalPortable makes dst, one sample for each start, each of as many samples of src from there as there are taps.
func horizontalPortable(dst []uint8, src []int16, starts []int32, weights []int16, taps int) {
	for i, start := range starts {
		s := src[start:][:taps]
		w := weights[i*taps:][:len(s)]
		sum := int32(1 << (horizontalShift - 1))
		for len(s) >= tapsAtOnce {
			a, b := (*[tapsAtOnce]int16)(s), (*[tapsAtOnce]int16)(w)
			sum += int32(a[0])*int32(b[0]) + int32(a[1])*int32(b[1]) + int32(a[2])*int32(b[2]) + int32(a[3])*int32(b[3]) +
				int32(a[4])*int32(b[4]) + int32(a[5])*int32(b[5]) + int32(a[6])*int32(b[6]) + int32(a[7])*int32(b[7])
			s, w = s[tapsAtOnce:], w[tapsAtOnce:]
		}
		for t, v := range s {
			sum += int32(v) * int32(w[t])
		}
		dst[i] = uint8(min(max(sum>>horizontalShift, 0), 255))
	}
}
