package engine

import (
	"image"
	"image/color"

	"darkroom/worker/internal/plane"
)

// frame is the picture of a variant, in planes or else in rgb. It may share its pixels with larger pictures.
type frame struct {
	planes plane.Picture
	rgb    *image.NRGBA
}

func (f frame) size() size {
	if f.rgb != nil {
		return sizeOf(f.rgb)
	}
	return planesSize(f.planes)
}

// image returns the frame as what the JPEG encoder takes without a conversion. It must be opaque.
func (f frame) image() image.Image {
	if f.rgb != nil {
		// Opaque, RGBA and NRGBA are the same pixels, and RGBA is read without a multiplication by alpha.
		return &image.RGBA{Pix: f.rgb.Pix, Stride: f.rgb.Stride, Rect: f.rgb.Rect}
	}
	luma, rect := f.planes.Planes[0], image.Rect(0, 0, f.planes.Width, f.planes.Height)
	if len(f.planes.Planes) == 1 {
		return &image.Gray{Pix: luma.Pix, Stride: luma.Stride, Rect: rect}
	}
	cb, cr := f.planes.Planes[1], f.planes.Planes[2]
	ratio := image.YCbCrSubsampleRatio420
	if cb.PitchX == 1 {
		ratio = image.YCbCrSubsampleRatio444
	}
	return &image.YCbCr{Y: luma.Pix, Cb: cb.Pix, Cr: cr.Pix, YStride: luma.Stride, CStride: cb.Stride, SubsampleRatio: ratio, Rect: rect}
}

// nrgba returns the frame in RGB, with its rows one after another.
func (f frame) nrgba() *image.NRGBA {
	switch {
	case f.rgb == nil:
		return fromPlanes(f.planes)
	case f.rgb.Stride == 4*f.rgb.Rect.Dx():
		return f.rgb
	}
	dst := image.NewNRGBA(f.rgb.Rect)
	for y := range dst.Rect.Dy() {
		copy(dst.Pix[y*dst.Stride:][:dst.Stride], f.rgb.Pix[y*f.rgb.Stride:])
	}
	return dst
}

// fromPlanes returns a picture in planes as NRGBA.
func fromPlanes(p plane.Picture) *image.NRGBA {
	dst := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
	luma := p.Planes[0]
	for y := range p.Height {
		light, row := luma.Pix[y*luma.Stride:][:p.Width], dst.Pix[y*dst.Stride:][:4*p.Width]
		if len(p.Planes) == 1 {
			greyRow(row, light, 1)
			continue
		}
		colourRow(row, light, p.Planes[1].Row(y), p.Planes[2].Row(y), p.Planes[1].PitchX)
	}
	return dst
}

// colourRow writes pixels of which each pitch have one sample of blue and of red in common.
func colourRow(dst, light, blue, red []byte, pitch int) {
	for x, v := range light {
		dst[4*x], dst[4*x+1], dst[4*x+2] = color.YCbCrToRGB(v, blue[x/pitch], red[x/pitch])
		dst[4*x+3] = 0xff
	}
}

// flat returns the frame with the colour behind all that is transparent.
func (f frame) flat(behind color.NRGBA) frame {
	if f.rgb == nil {
		return f
	}
	src := f.rgb
	dst := image.NewNRGBA(image.Rect(0, 0, src.Rect.Dx(), src.Rect.Dy()))
	under := [3]int{int(behind.R), int(behind.G), int(behind.B)}
	for y := range dst.Rect.Dy() {
		from, row := src.Pix[y*src.Stride:], dst.Pix[y*dst.Stride:][:dst.Stride]
		for x := 0; x < len(row); x += 4 {
			a := int(from[x+3])
			for i, b := range under {
				row[x+i] = byte((int(from[x+i])*a + b*(255-a) + 127) / 255)
			}
			row[x+3] = 0xff
		}
	}
	return frame{rgb: dst}
}
