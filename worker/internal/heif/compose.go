package heif

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"darkroom/worker/internal/hevc"
)

// tileSource decodes tiles of pictures. It calls use with the pixels, which are only valid during the call. An
// incomplete tileSource may leave out tiles.
type tileSource interface {
	incomplete() bool
	decode(ctx context.Context, p *picture, t tile, use func(tilePixels) error) error
}

// paint draws the layer on a canvas on which nothing has been drawn yet. layout maps the layer's pixels to the canvas.
func (l *layer) paint(ctx context.Context, dst *image.NRGBA, to layout, d tileSource) error {
	to = l.layout.followedBy(to)
	if l.overlay != nil {
		fill(dst, to.box(image.Rect(0, 0, l.colour.width, l.colour.height)).Intersect(to.visible), l.overlay.fill)
		for i := range l.overlay.layers {
			if err := l.overlay.layers[i].paintOver(ctx, dst, to, d); err != nil {
				return fmt.Errorf("image %d of an overlay: %w", i, err)
			}
		}
	}
	if err := l.colour.paint(ctx, dst, to, d, false); err != nil {
		return err
	}
	if l.alpha == nil {
		return nil
	}
	paint := func() error { return l.alpha.paint(ctx, dst, to, d, true) }
	if l.scaledAlpha() {
		paint = func() error { return l.paintScaledAlpha(ctx, dst, to, d) }
	}
	if err := paint(); err != nil {
		return fmt.Errorf("alpha: %w", err)
	}
	if l.premultiplied {
		for y := to.visible.Min.Y; y < to.visible.Max.Y; y++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			unpremultiply(dst.Pix[dst.PixOffset(to.visible.Min.X, y):dst.PixOffset(to.visible.Max.X, y)])
		}
	}
	return nil
}

// paintOver draws the layer over what is already on the canvas.
func (l *layer) paintOver(ctx context.Context, dst *image.NRGBA, to layout, d tileSource) error {
	if !l.translucent() {
		return l.paint(ctx, dst, to, d)
	}
	visible := l.layout.followedBy(to).visible
	if visible.Empty() {
		return nil
	}
	own := image.NewNRGBA(image.Rectangle{Max: visible.Size()})
	if err := l.paint(ctx, own, to.followedBy(cropLayout(visible.Min.X, visible.Min.Y, visible.Dx(), visible.Dy())), d); err != nil {
		return err
	}
	for y := range visible.Dy() {
		if err := ctx.Err(); err != nil {
			return err
		}
		composeRow(dst.Pix[dst.PixOffset(visible.Min.X, visible.Min.Y+y):], own.Pix[y*own.Stride:][:4*visible.Dx()])
	}
	return nil
}

// paint draws the visible tiles of a picture, in their colours or as alpha. If colours are interpolated, it joins the
// tiles first, because interpolation takes colours from the neighbouring tile.
func (p *picture) paint(ctx context.Context, dst *image.NRGBA, to layout, d tileSource, alpha bool) error {
	c := p.colour()
	var whole *hevc.Picture
	if !alpha && p.joinsTiles() {
		whole = newWhole(p.width, p.height, c)
	}
	if d.incomplete() && !alpha {
		p.paintGrey(dst, to, whole)
	}
	for i, t := range p.tiles {
		out := canvas{dst, t.layout.followedBy(to)}
		if out.visible.Empty() && whole == nil {
			continue
		}
		err := d.decode(ctx, p, t, func(m tilePixels) error {
			switch {
			case m.samples == nil:
				return drawPixels(ctx, out, m, alpha)
			case whole != nil:
				x, y, _ := t.layout.offset()
				return join(ctx, whole, m.samples, x, y)
			}
			return drawSamples(ctx, out, m.samples, c, alpha)
		})
		if err != nil {
			return fmt.Errorf("tile %d: %w", i, err)
		}
	}
	if whole != nil {
		return drawSamples(ctx, canvas{dst, to}, whole, c, false)
	}
	return nil
}

// paintGrey makes a picture grey before its tiles are drawn, because some may be missing. It fills the canvas, or the
// picture in which tiles are joined.
func (p *picture) paintGrey(dst *image.NRGBA, to layout, whole *hevc.Picture) {
	const half = 1 << 15
	fill(dst, to.box(image.Rect(0, 0, p.width, p.height)).Intersect(to.visible), color.NRGBA64{R: half, G: half, B: half, A: 0xffff})
	if whole == nil {
		return
	}
	c := p.tiles[0].coded
	for i, plane := range whole.Planes {
		depth := c.depth
		if i > 0 {
			depth = c.chromaDepth
		}
		whole.Planes[i].Depth = depth
		for k := range plane.Pix {
			plane.Pix[k] = 1 << (depth - 1)
		}
	}
}

func fill(dst *image.NRGBA, r image.Rectangle, c color.NRGBA64) {
	draw.Draw(dst, r, image.NewUniform(color.NRGBA{R: to8Bits(c.R), G: to8Bits(c.G), B: to8Bits(c.B), A: to8Bits(c.A)}), image.Point{}, draw.Src)
}

// to8Bits rounds 16 bits to 8.
func to8Bits(v uint16) byte { return byte((uint32(v)*255 + 32767) / 65535) }

// composeRow draws a row of pixels with straight alpha over another.
func composeRow(dst, src []byte) {
	for ; len(src) >= 4; dst, src = dst[4:], src[4:] {
		a, below := uint32(src[3]), uint32(dst[3])
		switch {
		case a == 255 || below == 0:
			copy(dst[:4], src)
			continue
		case a == 0:
			continue
		}
		// Both parts are in units of 1/255^2.
		upper, lower := a*255, below*(255-a)
		whole := upper + lower
		for c := range 3 {
			dst[c] = byte((uint32(src[c])*upper + uint32(dst[c])*lower + whole/2) / whole)
		}
		dst[3] = byte((whole + 127) / 255)
	}
}
