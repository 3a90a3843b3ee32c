package heif

import (
	"fmt"
	"image"
	"slices"

	"darkroom/worker/internal/hevc"
	"darkroom/worker/internal/raster"
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
	if err := h.check(); err != nil {
		return nil, err
	}
	return h.decodeRGBA(h.layout)
}

// Picture decodes the picture cropped, but as it is stored: [Header].Orientation is left to do. It is in planes if the
// header is [Header.Planar], and otherwise RGBA with straight alpha. The file must not have changed since its header was
// read.
func (h Header) Picture() (raster.Picture, error) {
	if err := h.check(); err != nil {
		return raster.Picture{}, err
	}
	if h.Planar() {
		return h.decodePlanes()
	}
	w := h.Cropped()
	m, err := h.decodeRGBA(stored(h.StoredWidth, h.StoredHeight).crop(w.Min.X, w.Min.Y, w.Dx(), w.Dy()))
	if err != nil {
		return raster.Picture{}, err
	}
	return raster.FromRGBA(m), nil
}

// Planar reports whether [Header.Picture] returns planes. It does for an opaque picture in HEVC with luma and two colours,
// or luma alone, if its crop and its tiles begin at colour samples.
func (h Header) Planar() bool {
	p, w := &h.colour, h.Cropped()
	c := p.colour()
	x, y := c.pitch()
	return h.alpha == nil && c.isYCbCr() && !p.sandboxed() && w.Min.X%x == 0 && w.Min.Y%y == 0 &&
		p.tilesBeginAt(x, y)
}

// Grey reports whether the picture has neither colours nor alpha.
func (h Header) Grey() bool { return h.alpha == nil && h.colour.tiles[0].coded.chroma == hevc.Grey }

// Cropped returns the part of the stored picture that is shown.
func (h Header) Cropped() image.Rectangle { return h.layout.window() }

// check checks the bit streams of all tiles, before anything is decoded.
func (h Header) check() error {
	if err := Check(); err != nil {
		return err
	}
	for _, p := range h.pictures() {
		if err := p.check(); err != nil {
			return err
		}
	}
	return nil
}

func (h Header) decodePlanes() (raster.Picture, error) {
	d := h.newTileDecoder()
	defer d.close()
	p := &h.colour
	dst := newPlanes(h.Cropped(), p.colour())
	for i := range p.tiles {
		x, y := p.position(i)
		if err := d.decode(p, i, func(t tilePixels) error { return dst.draw(t.samples, x, y) }); err != nil {
			return raster.Picture{}, fmt.Errorf("tile %d: %w", i, err)
		}
	}
	return raster.FromPlanar(dst.Planar), nil
}

func (h Header) decodeRGBA(l layout) (*image.NRGBA, error) {
	d := h.newTileDecoder()
	defer d.close()
	dst := image.NewNRGBA(image.Rect(0, 0, l.width, l.height))
	for _, p := range h.pictures() {
		if err := d.draw(p, canvas{NRGBA: dst, layout: l}, p == h.alpha); err != nil {
			return nil, err
		}
	}
	if h.premultiplied {
		unpremultiply(dst.Pix)
	}
	return dst, nil
}

// draw draws a picture, in its colours or as its alpha. Tiles whose colours are interpolated are joined first, since that
// takes colours of the tile beside.
func (d *tileDecoder) draw(p *picture, out canvas, alpha bool) error {
	c := p.colour()
	var whole *hevc.Picture
	if !alpha && p.joined() {
		whole = newWhole(p.width, p.height, c)
	}
	for i := range p.tiles {
		x, y := p.position(i)
		if err := d.decode(p, i, func(t tilePixels) error {
			switch at := (canvas{out.NRGBA, out.layout, x, y}); {
			case t.samples == nil:
				return drawPixels(at, t, alpha)
			case whole != nil:
				return join(whole, t.samples, x, y)
			default:
				drawSamples(at, t.samples, c, alpha)
			}
			return nil
		}); err != nil {
			return fmt.Errorf("tile %d: %w", i, err)
		}
	}
	if whole != nil {
		drawSamples(out, whole, c, false)
	}
	return nil
}

// drawPixels draws a tile of RGBA.
func drawPixels(out canvas, t tilePixels, alpha bool) error {
	for y := range t.height {
		at, step, from, to := out.row(y, t.width)
		if from >= to {
			continue
		}
		r := span{out.Pix, at + from*step, step, from, to}
		drawn := false
		if t.rgba != nil {
			drawn = drawRGBA(r, t.rgba.Pix[y*t.rgba.Stride:], alpha)
		} else {
			drawn = drawDeep(r, t.deep[y*8*t.width:], alpha)
		}
		if !drawn {
			return corrupt("the picture's data do not decode")
		}
	}
	return nil
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
		if p.codec == HEVC {
			err = checkHEVC(t.data(), t.coded.lengthSize)
		} else {
			err = checkAV1(t.data(), p.tileWidth, p.tileHeight)
		}
		if err != nil {
			return fmt.Errorf("tile %d: %w", i, err)
		}
	}
	return nil
}

// data returns the coded data of a tile.
func (t tile) data() []byte {
	if len(t.extents) == 1 {
		return t.extents[0]
	}
	return slices.Concat(t.extents...)
}

// position returns where the first pixel of tile i is in the stored picture.
func (p *picture) position(i int) (x, y int) {
	return i % p.columns * p.tileWidth, i / p.columns * p.tileHeight
}

// tilesBeginAt reports whether all tiles begin at a multiple of x and y pixels.
func (p *picture) tilesBeginAt(x, y int) bool {
	return len(p.tiles) == 1 || p.tileWidth%x == 0 && p.tileHeight%y == 0
}

// colour returns how samples become colours.
func (p *picture) colour() colour {
	coded := p.tiles[0].coded
	c := colour{chroma: coded.chroma, full: coded.full, matrix: coded.matrix, primaries: coded.primaries}
	if n := p.nclx; n != nil {
		c.full, c.matrix, c.primaries = n.full, n.matrix, n.primaries
	}
	return c
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
