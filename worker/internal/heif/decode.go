package heif

import (
	"context"
	"fmt"
	"image"

	"darkroom/worker/internal/hevc"
	"darkroom/worker/internal/raster"
)

// Decode decodes the picture of a file: upright, cropped, in 8 bits, with straight alpha. Its colours are described by
// Header.ICC or Header.Colour: Decode converts only the matrix and range of the bit stream. It ignores EXIF
// orientation, as the standard requires (ISO/IEC 23008-12, 6.5.10 and annex A.2.1).
func Decode(ctx context.Context, data []byte) (*image.NRGBA, error) {
	h, err := ReadHeader(data)
	if err != nil {
		return nil, err
	}
	return h.Decode(ctx)
}

// Decode is like the function Decode, for a header that was already read. The file must not have changed since.
func (h Header) Decode(ctx context.Context) (*image.NRGBA, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	d := h.newTileDecoder()
	defer d.close()
	return h.decodeRGBA(ctx, identityLayout(h.Width, h.Height), d)
}

// Picture decodes the picture, cropped but not turned or mirrored by [Header].Orientation. If planar is true, it
// returns planes, which requires [Header.Planar]. Otherwise it returns RGBA with straight alpha. The file must not have
// changed since its header was read.
//
// When ctx ends, Picture returns its error. Picture checks ctx before each row of a tile that it draws, and package
// hevc checks it within a tile. A codec in the sandbox stops when ctx ends: see package sandbox.
func (h Header) Picture(ctx context.Context, planar bool) (raster.Picture, error) {
	if err := h.check(); err != nil {
		return raster.Picture{}, err
	}
	return h.picture(ctx, planar, h.newTileDecoder())
}

// Part is like Picture, but also returns what it can of a damaged picture. A tile, or the rest of one, that does not
// decode is grey, or opaque if it is alpha. damage is the first fault, or nil if there is none. If no tile decodes, err
// is the error that Picture returns.
func (h Header) Part(ctx context.Context, planar bool) (p raster.Picture, damage, err error) {
	if err := Check(); err != nil {
		return p, nil, err
	}
	d := h.newTileDecoder()
	d.part = true
	p, err = h.picture(ctx, planar, d)
	if err == nil && d.decoded == 0 {
		return raster.Picture{}, nil, d.damage
	}
	return p, d.damage, err
}

func (h Header) picture(ctx context.Context, planar bool, d *tileDecoder) (raster.Picture, error) {
	defer d.close()
	if planar && h.Planar() {
		return h.decodePlanes(ctx, d)
	}
	m, err := h.decodeRGBA(ctx, h.layout.unturned(), d)
	if err != nil {
		return raster.Picture{}, err
	}
	return raster.FromRGBA(m), nil
}

// UnturnedSize returns the size in pixels of the result of [Header.Picture].
func (h Header) UnturnedSize() (width, height int) {
	l := h.layout.unturned()
	return l.width, l.height
}

// Planar reports whether [Header.Picture] can return planes. The picture must be opaque, in HEVC, with luma and two
// colours or luma alone, and its crop and its tiles must begin at colour samples.
func (h Header) Planar() bool {
	if h.overlay != nil || h.alpha != nil || h.colour.sandboxed() {
		return false
	}
	c := h.colour.colour()
	x, y := c.pitch()
	w := h.planarWindow()
	return c.isYCbCr() && h.colour.tilesBeginAt(x, y) && w.Min.X%x == 0 && w.Min.Y%y == 0 &&
		w.In(image.Rect(0, 0, h.colour.width, h.colour.height))
}

// planarWindow returns the visible part of the stored picture.
func (h Header) planarWindow() image.Rectangle {
	l := h.layout.followedBy(h.layout.unturned())
	return image.Rect(0, 0, l.width, l.height).Add(image.Pt(-l.dx, -l.dy))
}

// Grey reports whether the picture has neither colours nor alpha.
func (h Header) Grey() bool {
	return h.overlay == nil && h.alpha == nil && h.colour.tiles[0].coded.chroma == hevc.Grey
}

func (h Header) decodePlanes(ctx context.Context, d *tileDecoder) (raster.Picture, error) {
	p := &h.colour
	dst := newPlanes(h.planarWindow(), p.colour())
	if d.part {
		for _, plane := range dst.Planes {
			for i := range plane.Pix {
				plane.Pix[i] = 128
			}
		}
	}
	for i, t := range p.tiles {
		x, y, _ := t.layout.offset()
		if err := d.decode(ctx, p, t, func(m tilePixels) error { return dst.draw(ctx, m.samples, x, y) }); err != nil {
			return raster.Picture{}, fmt.Errorf("tile %d: %w", i, err)
		}
	}
	return raster.FromPlanar(dst.Planar), nil
}

// decodeRGBA decodes the picture. The layout maps the upright picture to the result.
func (h Header) decodeRGBA(ctx context.Context, to layout, d *tileDecoder) (*image.NRGBA, error) {
	dst := image.NewNRGBA(image.Rect(0, 0, to.width, to.height))
	if err := h.paint(ctx, dst, to, d); err != nil {
		return nil, err
	}
	return dst, nil
}

// pictures returns all pictures of the layer that have coded tiles, from the lowest to the highest, each before its
// alpha.
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

// check checks the bit streams of all tiles before anything is decoded.
func (l *layer) check() error {
	if err := Check(); err != nil {
		return err
	}
	for _, p := range l.pictures() {
		for i, t := range p.tiles {
			var err error
			if p.codec == HEVC {
				_, err = t.units(false)
			} else {
				err = checkAV1(t.data(), t.coded, t.layers)
			}
			if err != nil {
				return fmt.Errorf("tile %d: %w", i, err)
			}
		}
	}
	return nil
}
