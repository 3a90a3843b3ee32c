package vp8l

import (
	"context"
	"errors"
	"fmt"
)

const (
	// window is how many pixels a backward reference can reach back: the largest distance is 2^20 - 120 (3.6.2.2).
	window = 1 << 20
	// maxLength is the length of the longest backward reference (3.6.2.2).
	maxLength = 4096
)

var errReference = errors.New("backward reference beyond the picture")

// pixels is a picture of coded pixels: the main picture before the inverse transforms, or a picture of a transform or
// of the groups of prefix codes.
type pixels struct {
	width, height int

	groups   []group
	tiles    []uint32 // group of each tile; nil if there is one group
	tileBits uint     // a tile has 1<<tileBits pixels a side
	across   int      // tiles in a row

	cache *colourCache // nil if there is no cache

	pix  []uint32 // pixels that references can reach, and pixels of the next rows
	base int      // position in the picture of pix[0]
	pos  int      // position in pix of the next pixel
	x, y int      // position in the picture of the next pixel
}

// readPixels reads the data before the pixels of a picture (3.8.3): the size of the colour cache, and the prefix codes.
func (d *decoder) readPixels(ctx context.Context, p *pixels, width, height int, main bool) error {
	p.width, p.height = width, height
	cached := 0
	if d.bits.flag() {
		n := d.bits.read(4)
		if n < 1 || n > maxCacheBits {
			return d.bits.fault(fmt.Errorf("colour cache of 2^%d colours, want 2^1 to 2^%d", n, maxCacheBits))
		}
		p.cache, cached = &colourCache{shift: uint(32 - n)}, 1<<n
	}
	return d.readGroups(ctx, p, main, cached)
}

// subPicture decodes the picture of a transform or of the groups of prefix codes.
func (d *decoder) subPicture(ctx context.Context, width, height int) ([]uint32, error) {
	var p pixels
	if err := d.readPixels(ctx, &p, width, height, false); err != nil {
		return nil, err
	}
	p.pix = make([]uint32, width*height)
	for p.y < height {
		if _, err := p.row(ctx, &d.bits); err != nil {
			return nil, err
		}
	}
	return p.pix, nil
}

// allocate makes room for the pixels of the main picture: all of them if they are few, otherwise twice the window.
func (p *pixels) allocate() { p.pix = make([]uint32, min(p.width*p.height, 2*window)) }

// slide drops pixels that are out of reach if there is no room for another row followed by the longest reference.
func (p *pixels) slide() {
	if p.base+len(p.pix) == p.width*p.height || len(p.pix)-p.pos >= p.width+maxLength {
		return
	}
	from := p.pos - window
	copy(p.pix, p.pix[from:p.pos])
	p.base, p.pos = p.base+from, p.pos-from
	p.pix = p.pix[:min(cap(p.pix), p.width*p.height-p.base)]
}

// row decodes the next row, and further rows if a reference reaches into them. It returns how many rows are complete.
// The error says why this row is not.
func (p *pixels) row(ctx context.Context, r *bitReader) (rows int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	p.slide()
	err = p.decode(r, (p.y+1)*p.width-p.base)
	if err := r.fault(err); err != nil {
		return 0, err
	}
	return p.y, nil
}

// decode decodes pixels up to a position in pix, which is the end of a row (3.7.2.3).
func (p *pixels) decode(r *bitReader, end int) error {
	for p.pos < end {
		g, stop := &p.groups[0], end
		if p.tiles != nil {
			g = &p.groups[p.tiles[p.y>>p.tileBits*p.across+p.x>>p.tileBits]]
			stop = min(stop, p.pos+1<<p.tileBits-p.x&(1<<p.tileBits-1))
		}
		for p.pos < stop {
			decoded, symbol := g.literals(r, p.cache, p.pix[p.pos:stop])
			p.advance(decoded)
			if symbol < literals {
				break
			}
			if err := p.reference(r, g, symbol-literals); err != nil {
				return err
			}
		}
	}
	return nil
}
