package heif

import (
	"context"
	"image"
)

// canvas is the picture that tiles are drawn on, with the layout that maps their pixels to it.
type canvas struct {
	*image.NRGBA
	layout
}

// row returns the index in Pix of the first pixel of a tile's row, the distance to the next pixels, and which pixels of
// the row are on the canvas.
func (c canvas) row(y, width int) (index, step, from, to int) {
	x0, y0, from, to := c.layout.row(y, width)
	return y0*c.Stride + x0*4, c.uy*c.Stride + c.ux*4, from, to
}

// drawPixels draws a tile of RGBA pixels.
func drawPixels(ctx context.Context, out canvas, t tilePixels, alpha bool) error {
	for y := range t.height {
		if err := ctx.Err(); err != nil {
			return err
		}
		index, step, from, to := out.row(y, t.width)
		if from >= to {
			continue
		}
		r := span{out.Pix, index + from*step, step, from, to}
		drawn := false
		if t.rgba != nil {
			drawn = drawRGBA(r, t.rgba.Pix[y*t.rgba.Stride:], alpha)
		} else {
			drawn = drawDeep(r, t.deep[y*8*t.width:], alpha)
		}
		if !drawn {
			return corrupt("the coded picture does not decode")
		}
	}
	return nil
}

// unpremultiply divides colours by alpha.
func unpremultiply(pix []byte) {
	for ; len(pix) >= 4; pix = pix[4:] {
		a := uint32(pix[3])
		if a == 0 || a == 255 {
			continue
		}
		for c := range 3 {
			pix[c] = uint8(min((uint32(pix[c])*255+a/2)/a, 255))
		}
	}
}
