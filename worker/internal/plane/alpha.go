package plane

import "image"

// ResampleAlpha makes a picture with alpha of another size, without the mirroring and cropping of a [View]. Colours are
// weighted by their alpha, so a transparent pixel lends no colour to its neighbours; all arithmetic is of at least 14
// bits. A pixel that comes out wholly transparent is black. Beside its result it
// needs as many rows of 8 bytes a pixel as the filter reaches over, and 32.
func (c *Kernels) ResampleAlpha(src *image.NRGBA, width, height int) *image.NRGBA {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	across := c.of(axis{samples: w, extent: w, pitch: 1, whole: width, count: width, step: 1, parts: 1, lanes: tapsAtOnce})
	down := c.of(axis{samples: h, extent: h, pitch: 1, whole: height, count: height, step: 1, parts: 1, lanes: rowsAtOnce})
	dst := image.NewNRGBA(image.Rect(0, 0, width, height))
	// A row has all its reds, then all its greens, blues and alphas.
	stride := 4 * w
	rows := make([]int16, (down.taps+32)*stride) // what the filter reads now, and some to come
	from, to := 0, 0                             // the rows of the source that are in it
	row, made := make([]int16, stride), make([]int16, 4*width)
	for y, start := range down.starts {
		start := int(start)
		for end := start + down.taps; to < end; to++ {
			if (to-from+1)*stride > len(rows) {
				copy(rows, rows[(start-from)*stride:(to-from)*stride])
				from = start
			}
			weigh(rows[(to-from)*stride:][:stride], src.Pix[to*src.Stride:])
		}
		vertical(row, rows[(start-from)*stride:], stride, down.weights[y*down.taps:(y+1)*down.taps])
		for i := range 4 {
			horizontal(made[i*width:(i+1)*width], row[i*w:(i+1)*w], across)
		}
		unweigh(dst.Pix[y*dst.Stride:][:4*width], made)
	}
	return dst
}

// weigh makes a row of colours times alpha, and of alpha times 255.
func weigh(row []int16, pix []uint8) {
	n := len(row) / 4
	red, green, blue, alpha := row[:n], row[n:2*n], row[2*n:3*n], row[3*n:]
	for x := range red {
		a := int(pix[3])
		red[x], green[x], blue[x], alpha[x] = weighted(pix[0], a), weighted(pix[1], a), weighted(pix[2], a), weighted(255, a)
		pix = pix[4:]
	}
}

func weighted(v uint8, a int) int16 { return int16((int(v)*a + 2) >> 2) }

// unweigh divides colours by alpha. Where the filter rings, either may be beyond what there is.
func unweigh(pix []uint8, row []int16) {
	n := len(row) / 4
	red, green, blue, alpha := row[:n], row[n:2*n], row[2*n:3*n], row[3*n:]
	for x := range red {
		a := min(int64(alpha[x]), deepUnit)
		opacity := uint8((max(a, 0)*255 + deepUnit/2) / deepUnit)
		if opacity == 0 {
			pix[0], pix[1], pix[2], pix[3] = 0, 0, 0, 0
		} else {
			by := 255 << 32 / a
			pix[0], pix[1], pix[2], pix[3] = unweighted(red[x], by), unweighted(green[x], by), unweighted(blue[x], by), opacity
		}
		pix = pix[4:]
	}
}

func unweighted(v int16, by int64) uint8 { return uint8(min((max(int64(v), 0)*by+1<<31)>>32, 255)) }
