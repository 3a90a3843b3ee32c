package raster

import (
	"context"
	"image"
)

// resampleRGBA makes an RGBA picture smaller. Colours are weighted by their alpha, so a transparent pixel lends no colour
// to its neighbours; all arithmetic has at least 14 bits. If tone is not nil, the colours are amounts of light by that
// curve. A pixel that becomes wholly transparent is black. In
// addition to its result it needs one row of 8 bytes per pixel for each row that the filter covers, and up to 32 more.
func (c *Kernels) resampleRGBA(ctx context.Context, src *image.NRGBA, to Size, tone *curve) (*image.NRGBA, error) {
	fx, fy := boxOf(src.Rect.Dx(), to.Width), boxOf(src.Rect.Dy(), to.Height)
	fullWidth, fullHeight := src.Rect.Dx(), src.Rect.Dy()
	src, err := boxedRGBA(ctx, src, fx, fy, tone)
	if err != nil {
		return nil, err
	}
	w, h, width, height := src.Rect.Dx(), src.Rect.Dy(), to.Width, to.Height
	across, err := c.kernel(ctx, axis{samples: w, extent: fullWidth, pitch: fx, whole: width, count: width, step: 1, parts: 1, lanes: tapsAtOnce})
	if err != nil {
		return nil, err
	}
	down, err := c.kernel(ctx, axis{samples: h, extent: fullHeight, pitch: fy, whole: height, count: height, step: 1, parts: 1, lanes: rowsAtOnce})
	if err != nil {
		return nil, err
	}
	dst := image.NewNRGBA(image.Rect(0, 0, width, height))
	// A row has all its reds, then all its greens, blues and alphas.
	stride := 4 * w
	rows := make([]int16, min(down.taps+rowsMore, h)*stride) // rows that the filter reads now, and some that follow
	from, end := 0, 0                                        // rows of the source that are in rows
	row, result := make([]int16, stride), make([]int16, 4*width)
	for y, start := range down.starts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		start := int(start)
		for ; end < start+down.taps; end++ {
			if (end-from+1)*stride > len(rows) {
				copy(rows, rows[(start-from)*stride:(end-from)*stride])
				from = start
			}
			if tone != nil {
				tone.weigh(rows[(end-from)*stride:][:stride], src.Pix[end*src.Stride:])
			} else {
				weigh(rows[(end-from)*stride:][:stride], src.Pix[end*src.Stride:])
			}
		}
		vertical(row, rows[(start-from)*stride:], stride, down.weights[y*down.taps:(y+1)*down.taps])
		for i := range 4 {
			horizontal(result[i*width:(i+1)*width], row[i*w:(i+1)*w], across)
		}
		if tone != nil {
			tone.unweigh(dst.Pix[y*dst.Stride:][:4*width], result)
		} else {
			unweigh(dst.Pix[y*dst.Stride:][:4*width], result)
		}
	}
	return dst, nil
}

// weigh writes a row of colours times alpha, and of alpha times 255.
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

// unweigh divides colours by alpha. Where the filter rings, either may be out of range.
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
