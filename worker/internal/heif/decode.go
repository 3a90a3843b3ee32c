package heif

import (
	"fmt"
	"image"

	"darkroom/worker/internal/sandbox"
)

// Decode decodes the picture of a file: upright, cropped, in 8 bits, with straight alpha. Its colours are those of
// Header.ICC or Header.Colour; nothing is converted but the matrix and range of the bit stream. EXIF orientation is left
// out, as the standard wants it (ISO/IEC 23008-12, 6.5.10 and annex A.2.1).
func Decode(data []byte) (*image.NRGBA, error) {
	h, err := ReadHeader(data)
	if err != nil {
		return nil, err
	}
	return h.Decode()
}

// Decode is like the function, for a header that was read already. The file must not have changed since.
func (h Header) Decode() (*image.NRGBA, error) {
	if err := Check(); err != nil {
		return nil, err
	}
	if err := h.check(); err != nil { // before anything is decoded
		return nil, err
	}
	dst := image.NewNRGBA(image.Rect(0, 0, h.Width, h.Height))
	mem := sandbox.NewMemory(h.codecMemory())
	err := h.paint(dst, stored(h.Width, h.Height), func(p *picture, t tile, out canvas, alpha bool) error {
		file, err := p.single(t)
		if err != nil {
			return err
		}
		return decodeTile(p.codec, mem, file, func(pixels tilePixels) error {
			return p.draw(out, pixels, t.coded, alpha)
		})
	})
	if err != nil {
		return nil, err
	}
	return dst, nil
}

// pictures returns all pictures of the layer with coded tiles, those that lie lowest first, each before its alpha.
func (l *layer) pictures() (all []*picture) {
	if l.overlay != nil {
		for i := range l.overlay.layers {
			all = append(all, l.overlay.layers[i].pictures()...)
		}
	}
	if len(l.colour.tiles) > 0 {
		all = append(all, &l.colour)
	}
	if l.alpha != nil {
		all = append(all, l.alpha)
	}
	return all
}

// check checks the bit streams of all tiles.
func (l *layer) check() error {
	for _, p := range l.pictures() {
		for i, t := range p.tiles {
			var err error
			if p.codec == HEVC {
				_, err = t.units()
			} else {
				err = checkAV1(t.data(), t.coded.width, t.coded.height, t.layers)
			}
			if err != nil {
				return fmt.Errorf("tile %d: %w", i, err)
			}
		}
	}
	return nil
}

// canvas is where a tile goes.
type canvas struct {
	*image.NRGBA
	layout
}

// row returns the index of the first pixel of a tile's row in Pix, how far the next ones are, and which pixels of the
// row are on the canvas.
func (c canvas) row(y, width int) (at, step, from, to int) {
	x0, y0, from, to := c.layout.row(y, width)
	return y0*c.Stride + x0*4, c.uy*c.Stride + c.ux*4, from, to
}

// draw puts a decoded tile on the canvas, in its colours or as its alpha.
func (p *picture) draw(out canvas, pixels tilePixels, c coded, alpha bool) error {
	if pixels.width != c.width || pixels.height != c.height {
		return corrupt("decoded to %d x %d pixels, %d x %d were announced", pixels.width, pixels.height, c.width, c.height)
	}
	if n := p.nclx; n != nil {
		c.full, c.matrix, c.primaries = n.full, n.matrix, n.primaries
	}
	m := newMatrix(c)
	for y := range c.height {
		at, step, from, to := out.row(y, c.width)
		if from >= to {
			continue
		}
		r := span{out.Pix, at + from*step, step, from, to}
		whole := true
		switch {
		case pixels.grey != nil:
			drawGray(r, pixels.grey.Pix[y*pixels.grey.Stride:], m, alpha)
		case pixels.planes != nil:
			drawYCbCr(r, pixels.planes, y, m, alpha)
		case pixels.rgba != nil:
			whole = drawRGBA(r, pixels.rgba.Pix[y*pixels.rgba.Stride:], alpha)
		default:
			whole = drawDeep(r, pixels.deep[y*8*pixels.width:], alpha)
		}
		if !whole {
			return corrupt("the picture's data do not decode")
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
