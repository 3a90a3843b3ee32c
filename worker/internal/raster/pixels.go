package raster

import (
	"context"
	"encoding/binary"
	"image"
	"image/color"
)

// FromImage returns a decoded picture as RGBA, with its upper left corner at 0,0. The result shares the pixels of m if
// m has that layout already. Samples of 16 bits lose their lower 8.
func FromImage(m image.Image) Picture {
	b := m.Bounds()
	rect := image.Rect(0, 0, b.Dx(), b.Dy())
	switch m := m.(type) {
	case *image.NRGBA:
		return FromRGBA(&image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: rect})
	case *image.RGBA: // decoders only return opaque ones, where premultiplying changes nothing
		return FromRGBA(&image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: rect})
	}
	dst := image.NewNRGBA(rect)
	row := rowReader(m)
	for y := range rect.Dy() {
		row(dst.Pix[y*dst.Stride:y*dst.Stride+4*rect.Dx()], y)
	}
	return FromRGBA(dst)
}

// rowReader returns a function that writes row y of m into dst as RGBA. Row 0 is at the top.
func rowReader(m image.Image) func(dst []byte, y int) {
	switch m := m.(type) {
	case *image.Gray:
		return func(dst []byte, y int) { greyRow(dst, m.Pix[y*m.Stride:], 1) }
	case *image.Gray16:
		return func(dst []byte, y int) { greyRow(dst, m.Pix[y*m.Stride:], 2) }
	case *image.NRGBA64:
		return func(dst []byte, y int) { upperBytes(dst, m.Pix[y*m.Stride:]) }
	case *image.RGBA64: // opaque, like image.RGBA above
		return func(dst []byte, y int) { upperBytes(dst, m.Pix[y*m.Stride:]) }
	case *image.Paletted:
		table := paletteTable(m.Palette)
		return func(dst []byte, y int) { paletteRow(dst, m.Pix[y*m.Stride:], table) }
	}
	corner := m.Bounds().Min
	return func(dst []byte, y int) {
		for i := 0; i < len(dst); i += 4 {
			c := color.NRGBAModel.Convert(m.At(corner.X+i/4, corner.Y+y)).(color.NRGBA)
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

// paletteTable returns a colour for every index that a pixel can have. Indexes beyond the palette are transparent.
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

// Image returns the picture as a type that an encoder reads without a conversion. The picture must be opaque. The
// result shares the pixels. Planes must have the matrix of JPEG, which [Picture.ConvertColours] gives them.
func (p Picture) Image() image.Image {
	if !p.IsPlanar() {
		// Opaque RGBA and NRGBA have the same pixels, and RGBA is read without a multiplication by alpha.
		return &image.RGBA{Pix: p.rgba.Pix, Stride: p.rgba.Stride, Rect: p.rgba.Rect}
	}
	luma, rect := p.planar.Planes[0], image.Rect(0, 0, p.planar.Width, p.planar.Height)
	if len(p.planar.Planes) == 1 {
		return &image.Gray{Pix: luma.Pix, Stride: luma.Stride, Rect: rect}
	}
	cb, cr := p.planar.Planes[1], p.planar.Planes[2]
	ratio := image.YCbCrSubsampleRatio420
	if cb.PitchX == 1 {
		ratio = image.YCbCrSubsampleRatio444
	}
	return &image.YCbCr{Y: luma.Pix, Cb: cb.Pix, Cr: cr.Pix, YStride: luma.Stride, CStride: cb.Stride, SubsampleRatio: ratio, Rect: rect}
}

// NRGBA returns the picture as RGBA. The result shares the pixels if the picture has that layout, and there may then be
// gaps between its rows.
func (p Picture) NRGBA(ctx context.Context) (*image.NRGBA, error) {
	if p.IsPlanar() {
		return fromPlanar(ctx, p.planar)
	}
	return p.rgba, nil
}

// PackedNRGBA is NRGBA without gaps between the rows.
func (p Picture) PackedNRGBA(ctx context.Context) (*image.NRGBA, error) {
	m, err := p.NRGBA(ctx)
	if err != nil || m.Stride == 4*m.Rect.Dx() {
		return m, err
	}
	dst := image.NewNRGBA(m.Rect)
	for y := range dst.Rect.Dy() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		copy(dst.Pix[y*dst.Stride:][:dst.Stride], m.Pix[y*m.Stride:])
	}
	return dst, nil
}

func fromPlanar(ctx context.Context, p Planar) (*image.NRGBA, error) {
	dst := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
	luma, toRGB := p.Planes[0], p.Matrix.rowConverter()
	for y := range p.Height {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		light, row := luma.Pix[y*luma.Stride:][:p.Width], dst.Pix[y*dst.Stride:][:4*p.Width]
		if len(p.Planes) == 1 {
			greyRow(row, light, 1)
			continue
		}
		toRGB(row, light, p.Planes[1].Row(y), p.Planes[2].Row(y), p.Planes[1].PitchX)
	}
	return dst, nil
}

// colourRow converts a row to pixels. Each group of pitch pixels shares one sample of blue and one of red. It rounds as
// color.YCbCrToRGB does, but looks up the colour terms only once for each group.
func colourRow(dst, light, blue, red []byte, pitch int) {
	for i := 0; len(light) > 0; i++ {
		u, w := &blueTerms[blue[i]], &redTerms[red[i]]
		addRed, addGreen, addBlue := w.red, u.green+w.green, u.blue
		n := min(pitch, len(light))
		for _, v := range light[:n] {
			l := int32(v) * 0x10101
			r, g, b := (l+addRed)>>16, (l+addGreen)>>16, (l+addBlue)>>16
			if uint32(r|g|b) > 255 {
				r, g, b = clampSample(r), clampSample(g), clampSample(b)
			}
			binary.LittleEndian.PutUint32(dst, 0xff<<24|uint32(b)<<16|uint32(g)<<8|uint32(r))
			dst = dst[4:]
		}
		light = light[n:]
	}
}

func clampSample(v int32) int32 { return min(max(v, 0), 255) }

// blueTerms and redTerms hold what a sample of each colour adds to red, green and blue, with 16 fractional bits. They
// are tables because the compiler would otherwise multiply for every pixel.
var blueTerms, redTerms = func() (blueTerms [256]struct{ green, blue int32 }, redTerms [256]struct{ red, green int32 }) {
	for v := range blueTerms {
		at := int32(v) - 128
		blueTerms[v].green, blueTerms[v].blue = -22554*at, 116130*at
		redTerms[v].red, redTerms[v].green = 91881*at, -46802*at
	}
	return blueTerms, redTerms
}()
