package engine

import (
	"image"

	"darkroom/worker/internal/plane"
)

// sharpened returns the frame with its contours stressed: of the difference between each luma sample and the mean of
// the 3 x 3 about it, weighted 1 2 1 both ways, so many percent are added to it. Colours are left as they are, so that
// no contour gets a coloured edge.
func (f frame) sharpened(percent int) frame {
	if percent == 0 {
		return f
	}
	if f.rgb != nil {
		return frame{rgb: sharpenNRGBA(f.rgb, percent)}
	}
	luma := f.planes.Planes[0]
	sharp := luma
	sharp.Pix, sharp.Stride = make([]byte, luma.Width*luma.Height), luma.Width
	for y := range luma.Height {
		above, row, below := luma.Pix[max(y-1, 0)*luma.Stride:], luma.Pix[y*luma.Stride:], luma.Pix[min(y+1, luma.Height-1)*luma.Stride:]
		dst := sharp.Pix[y*sharp.Stride:][:sharp.Width]
		column := func(x int) int { return int(above[x]) + 2*int(row[x]) + int(below[x]) }
		left := column(0)
		here := left
		for x := range dst {
			right := column(min(x+1, luma.Width-1))
			v := int(row[x])
			dst[x] = clampByte(v + part(16*v-(left+2*here+right), percent, 16))
			left, here = here, right
		}
	}
	planes := append([]plane.Plane{sharp}, f.planes.Planes[1:]...)
	return frame{planes: plane.Picture{Width: f.planes.Width, Height: f.planes.Height, Planes: planes}}
}

// sharpenNRGBA adds to red, green and blue alike what is added to luma. A pixel counts by how opaque it is: what colour
// a transparent one has is nobody's to see.
func sharpenNRGBA(src *image.NRGBA, percent int) *image.NRGBA {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	weights := [3]int{1, 2, 1}
	for y := range h {
		for x := range w {
			sum, weight := 0, 0
			for dy, wy := range weights {
				for dx, wx := range weights {
					p := src.Pix[min(max(y+dy-1, 0), h-1)*src.Stride+4*min(max(x+dx-1, 0), w-1):][:4]
					n := wx * wy * int(p[3])
					sum, weight = sum+n*lumaOf(p), weight+n
				}
			}
			p, out := src.Pix[y*src.Stride+4*x:][:4], dst.Pix[y*dst.Stride+4*x:][:4]
			add := 0
			if weight > 0 {
				add = part(weight*lumaOf(p)-sum, percent, weight)
			}
			out[0], out[1], out[2], out[3] = clampByte(int(p[0])+add), clampByte(int(p[1])+add), clampByte(int(p[2])+add), p[3]
		}
	}
	return dst
}

// part is so many percent of difference/of, rounded half away from zero.
func part(difference, percent, of int) int {
	n, d := difference*percent, of*100
	if n < 0 {
		return -((-2*n + d) / (2 * d))
	}
	return (2*n + d) / (2 * d)
}

// lumaOf is that of ITU-R BT.601 as JFIF has it, in 8 bits.
func lumaOf(rgb []byte) int {
	return (19595*int(rgb[0]) + 38470*int(rgb[1]) + 7471*int(rgb[2]) + 1<<15) >> 16
}

func clampByte(v int) byte { return byte(min(max(v, 0), 255)) }
