package format

import (
	"context"
	"image"
	"image/color"

	"darkroom/worker/internal/icc"
	"darkroom/worker/internal/jpegscan"
	"darkroom/worker/internal/raster"
)

// jpegPixels returns a decoded picture as RGBA. RGB and inks become sRGB by the profile of the file. Without a usable
// profile, RGB stays as it is, and inks are taken to be ideal.
func jpegPixels(ctx context.Context, p jpegscan.Picture, h Header, denom int) (*image.NRGBA, error) {
	size, most := h.Stored().Reduced(denom), jpegscan.MaxSampling(h.jpeg.Components)
	components, rows := make([]*raster.Stretch, len(p.Planes)), make([][]uint8, len(p.Planes))
	for i, s := range h.jpeg.Components {
		components[i] = raster.NewStretch(p.Planes[i].Pix, p.Planes[i].Stride, size, raster.Ratio{Samples: s.H, Pixels: most.H},
			raster.Ratio{Samples: s.V, Pixels: most.V})
		rows[i] = make([]uint8, size.Width)
	}
	toRGB := jpegRowConverter(h)
	m := image.NewNRGBA(image.Rect(0, 0, size.Width, size.Height))
	for y := range size.Height {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i, c := range components {
			c.Row(rows[i], y)
		}
		toRGB(m.Pix[y*m.Stride:][:4*size.Width], rows)
	}
	return m, nil
}

// jpegRowConverter returns a function that makes a row of pixels from a row of each component.
func jpegRowConverter(h Header) func(dst []uint8, rows [][]uint8) {
	switch h.jpeg.Colour {
	case jpegscan.Grey:
		return func(dst []uint8, rows [][]uint8) { interleave(dst, rows[0], rows[0], rows[0]) }
	case jpegscan.RGB:
		profile, _ := h.conversion()
		return func(dst []uint8, rows [][]uint8) {
			interleave(dst, rows[0], rows[1], rows[2])
			if profile != nil {
				profile.Convert(dst)
			}
		}
	case jpegscan.CMYK, jpegscan.YCCK:
		toInks, profile := invertedInks, h.inkProfile()
		if h.jpeg.Colour == jpegscan.YCCK {
			toInks = codedInks
		}
		return func(dst []uint8, rows [][]uint8) {
			toInks(dst, rows)
			if profile != nil {
				profile.ConvertCMYK(dst, dst)
				return
			}
			raster.IdealInks(dst)
		}
	}
	return func(dst []uint8, rows [][]uint8) {
		for x, y := range rows[0] {
			dst[4*x], dst[4*x+1], dst[4*x+2] = color.YCbCrToRGB(y, rows[1][x], rows[2][x])
			dst[4*x+3] = 0xff
		}
	}
}

func interleave(dst, red, green, blue []uint8) {
	for x, r := range red {
		dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = r, green[x], blue[x], 0xff
	}
}

// invertedInks writes a row of CMYK, in which 0 is no ink. Files store the inverse, a custom that Adobe began. Browsers
// assume it for all files, with or without an Adobe segment.
func invertedInks(dst []uint8, rows [][]uint8) {
	for x := range rows[0] {
		dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = ^rows[0][x], ^rows[1][x], ^rows[2][x], ^rows[3][x]
	}
}

// codedInks is invertedInks for YCCK, whose first three components are the complement of inverted inks, in YCbCr.
func codedInks(dst []uint8, rows [][]uint8) {
	for x, y := range rows[0] {
		dst[4*x], dst[4*x+1], dst[4*x+2] = color.YCbCrToRGB(y, rows[1][x], rows[2][x])
		dst[4*x+3] = ^rows[3][x]
	}
}

// inkProfile returns the profile of a CMYK picture, or nil if there is no usable one.
func (h Header) inkProfile() *icc.Profile {
	if text := h.Profile.read("CMYK"); text != nil {
		if p, err := icc.Parse(text); err == nil {
			return p
		}
	}
	return nil
}
