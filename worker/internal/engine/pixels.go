package engine

import (
	"image"
	"image/color"
)

// toNRGBA returns a picture that a decoder made as 8 bits a sample, not premultiplied, with its corner at 0,0. The
// pixels are shared where they are such already. Of samples with 16 bits the upper 8 stay.
func toNRGBA(m image.Image) *image.NRGBA {
	b := m.Bounds()
	rect := image.Rect(0, 0, b.Dx(), b.Dy())
	switch m := m.(type) {
	case *image.NRGBA:
		return &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: rect}
	case *image.RGBA: // of decoders, always opaque: premultiplied or not is the same
		return &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: rect}
	}
	dst := image.NewNRGBA(rect)
	row := rowReader(m)
	for y := range rect.Dy() {
		row(dst.Pix[y*dst.Stride:y*dst.Stride+4*rect.Dx()], y)
	}
	return dst
}

// rowReader returns what writes row y of m, counted from its top, into dst.
func rowReader(m image.Image) func(dst []byte, y int) {
	switch m := m.(type) {
	case *image.Gray:
		return func(dst []byte, y int) { greyRow(dst, m.Pix[y*m.Stride:], 1) }
	case *image.Gray16:
		return func(dst []byte, y int) { greyRow(dst, m.Pix[y*m.Stride:], 2) }
	case *image.NRGBA64:
		return func(dst []byte, y int) { upperBytes(dst, m.Pix[y*m.Stride:]) }
	case *image.RGBA64: // opaque, as above
		return func(dst []byte, y int) { upperBytes(dst, m.Pix[y*m.Stride:]) }
	case *image.CMYK:
		return func(dst []byte, y int) { cmykRow(dst, m.Pix[y*m.Stride:]) }
	case *image.Paletted:
		table := paletteTable(m.Palette)
		return func(dst []byte, y int) { paletteRow(dst, m.Pix[y*m.Stride:], table) }
	}
	at := m.Bounds().Min
	return func(dst []byte, y int) {
		for i := 0; i < len(dst); i += 4 {
			c := color.NRGBAModel.Convert(m.At(at.X+i/4, at.Y+y)).(color.NRGBA)
			dst[i], dst[i+1], dst[i+2], dst[i+3] = c.R, c.G, c.B, c.A
		}
	}
}

func greyRow(dst, src []byte, bytesEach int) {
	for x := 0; x < len(dst)/4; x++ {
		v := src[x*bytesEach]
		dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = v, v, v, 0xff
	}
}

func upperBytes(dst, src []byte) {
	for i := range dst {
		dst[i] = src[2*i]
	}
}

// cmykRow needs no care for the inverted inks that Adobe writes: image/jpeg has turned them back.
func cmykRow(dst, src []byte) {
	for i := 0; i < len(dst); i += 4 {
		r, g, b := color.CMYKToRGB(src[i], src[i+1], src[i+2], src[i+3])
		dst[i], dst[i+1], dst[i+2], dst[i+3] = r, g, b, 0xff
	}
}

// paletteTable has an entry for every index that a pixel can have, transparent beyond the palette.
func paletteTable(p color.Palette) *[256]color.NRGBA {
	var table [256]color.NRGBA
	for i, c := range p[:min(len(p), 256)] {
		table[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	return &table
}

func paletteRow(dst, src []byte, table *[256]color.NRGBA) {
	for x := 0; x < len(dst)/4; x++ {
		c := table[src[x]]
		dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = c.R, c.G, c.B, c.A
	}
}

// opaque reports whether no pixel of m lets anything through.
func opaque(m *image.NRGBA) bool {
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride : y*m.Stride+4*m.Rect.Dx()]
		for i := 3; i < len(row); i += 4 {
			if row[i] != 0xff {
				return false
			}
		}
	}
	return true
}
