package raster

import (
	"context"
	"image"

	"github.com/disintegration/imaging"
)

// resampleRGBA is ResampleWhole of an RGBA picture.
func (p Picture) resampleRGBA(ctx context.Context, f Filter, to Size) (*image.NRGBA, error) {
	switch s := p.Size(); {
	case s == to:
		return p.rgba, nil
	case s.Covers(to):
		return f.Kernels.resampleRGBA(ctx, p.rgba, to, f.curve())
	}
	m, err := p.PackedNRGBA(ctx)
	if err != nil {
		return nil, err
	}
	return enlarge(ctx, m, to)
}

// enlarge resizes the picture as imaging does, first its width and then its height. It does so in bands, between which
// it checks the context. A band has the rows or columns of about bandPixels pixels of the result.
func enlarge(ctx context.Context, src *image.NRGBA, to Size) (*image.NRGBA, error) {
	from := sizeOf(src)
	wide := image.NewNRGBA(image.Rect(0, 0, to.Width, from.Height))
	rows := max(1, bandPixels/max(from.Width, to.Width))
	for top := 0; top < from.Height; top += rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		band := image.Rect(0, top, from.Width, min(top+rows, from.Height))
		m := imaging.Resize(src.SubImage(band), to.Width, band.Dy(), imaging.Lanczos)
		copy(wide.Pix[top*wide.Stride:], m.Pix)
	}
	dst := image.NewNRGBA(image.Rect(0, 0, to.Width, to.Height))
	columns := max(1, bandPixels/max(from.Height, to.Height))
	for left := 0; left < to.Width; left += columns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		band := image.Rect(left, 0, min(left+columns, to.Width), from.Height)
		m := imaging.Resize(wide.SubImage(band), band.Dx(), to.Height, imaging.Lanczos)
		for y := range to.Height {
			copy(dst.Pix[y*dst.Stride+4*left:], m.Pix[y*m.Stride:][:m.Stride])
		}
	}
	return dst, nil
}

const bandPixels = 1 << 20 // pixels between two checks of the context

// resampleRGBA makes an RGBA picture smaller. Colours are weighted by their alpha, so a transparent pixel lends no
// colour to its neighbours; all arithmetic has at least 14 bits. If tone is not nil, the colours are amounts of light
// by that curve. A pixel that becomes wholly transparent is black. In addition to its result it needs one row of 8
// bytes per pixel for each row that the filter covers, and up to 32 more.
func (c *Kernels) resampleRGBA(ctx context.Context, src *image.NRGBA, to Size, tone *curve) (*image.NRGBA, error) {
	fx, fy := boxSize(src.Rect.Dx(), to.Width), boxSize(src.Rect.Dy(), to.Height)
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
	rows := make([]int16, min(down.taps+extraRows, h)*stride) // rows that the filter reads now, and some that follow
	from, end := 0, 0                                         // rows of the source that are in rows
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

// boxedRGBA is [Plane.boxed] for RGBA. Colours are weighted by alpha.
func boxedRGBA(ctx context.Context, m *image.NRGBA, fx, fy int, tone *curve) (*image.NRGBA, error) {
	if fx == 1 && fy == 1 {
		return m, nil
	}
	width, height := m.Rect.Dx(), m.Rect.Dy()
	dst := image.NewNRGBA(image.Rect(0, 0, (width+fx-1)/fx, (height+fy-1)/fy))
	for y := range dst.Rect.Dy() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for x := range dst.Rect.Dx() {
			right, bottom := min((x+1)*fx, width), min((y+1)*fy, height)
			var colour [3]int64
			alpha, n := int64(0), int64(right-x*fx)*int64(bottom-y*fy)
			for row := y * fy; row < bottom; row++ {
				for pix := m.Pix[row*m.Stride:][4*x*fx : 4*right]; len(pix) >= 4; pix = pix[4:] {
					a := int64(pix[3])
					alpha += a
					for c := range colour {
						v := int64(pix[c])
						if tone != nil {
							v = int64(tone.light[v])
						}
						colour[c] += a * v
					}
				}
			}
			to := dst.Pix[y*dst.Stride+4*x:][:4]
			for c := range colour {
				mean := (colour[c] + alpha/2) / max(alpha, 1)
				if tone != nil {
					mean = int64(tone.sample[mean])
				}
				to[c] = uint8(mean)
			}
			to[3] = uint8((alpha + n/2) / n)
		}
	}
	return dst, nil
}
