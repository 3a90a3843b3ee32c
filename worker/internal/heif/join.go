package heif

import (
	"context"
	"image"

	"darkroom/worker/internal/hevc"
)

// joinsTiles reports whether the tiles are joined before they are drawn in RGB. This is so if they have fewer colour
// samples than pixels.
func (p *picture) joinsTiles() bool {
	x, y := p.colour().pitch()
	return len(p.tiles) > 1 && x*y > 1 && !p.sandboxed() && p.tilesBeginAt(x, y)
}

// tilesBeginAt reports whether the tiles lie side by side and begin at multiples of x and y pixels. Each must be whole
// unless it extends beyond the picture.
func (p *picture) tilesBeginAt(x, y int) bool {
	for _, t := range p.tiles {
		dx, dy, _ := t.layout.offset()
		whole := identityLayout(t.coded.width, t.coded.height).followedBy(placeAt(dx, dy, image.Pt(p.width, p.height)))
		if t.layout != whole || dx%x != 0 || dy%y != 0 || dx < 0 || dy < 0 {
			return false
		}
	}
	return true
}

// newWhole returns a picture of this size for joining tiles. Tiles that extend beyond it are cut off.
func newWhole(width, height int, c colour) *hevc.Picture {
	x, y := c.pitch()
	p := &hevc.Picture{Width: width, Height: height, Chroma: c.chroma}
	for i := range 3 {
		plane := hevc.Plane{Width: width, Height: height}
		if i > 0 {
			plane.Width, plane.Height = (width+x-1)/x, (height+y-1)/y
		}
		plane.Stride = plane.Width
		plane.Pix = make([]uint16, plane.Stride*plane.Height)
		p.Planes = append(p.Planes, plane)
	}
	return p
}

// wholeMemory returns the size in bytes of the picture in which tiles are joined.
func (p *picture) wholeMemory() int64 {
	if !p.joinsTiles() {
		return 0
	}
	x, y := p.colour().pitch()
	return 2 * (int64(p.width)*int64(p.height) + 2*int64((p.width+x-1)/x)*int64((p.height+y-1)/y))
}

// join copies a tile into the picture at x, y.
func join(ctx context.Context, whole, tile *hevc.Picture, x, y int) error {
	if tile.Chroma != whole.Chroma || len(tile.Planes) != len(whole.Planes) {
		return corrupt("tiles that differ in format")
	}
	pitchX, pitchY := 1, 1
	for i, from := range tile.Planes {
		if i > 0 {
			pitchX, pitchY = colour{chroma: tile.Chroma}.pitch()
		}
		to := &whole.Planes[i]
		to.Depth = from.Depth
		left, top := x/pitchX, y/pitchY
		width, height := min(from.Width, to.Width-left), min(from.Height, to.Height-top)
		for row := range height {
			if err := ctx.Err(); err != nil {
				return err
			}
			copy(to.Pix[(top+row)*to.Stride+left:][:width], from.Pix[row*from.Stride:])
		}
	}
	return nil
}
