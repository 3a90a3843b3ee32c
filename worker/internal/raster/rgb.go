package raster

import (
	"context"
	"fmt"
)

// Conversion converts rows of RGB, as a decoder returns them, to a [Planar] picture of luma and two colour planes. It
// converts each row while it is in the cache, so the picture never exists as RGB. Luma and colours are those of JFIF
// 1.02 (BT.601, full range), rounded as image/color does.
type Conversion struct {
	planar Planar
	coarse bool
	sums   []uint32 // if coarse: red, green and blue of each two adjacent pixels of the previous row
}

// NewConversion returns a Conversion to a picture of this size, in pixels. If coarse is true, the colour planes have
// half its width and height, rounded up. Each colour sample is then the mean of four pixels, or of fewer at an odd
// edge. This halves the memory and loses nothing visible if the picture will shrink to half its size or less.
func NewConversion(width, height int, coarse bool) *Conversion {
	c := &Conversion{planar: Planar{Width: width, Height: height}, coarse: coarse}
	for i := range 3 {
		p := Plane{Width: width, Height: height, PitchX: 1, PitchY: 1}
		if coarse && i > 0 {
			p.Width, p.Height, p.PitchX, p.PitchY = (width+1)/2, (height+1)/2, 2, 2
		}
		p.Stride = p.Width
		p.Pix = make([]uint8, p.Stride*p.Height)
		c.planar.Planes = append(c.planar.Planes, p)
	}
	if coarse {
		c.sums = make([]uint32, 3*((width+1)/2))
	}
	return c
}

// Row converts row y. A pixel of pix has 3 or 4 bytes; a fourth byte is ignored. Rows must come in order, from 0. Row
// panics if y is not a row of the picture or pix is too short.
func (c *Conversion) Row(y int, pix []uint8, bytes int) {
	if bytes != 3 && bytes != 4 {
		panic(fmt.Sprintf("raster: RGB of %d bytes a pixel", bytes))
	}
	planes := c.planar.Planes
	n := c.planar.Width
	pix = pix[:n*bytes]
	luma := planes[0].Pix[y*planes[0].Stride:][:n]
	if c.coarse {
		lumaRow(luma, pix, bytes)
		c.coarseRow(y, pix, bytes)
		return
	}
	convertRow(luma, planes[1].Pix[y*planes[1].Stride:][:n], planes[2].Pix[y*planes[2].Stride:][:n], pix, bytes)
}

// ToPlanar returns an opaque picture in planes. If grey is true, it returns one plane; all three samples of each pixel
// must then be equal. See [NewConversion] for coarse.
func (p Picture) ToPlanar(ctx context.Context, grey, coarse bool) (Picture, error) {
	if p.IsPlanar() {
		return p, nil
	}
	m, s := p.rgba, sizeOf(p.rgba)
	row := func(y int) []byte { return m.Pix[y*m.Stride:][:4*s.Width] }
	if !grey {
		c := NewConversion(s.Width, s.Height, coarse)
		for y := range s.Height {
			if err := ctx.Err(); err != nil {
				return Picture{}, err
			}
			c.Row(y, row(y), 4)
		}
		return FromPlanar(c.Planar()), nil
	}
	luma := NewPlane(s)
	for y := range s.Height {
		if err := ctx.Err(); err != nil {
			return Picture{}, err
		}
		src := row(y)
		for x := range s.Width {
			luma.Pix[y*luma.Stride+x] = src[4*x]
		}
	}
	return FromPlanar(Planar{Width: s.Width, Height: s.Height, Planes: []Plane{luma}}), nil
}

// convertRowPortable calculates luma and both colours of each pixel.
func convertRowPortable(luma, blue, red, pix []uint8, bytes int) {
	blue, red = blue[:len(luma)], red[:len(luma)]
	for x, i := 0, 0; x < len(luma); x, i = x+1, i+bytes {
		p := pix[i : i+3]
		r, g, b := int32(p[0]), int32(p[1]), int32(p[2])
		luma[x] = lumaOf(r, g, b)
		blue[x], red[x] = blueOf(r, g, b, 0), redOf(r, g, b, 0)
	}
}

// Planar returns the picture. Call it after all rows were converted.
func (c *Conversion) Planar() Planar { return c.planar }

func lumaRow(luma, pix []uint8, bytes int) {
	for x, i := 0, 0; x < len(luma); x, i = x+1, i+bytes {
		p := pix[i : i+3]
		luma[x] = lumaOf(int32(p[0]), int32(p[1]), int32(p[2]))
	}
}

// coarseRow adds up an even row. With the odd row that follows, it calculates the colours of both. At an odd edge the
// last row or column counts twice.
func (c *Conversion) coarseRow(y int, pix []uint8, bytes int) {
	odd, last := y%2 == 1, y == c.planar.Height-1
	if !odd {
		clear(c.sums)
	}
	times := uint32(1)
	if !odd && last {
		times = 2
	}
	sums := c.sums
	for ; len(pix) >= 2*bytes && len(sums) >= 3; pix, sums = pix[2*bytes:], sums[3:] {
		a, b := pix[:3], pix[bytes:][:3]
		sums[0] += times * (uint32(a[0]) + uint32(b[0]))
		sums[1] += times * (uint32(a[1]) + uint32(b[1]))
		sums[2] += times * (uint32(a[2]) + uint32(b[2]))
	}
	if len(pix) > 0 {
		for i := range sums[:3] {
			sums[i] += 2 * times * uint32(pix[i])
		}
	}
	if !odd && !last {
		return
	}
	planes := c.planar.Planes
	blue := planes[1].Pix[y/2*planes[1].Stride:][:planes[1].Width]
	red := planes[2].Pix[y/2*planes[2].Stride:][:len(blue)]
	for x := range blue {
		s := c.sums[3*x:][:3]
		r, g, b := int32(s[0]), int32(s[1]), int32(s[2])
		blue[x], red[x] = blueOf(r, g, b, 2), redOf(r, g, b, 2)
	}
}

// The weights of each colour have 16 fractional bits and sum to 1 (luma) or 0 (JFIF 1.02, "conversion to and from
// RGB").
const colourBits = 16

// Luma returns the luma of a colour, as JFIF defines it (BT.601, full range).
func Luma(r, g, b uint8) uint8 { return lumaOf(int32(r), int32(g), int32(b)) }

func lumaOf(r, g, b int32) uint8 {
	return uint8((19595*r + 38470*g + 7471*b + 1<<(colourBits-1)) >> colourBits)
}

// blueOf and redOf return a colour from the sums of 1<<more pixels. The exact value of a saturated colour is 255.5,
// which does not fit into 8 bits.
func blueOf(r, g, b int32, more uint) uint8 {
	return uint8(min((-11056*r-21712*g+32768*b+257<<(colourBits-1+more))>>(colourBits+more), 255))
}

func redOf(r, g, b int32, more uint) uint8 {
	return uint8(min((32768*r-27440*g-5328*b+257<<(colourBits-1+more))>>(colourBits+more), 255))
}
