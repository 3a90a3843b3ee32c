package engine

import (
	"image"
	"image/color"

	"darkroom/worker/internal/icc"
	"darkroom/worker/internal/plane"
)

// conversion returns what converts the pixels of a decoded picture to sRGB, or nil where they are sRGB already, and
// the profile that the variants have to carry because it is of a kind that is not converted. One that is too large to
// be carried is left out.
func conversion(data []byte, h Header, grey bool) (convert *icc.Profile, carry []byte) {
	p := profile(data, h, grey)
	if p == nil {
		return codedColours(h), nil
	}
	convert, err := icc.Parse(p)
	switch {
	case err != nil && len(p) <= maxProfile:
		return nil, p
	case err != nil || convert.SRGB():
		return nil, nil
	}
	return convert, nil
}

// convertNRGBA converts a picture in place.
func convertNRGBA(m *image.NRGBA, p *icc.Profile) {
	if p == nil {
		return
	}
	var table [256]byte // of a grey profile
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

// convertInks returns a CMYK picture in sRGB: by the profile of the file, or where there is none that can be used as if
// inks were ideal.
func convertInks(m *image.CMYK, data []byte, h Header) *image.NRGBA {
	text := profileFor(data, h, "CMYK")
	if text == nil {
		return toNRGBA(m)
	}
	p, err := icc.Parse(text)
	if err != nil {
		return toNRGBA(m)
	}
	dst := image.NewNRGBA(image.Rect(0, 0, m.Rect.Dx(), m.Rect.Dy()))
	for y := range dst.Rect.Dy() {
		p.ConvertCMYK(dst.Pix[y*dst.Stride:][:dst.Stride], m.Pix[y*m.Stride:])
	}
	return dst
}

// convertPlanes converts a picture in place: one plane of grey, or luma and two of colour. Of colours it takes the rows
// of luma that have a row of colours in common to RGB and back. A colour sample is the mean of the pixels it stands for.
func convertPlanes(pic plane.Picture, p *icc.Profile) {
	if p == nil {
		return
	}
	luma := pic.Planes[0]
	if len(pic.Planes) == 1 {
		for y := range luma.Height {
			p.ConvertGray(luma.Pix[y*luma.Stride:][:luma.Width])
		}
		return
	}
	pitch, width := pic.Planes[1].PitchX, 4*luma.Width
	pix := make([]byte, pitch*width)
	sums := make([][3]int, pic.Planes[1].Width) // of Cb, of Cr, and how many
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
