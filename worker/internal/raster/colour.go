package raster

import (
	"context"
	"image"
	"image/color"

	"darkroom/worker/internal/icc"
)

// ConvertColours converts the picture to sRGB by a profile, and its planes to the matrix of JPEG. It works in place and
// returns the picture. If profile is nil, only the matrix changes.
func (p Picture) ConvertColours(ctx context.Context, profile *icc.Profile) (Picture, error) {
	var err error
	switch {
	case !p.IsPlanar() && profile != nil:
		err = convertRGBA(ctx, p.rgba, profile)
	case p.IsPlanar() && len(p.planar.Planes) == 1 && profile != nil:
		err = convertGrey(ctx, p.planar.Planes[0], profile)
	case p.IsPlanar() && len(p.planar.Planes) > 1 && (profile != nil || !p.planar.Matrix.IsJPEG()):
		err = convertPlanar(ctx, p.planar, profile)
	}
	p.planar.Matrix = Matrix{}
	return p, err
}

func convertRGBA(ctx context.Context, m *image.NRGBA, p *icc.Profile) error {
	var table [256]byte // lookup table of a grey profile
	for v := range table {
		table[v] = byte(v)
	}
	p.ConvertGray(table[:])
	for y := range m.Rect.Dy() {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := m.Pix[y*m.Stride:][:4*m.Rect.Dx()]
		if p.Space() != icc.Gray {
			p.Convert(row)
			continue
		}
		for x := 0; x < len(row); x += 4 {
			row[x], row[x+1], row[x+2] = table[row[x]], table[row[x+1]], table[row[x+2]]
		}
	}
	return nil
}

// convertGrey converts a plane of grey. The profile is for grey or for RGB.
func convertGrey(ctx context.Context, p Plane, profile *icc.Profile) error {
	grey := greys(profile)
	for y := range p.Height {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := p.Pix[y*p.Stride:][:p.Width]
		for x, v := range row {
			row[x] = grey[v]
		}
	}
	return nil
}

// greys returns the grey that each of the 256 levels becomes. The profile is for grey or for RGB.
func greys(profile *icc.Profile) (grey [256]byte) {
	if profile.Space() == icc.RGB {
		var pix [4 * 256]byte
		for i := range pix {
			pix[i] = byte(i / 4)
		}
		profile.Convert(pix[:])
		for v := range grey {
			grey[v] = Luma(pix[4*v], pix[4*v+1], pix[4*v+2])
		}
		return grey
	}
	for v := range grey {
		grey[v] = byte(v)
	}
	profile.ConvertGray(grey[:])
	return grey
}

// convertPlanar converts luma and two planes of colour. All rows of luma that share a row of colours are converted to
// RGB together, and then back to the matrix of JPEG. A colour sample of the result is the mean of the pixels it covers.
func convertPlanar(ctx context.Context, pic Planar, p *icc.Profile) error {
	luma, toRGB := pic.Planes[0], pic.Matrix.rowConverter()
	pitch, width := pic.Planes[1].PitchX, luma.Width
	pix := make([]byte, 4*pitch*width)
	pixelBlue, pixelRed := make([]byte, width), make([]byte, width) // colours of each pixel of a row
	sums := make([][2]int, pic.Planes[1].Width)                     // Cb and Cr
	for top := 0; top < luma.Height; top += pitch {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := min(pitch, luma.Height-top)
		blue, red := pic.Planes[1].Row(top), pic.Planes[2].Row(top)
		for y := range rows {
			toRGB(pix[4*y*width:][:4*width], luma.Row(top+y), blue, red, pitch)
		}
		if p != nil {
			p.Convert(pix[:4*rows*width])
		}
		clear(sums)
		for y := range rows {
			convertRow(luma.Row(top+y), pixelBlue, pixelRed, pix[4*y*width:][:4*width], 4)
			addGroups(sums, pixelBlue, pixelRed, pitch)
		}
		for x, s := range sums {
			if n := min(pitch, width-x*pitch) * rows; n > 0 {
				blue[x], red[x] = byte((s[0]+n/2)/n), byte((s[1]+n/2)/n)
			}
		}
	}
	return nil
}

// addGroups adds up the colours of each group of pitch pixels, one sum a group. The last group may have fewer pixels.
func addGroups(sums [][2]int, blue, red []byte, pitch int) {
	for i := range sums {
		n := min(pitch, len(blue))
		for x, v := range blue[:n] {
			sums[i][0] += int(v)
			sums[i][1] += int(red[x])
		}
		blue, red = blue[n:], red[n:]
	}
}

// IdealInks converts CMYK pixels (0 is no ink) in place to opaque RGB, as if the inks were ideal.
func IdealInks(pix []uint8) {
	for i := 0; i+4 <= len(pix); i += 4 {
		pix[i], pix[i+1], pix[i+2] = color.CMYKToRGB(pix[i], pix[i+1], pix[i+2], pix[i+3])
		pix[i+3] = 0xff
	}
}
