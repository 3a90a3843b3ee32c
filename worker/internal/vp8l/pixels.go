package vp8l

import (
	"context"
	"errors"
	"fmt"
)

const (
	// window is how many pixels a backward reference can reach back: the largest distance is 2^20 less 120 (3.6.2.2).
	window = 1 << 20
	// mostLength is the longest backward reference (3.6.2.2).
	mostLength = 4096

	mostCacheBits = 11 // bits of an index of the colour cache (3.6.2.3)
)

var errReference = errors.New("backward reference beyond the picture")

// pixels is a picture of coded pixels: the main one before the inverse transforms, or one of those that belong to the
// transforms and the groups of prefix codes.
type pixels struct {
	width, height int

	groups   []group
	tiles    []uint32 // group of each tile
	tileBits uint     // a tile has 1<<tileBits pixels a side
	tileMask int      // x&tileMask is 0 where a tile begins
	across   int      // tiles in a row

	cache      []uint32 // colours by their hash, or nil (3.6.2.3)
	cacheShift uint
	cached     int // pixels before this one are in the cache

	pix  []uint32 // pixels that references can reach, and those of the next rows
	base int      // position in the picture of the first one in pix
	pos  int      // position in pix of the next pixel
	x, y int      // and in the picture
}

// readPixels reads what comes before the pixels of a picture (3.8.3): the size of the colour cache, and the prefix codes.
func (d *decoder) readPixels(ctx context.Context, p *pixels, width, height int, main bool) error {
	p.width, p.height = width, height
	if d.bits.flag() {
		n := d.bits.read(4)
		if n < 1 || n > mostCacheBits {
			return d.bits.fault(fmt.Errorf("colour cache of 2^%d colours, want 2^1 to 2^%d", n, mostCacheBits))
		}
		p.cache, p.cacheShift = make([]uint32, 1<<n), uint(32-n)
	}
	return d.readGroups(ctx, p, main)
}

// subPicture decodes a picture that belongs to a transform or to the groups of prefix codes.
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

// allocate makes room for the pixels of the main picture: all of them if they are few, and otherwise twice the window.
func (p *pixels) allocate() { p.pix = make([]uint32, min(p.width*p.height, 2*window)) }

// slide drops pixels that are out of reach if there is no room for another row and the longest reference behind it.
func (p *pixels) slide() {
	if p.base+len(p.pix) == p.width*p.height || len(p.pix)-p.pos >= p.width+mostLength {
		return
	}
	p.remember()
	from := p.pos - window
	copy(p.pix, p.pix[from:p.pos])
	p.base, p.pos, p.cached = p.base+from, p.pos-from, p.cached-from
	p.pix = p.pix[:min(cap(p.pix), p.width*p.height-p.base)]
}

// row decodes the next row, and others where a reference reaches into them. It returns how many are there then. The error
// says that the row is not all there.
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

// remember puts the pixels that were decoded into the colour cache (3.6.2.3).
func (p *pixels) remember() {
	if p.cache == nil {
		return
	}
	const hash = 0x1e35a7bd
	cache, shift := p.cache, p.cacheShift
	for _, v := range p.pix[p.cached:p.pos] {
		cache[hash*v>>shift] = v
	}
	p.cached = p.pos
}

// decode decodes pixels up to a position in pix (3.7.2.3).
func (p *pixels) decode(r *bitReader, end int) error {
	g := p.group()
	data, at, bits, n := r.data, r.at, r.bits, r.n // the compiler keeps variables in registers, and fields not
	pix, pos, x := p.pix, p.pos, p.x
	for pos < end {
		if x&p.tileMask == 0 {
			p.x = x
			g = p.group()
		}
		if n < 3*longest {
			bits |= load(data, at) << (n & 63)
			at += int(63-n) >> 3
			n |= 56
		}
		green, used := g.green.next(bits)
		bits >>= used & 63
		n -= used
		if green < literals {
			v := g.rest
			if !g.plain {
				red, used := g.red.next(bits)
				bits >>= used & 63
				n -= used
				blue, used := g.blue.next(bits)
				bits >>= used & 63
				n -= used
				if n < longest {
					bits |= load(data, at) << (n & 63)
					at += int(63-n) >> 3
					n |= 56
				}
				alpha, used := g.alpha.next(bits)
				bits >>= used & 63
				n -= used
				v = alpha<<24 | red<<16 | blue
			}
			pix[pos] = v | green<<8
			pos++
			if x++; x == p.width {
				x = 0
				p.y++
			}
			continue
		}
		r.at, r.bits, r.n, p.pos, p.x = at, bits, n, pos, x
		if err := p.copied(r, g, int(green-literals)); err != nil {
			return err
		}
		at, bits, n, pos, x = r.at, r.bits, r.n, p.pos, p.x
		if x&p.tileMask != 0 {
			g = p.group()
		}
	}
	r.at, r.bits, r.n, p.pos, p.x = at, bits, n, pos, x
	return nil
}
