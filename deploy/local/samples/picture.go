package samples

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
)

// Colours of the quarters. They differ in brightness and in hue, so that a turned or mirrored picture is recognised.
var (
	colours = [4]color.NRGBA{{200, 40, 40, 255}, {40, 160, 60, 255}, {50, 70, 190, 255}, {220, 190, 50, 255}}
	greys   = [4]color.NRGBA{{40, 40, 40, 255}, {100, 100, 100, 255}, {160, 160, 160, 255}, {220, 220, 220, 255}}
)

// picture has four quarters of one colour each, with a little noise, and a striped disc or a transparent hole in
// the middle.
type picture struct {
	width, height int // pixels, upright
	quarters      [4]color.NRGBA
	seed          uint32 // seed of the noise
	hole          bool
}

// pixel returns the colour of a pixel of the upright picture.
func (p *picture) pixel(x, y int) color.NRGBA {
	quarter := 0
	if 2*x >= p.width {
		quarter++
	}
	if 2*y >= p.height {
		quarter += 2
	}
	c := p.quarters[quarter]
	radius := min(p.width, p.height) / 6
	dx, dy := x-p.width/2, y-p.height/2
	if dx*dx+dy*dy < radius*radius {
		if p.hole {
			return color.NRGBA{}
		}
		if (x+y)/8%2 == 0 {
			return p.quarters[3-quarter]
		}
	}
	// A multiplicative hash of the position.
	h := (uint32(x)*73856093 ^ uint32(y)*19349663 ^ p.seed*83492791) * 2654435761
	return shade(c, int(h>>20%(2*noise+1))-noise)
}

// noise is the largest difference between a pixel and the colour of its quarter, on a scale of 256.
const noise = 6

func shade(c color.NRGBA, n int) color.NRGBA {
	return color.NRGBA{uint8(int(c.R) + n), uint8(int(c.G) + n), uint8(int(c.B) + n), 255}
}

// draw returns the picture as a camera with this EXIF orientation stores it. Orientations are those of the tag
// Orientation in Exif 2.32 (CIPA DC-008), 4.6.4; 0 means 1.
func (p *picture) draw(orientation uint8) *image.NRGBA {
	w, h := p.width, p.height
	right, bottom := w-1, h-1
	upright := map[uint8]func(x, y int) (int, int){ // position of a stored pixel in the upright picture
		2: func(x, y int) (int, int) { return right - x, y },
		3: func(x, y int) (int, int) { return right - x, bottom - y },
		4: func(x, y int) (int, int) { return x, bottom - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return right - y, x },
		7: func(x, y int) (int, int) { return right - y, bottom - x },
		8: func(x, y int) (int, int) { return y, bottom - x },
	}[orientation]
	if upright == nil {
		upright = func(x, y int) (int, int) { return x, y }
	}
	if orientation >= 5 {
		w, h = h, w
	}
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		row := m.Pix[y*m.Stride:][:4*w]
		for x := range w {
			c := p.pixel(upright(x, y))
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = c.R, c.G, c.B, c.A
		}
	}
	return m
}

// indexed returns the picture with a palette of exactly its colours.
func (p *picture) indexed() *image.Paletted {
	var palette color.Palette
	for _, c := range p.quarters {
		for n := -noise; n <= noise; n++ {
			palette = append(palette, shade(c, n))
		}
	}
	m := image.NewPaletted(image.Rect(0, 0, p.width, p.height), palette)
	draw.Draw(m, m.Bounds(), p.draw(1), image.Point{}, draw.Src)
	return m
}

func toGrey(m image.Image) *image.Gray {
	g := image.NewGray(m.Bounds())
	draw.Draw(g, g.Bounds(), m, m.Bounds().Min, draw.Src)
	return g
}

// exif returns the payload of an APP1 segment with only the orientation: a TIFF header and one directory with one entry
// (Exif 2.32, 4.5).
func exif(orientation uint8) []byte {
	be := binary.BigEndian
	b := []byte("Exif\x00\x00MM\x00\x2a")
	b = be.AppendUint32(b, 8)      // offset of the directory from MM
	b = be.AppendUint16(b, 1)      // entries
	b = be.AppendUint16(b, 0x0112) // Orientation
	b = be.AppendUint16(b, 3)      // SHORT
	b = be.AppendUint32(b, 1)      // one value
	b = be.AppendUint16(b, uint16(orientation))
	b = be.AppendUint16(b, 0)    // a SHORT fills half of the four bytes
	return be.AppendUint32(b, 0) // no further directory
}
