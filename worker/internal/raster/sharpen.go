package raster

import (
	"context"
	"image"
)

// Sharpen returns the picture with sharper contours. It adds percent % of the difference between each luma sample and
// the mean of the 3 x 3 samples around it, weighted 1 2 1 in both directions. Colours do not change, so contours get no
// coloured edges.
func (p Picture) Sharpen(ctx context.Context, percent int) (Picture, error) {
	if percent == 0 {
		return p, nil
	}
	if !p.IsPlanar() {
		m, err := sharpenRGBA(ctx, p.rgba, percent)
		return FromRGBA(m), err
	}
	luma := p.planar.Planes[0]
	sharp := luma
	sharp.Pix, sharp.Stride = make([]byte, luma.Width*luma.Height), luma.Width
	for y := range luma.Height {
		if err := ctx.Err(); err != nil {
			return Picture{}, err
		}
		above, row, below := luma.Pix[max(y-1, 0)*luma.Stride:], luma.Pix[y*luma.Stride:], luma.Pix[min(y+1, luma.Height-1)*luma.Stride:]
		dst := sharp.Pix[y*sharp.Stride:][:sharp.Width]
		column := func(x int) int { return int(above[x]) + 2*int(row[x]) + int(below[x]) }
		left := column(0)
		here := left
		for x := range dst {
			right := column(min(x+1, luma.Width-1))
			v := int(row[x])
			dst[x] = clampByte(v + percentOf(16*v-(left+2*here+right), percent, 16))
			left, here = here, right
		}
	}
	planes := append([]Plane{sharp}, p.planar.Planes[1:]...)
	return FromPlanar(Planar{Width: p.planar.Width, Height: p.planar.Height, Planes: planes, Matrix: p.planar.Matrix}), nil
}

// sharpenRGBA changes red, green and blue by the same amount as luma. It weights pixels by their opacity, because the
// colour of a transparent pixel is not visible.
func sharpenRGBA(ctx context.Context, src *image.NRGBA, percent int) (*image.NRGBA, error) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	weights := [3]int{1, 2, 1}
	for y := range h {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for x := range w {
			sum, weight := 0, 0
			for dy, wy := range weights {
				for dx, wx := range weights {
					p := src.Pix[min(max(y+dy-1, 0), h-1)*src.Stride+4*min(max(x+dx-1, 0), w-1):][:4]
					n := wx * wy * int(p[3])
					sum, weight = sum+n*int(Luma(p[0], p[1], p[2])), weight+n
				}
			}
			p, out := src.Pix[y*src.Stride+4*x:][:4], dst.Pix[y*dst.Stride+4*x:][:4]
			add := 0
			if weight > 0 {
				add = percentOf(weight*int(Luma(p[0], p[1], p[2]))-sum, percent, weight)
			}
			out[0], out[1], out[2], out[3] = clampByte(int(p[0])+add), clampByte(int(p[1])+add), clampByte(int(p[2])+add), p[3]
		}
	}
	return dst, nil
}

// percentOf returns percent % of difference/divisor, rounded half away from zero.
func percentOf(difference, percent, divisor int) int {
	n, d := difference*percent, divisor*100
	if n < 0 {
		return -((-2*n + d) / (2 * d))
	}
	return (2*n + d) / (2 * d)
}

func clampByte(v int) byte { return byte(min(max(v, 0), 255)) }
