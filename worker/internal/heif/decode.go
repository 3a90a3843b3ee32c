package heif

import (
	"fmt"
	"image"
	"slices"

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
	for _, p := range h.pictures() { // before anything is decoded
		if err := p.check(); err != nil {
			return nil, err
		}
	}
	dst := image.NewNRGBA(image.Rect(0, 0, h.Width, h.Height))
	mem := sandbox.NewMemory(h.codecMemory())
	for _, p := range h.pictures() {
		for i, t := range p.tiles {
			out := canvas{dst, h.layout, i % p.columns * p.tileWidth, i / p.columns * p.tileHeight}
			if err := decodeTile(p.codec, mem, p.single(t), func(pixels tilePixels) error {
				return p.draw(out, pixels, t.coded, p == h.alpha)
			}); err != nil {
				return nil, fmt.Errorf("tile %d: %w", i, err)
			}
		}
	}
	if h.premultiplied {
		unpremultiply(dst.Pix)
	}
	return dst, nil
}

// pictures returns the picture and, if it has one, its alpha plane.
func (h Header) pictures() []*picture {
	if h.alpha == nil {
		return []*picture{&h.colour}
	}
	return []*picture{&h.colour, h.alpha}
}

// check checks the bit streams of all tiles.
func (p *picture) check() error {
	for i, t := range p.tiles {
		var err error
		data := t.extents[0]
		if len(t.extents) > 1 {
			data = slices.Concat(t.extents...)
		}
		if p.codec == HEVC {
			err = checkHEVC(data, t.coded.lengthSize)
		} else {
			err = checkAV1(data, p.tileWidth, p.tileHeight)
		}
		if err != nil {
			return fmt.Errorf("tile %d: %w", i, err)
		}
	}
	return nil
}

// canvas is where a tile goes: at x and y of the stored picture.
type canvas struct {
	*image.NRGBA
	layout
	x, y int
}

// row returns the index of the first pixel of a tile's row in Pix, how far the next ones are, and which pixels of the
// row are on the canvas.
func (c canvas) row(y, width int) (at, step, from, to int) {
	x0 := c.ux*c.x + c.vx*(c.y+y) + c.dx // where pixel 0 goes
	y0 := c.uy*c.x + c.vy*(c.y+y) + c.dy
	from, to = clip(x0, c.ux, c.width, 0, width)
	from, to = clip(y0, c.uy, c.height, from, to)
	return y0*c.Stride + x0*4, c.uy*c.Stride + c.ux*4, from, to
}

// clip narrows from and to so that 0 <= start + i*step < length for each i between, where step is -1, 0 or 1.
func clip(start, step, length, from, to int) (int, int) {
	switch {
	case step > 0:
		return max(from, -start), min(to, length-start)
	case step < 0:
		return max(from, start-length+1), min(to, start+1)
	case start < 0 || start >= length:
		return 0, 0
	}
	return from, to
}

// draw puts a decoded tile on the canvas, in its colours or as its alpha.
func (p *picture) draw(out canvas, pixels tilePixels, c coded, alpha bool) error {
	if pixels.width != p.tileWidth || pixels.height != p.tileHeight {
		return corrupt("decoded to %d x %d pixels, %d x %d were announced", pixels.width, pixels.height, p.tileWidth, p.tileHeight)
	}
	if n := p.nclx; n != nil {
		c.full, c.matrix = n.full, n.matrix
	}
	m := newMatrix(c)
	for y := range p.tileHeight {
		at, step, from, to := out.row(y, p.tileWidth)
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
