package raster

import (
	"image"
	"image/color"

	"darkroom/worker/internal/icc"
)

// ConvertColours converts the picture to sRGB by a profile, in place. A nil profile converts nothing.
func (p Picture) ConvertColours(profile *icc.Profile) {
	switch {
	case profile == nil:
	case p.IsPlanar():
		convertPlanar(p.planar, profile)
	default:
		convertRGBA(p.rgba, profile)
	}
}

func convertRGBA(m *image.NRGBA, p *icc.Profile) {
	var table [256]byte // conversion by a grey profile
	for v := range table {
		table[v] = byte(v)
	}
	p.ConvertGray(table[:])
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:][:4*m.Rect.Dx()]
		if p.Space() != icc.Gray {
			p.Convert(row)
			continue
		}
		for x := 0; x < len(row); x += 4 {
			row[x], row[x+1], row[x+2] = table[row[x]], table[row[x+1]], table[row[x+2]]
		}
	}
}

// convertPlanar converts one plane of grey, or luma and two planes of colour. With colours, it takes the rows of luma
// that share a row of colours to RGB and back. A colour sample is the mean of the pixels it stands for.
func convertPlanar(pic Planar, p *icc.Profile) {
	luma := pic.Planes[0]
	if len(pic.Planes) == 1 {
		for y := range luma.Height {
			p.ConvertGray(luma.Pix[y*luma.Stride:][:luma.Width])
		}
		return
	}
	pitch, width := pic.Planes[1].PitchX, 4*luma.Width
	pix := make([]byte, pitch*width)
	sums := make([][3]int, pic.Planes[1].Width) // Cb, Cr, and the number of pixels
	for top := 0; top < luma.Height; top += pitch {
		rows := min(pitch, luma.Height-top)
		blue, red := pic.Planes[1].Row(top), pic.Planes[2].Row(top)
		for y := range rows {
			colourRow(pix[y*width:][:width], luma.Row(top+y), blue, red, pitch)
		}
		p.Convert(pix[:rows*width])
		clear(sums)
		for y := range rows {
			light := luma.Row(top + y)
			src := pix[y*width:]
			for x := range light {
				v, b, r := color.RGBToYCbCr(src[4*x], src[4*x+1], src[4*x+2])
				light[x] = v
				s := &sums[x/pitch]
				s[0], s[1], s[2] = s[0]+int(b), s[1]+int(r), s[2]+1
			}
		}
		for x, s := range sums {
			if s[2] > 0 {
				blue[x], red[x] = byte((s[0]+s[2]/2)/s[2]), byte((s[1]+s[2]/2)/s[2])
			}
		}
	}
}

// FromCMYK returns a CMYK picture in sRGB: converted by its profile or, if that is nil, as if inks were ideal.
func FromCMYK(m *image.CMYK, p *icc.Profile) Picture {
	if p == nil {
		return FromImage(m)
	}
	dst := image.NewNRGBA(image.Rectangle{Max: m.Rect.Size()})
	for y := range dst.Rect.Dy() {
		p.ConvertCMYK(dst.Pix[y*dst.Stride:][:dst.Stride], m.Pix[y*m.Stride:])
	}
	return FromRGBA(dst)
}
