package raster

//go:generate go run darkroom/worker/internal/neon filter_arm64.neon rgb_arm64.neon

// The vertical pass filters rows of the source into one row of the same width. The horizontal pass filters that
// intermediate row into one row of the result. The intermediate row never leaves the first-level cache.
//
// Planes have samples of 8 bits. Their intermediate row has rowBits more bits, so its rounding is never visible.
//
// Pictures with alpha have deep samples: 14 bits in an int16, the most that no sum of a filter overflows. With 8 bits,
// colours weighted by a small alpha would have too few values. Their intermediate row has 14 bits as well.
const (
	rowBits = 6

	verticalShift   = weightBits - rowBits
	horizontalShift = weightBits + rowBits
	deepShift       = weightBits // both passes

	deepUnit = 255 * 255 / 4 // a deep sample of 1: a colour times an alpha, without the two lowest bits

	rowsAtOnce = 2  // rows in one step of the vertical vector code
	tapsAtOnce = 8  // taps in one step of the horizontal vector code
	columns    = 16 // columns in one step of the vertical vector code
	outputs    = 4  // outputs in one step of the horizontal vector code
)

// sample is a sample of a plane (uint8) or a deep sample (int16).
type sample interface{ uint8 | int16 }

// isDeep reports whether S is the type of deep samples. The compiler replaces it by a constant.
func isDeep[S sample]() bool { return ^S(0) < 0 }

// verticalPortable computes each sample of dst from one sample of each source row. Row i begins at src[i*stride] and is
// multiplied by weights[i].
func verticalPortable[S sample](dst []int16, src []S, stride int, weights []int16) {
	shift := verticalShift
	if isDeep[S]() {
		shift = deepShift
	}
	var room [512]int32 // sums of as many columns at once
	for first := 0; first < len(dst); first += len(room) {
		sums := room[:min(len(room), len(dst)-first)]
		for i := range sums {
			sums[i] = 1 << (shift - 1)
		}
		n, t := len(sums), 0
		for ; t+4 <= len(weights); t += 4 {
			a, b := src[t*stride+first:][:n], src[(t+1)*stride+first:][:n]
			c, d := src[(t+2)*stride+first:][:n], src[(t+3)*stride+first:][:n]
			wa, wb, wc, wd := int32(weights[t]), int32(weights[t+1]), int32(weights[t+2]), int32(weights[t+3])
			for i := range sums {
				sums[i] += wa*int32(a[i]) + wb*int32(b[i]) + wc*int32(c[i]) + wd*int32(d[i])
			}
		}
		for ; t < len(weights); t++ {
			a, w := src[t*stride+first:][:n], int32(weights[t])
			for i := range sums {
				sums[i] += w * int32(a[i])
			}
		}
		to := dst[first:][:n]
		for i, s := range sums {
			to[i] = int16(min(max(s>>shift, -1<<15), 1<<15-1))
		}
	}
}

// horizontalPortable computes one sample of dst for each entry of starts, from the taps samples of src that begin
// there.
func horizontalPortable[D sample](dst []D, src []int16, starts []int32, weights []int16, taps int) {
	shift, least, most := horizontalShift, int32(0), int32(255)
	if isDeep[D]() {
		shift, least, most = deepShift, -1<<15, 1<<15-1
	}
	for i, start := range starts {
		s := src[start:][:taps]
		w := weights[i*taps:][:len(s)]
		sum := int32(1 << (shift - 1))
		for len(s) >= tapsAtOnce {
			a, b := (*[tapsAtOnce]int16)(s), (*[tapsAtOnce]int16)(w)
			sum += int32(a[0])*int32(b[0]) + int32(a[1])*int32(b[1]) + int32(a[2])*int32(b[2]) + int32(a[3])*int32(b[3]) +
				int32(a[4])*int32(b[4]) + int32(a[5])*int32(b[5]) + int32(a[6])*int32(b[6]) + int32(a[7])*int32(b[7])
			s, w = s[tapsAtOnce:], w[tapsAtOnce:]
		}
		for t, v := range s {
			sum += int32(v) * int32(w[t])
		}
		dst[i] = D(min(max(sum>>shift, least), most))
	}
}
