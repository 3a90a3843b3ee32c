package plane

// Pictures with alpha are resampled in samples of 14 bits, which is as many as no sum of a filter goes beyond. Colours
// weighted by a small alpha would be few in 8.
const (
	deepUnit  = 255 * 255 / 4 // of a sample that is 1: a colour times an alpha, without their lowest bits
	deepShift = weightBits
)

// deepVerticalPortable is as verticalPortable, of samples with more bits.
func deepVerticalPortable(dst, src []int16, stride int, weights []int16) {
	var room [512]int32
	for at := 0; at < len(dst); at += len(room) {
		sums := room[:min(len(room), len(dst)-at)]
		for i := range sums {
			sums[i] = 1 << (deepShift - 1)
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
		to := dst[at:][:len(sums)]
		for i, s := range sums {
			to[i] = int16(min(max(s>>deepShift, -1<<15), 1<<15-1))
		}
	}
}

// deepHorizontalPortable is as horizontalPortable, of samples with more bits.
func deepHorizontalPortable(dst, src []int16, starts []int32, weights []int16, taps int) {
	for i, start := range starts {
		s, w := src[start:][:taps], weights[i*taps:][:taps]
		sum := int32(1 << (deepShift - 1))
		for len(s) >= tapsAtOnce && len(w) >= tapsAtOnce {
			a, b := (*[tapsAtOnce]int16)(s), (*[tapsAtOnce]int16)(w)
			sum += int32(a[0])*int32(b[0]) + int32(a[1])*int32(b[1]) + int32(a[2])*int32(b[2]) + int32(a[3])*int32(b[3]) +
				int32(a[4])*int32(b[4]) + int32(a[5])*int32(b[5]) + int32(a[6])*int32(b[6]) + int32(a[7])*int32(b[7])
			s, w = s[tapsAtOnce:], w[tapsAtOnce:]
		}
		for t, v := range s {
			sum += int32(v) * int32(w[t])
		}
		dst[i] = int16(min(max(sum>>deepShift, -1<<15), 1<<15-1))
	}
}
