package format

import (
	"context"
	"image"

	"darkroom/worker/internal/jpegscan"
	"darkroom/worker/internal/raster"
)

// rereadJPEG decodes a JPEG in grey, 4:2:0 or 4:4:4 to the same pixels as libjpeg, which most viewers use: it rounds
// alike when it interpolates and converts colours. [raster.Picture.NRGBA] differs from libjpeg by up to 1, more often
// in dark and bright places than in between, which changes a score of 90 by half a point.
func rereadJPEG(ctx context.Context, data []byte, h Header) (*image.NRGBA, error) {
	p, err := jpegscan.Decode(ctx, data, 1, false)
	if err != nil {
		return nil, err
	}
	m := image.NewNRGBA(image.Rect(0, 0, h.Width, h.Height))
	var colours [2][]uint8
	var sums []int32
	half := len(p.Planes) == 3 && h.jpeg.Components[0] != h.jpeg.Components[1]
	if half {
		colours = [2][]uint8{make([]uint8, h.Width+1), make([]uint8, h.Width+1)}
		sums = make([]int32, (h.Width+1)/2)
	}
	for y := range h.Height {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		luma, dst := p.Planes[0].Pix[y*p.Planes[0].Stride:][:h.Width], m.Pix[y*m.Stride:][:4*h.Width]
		if len(p.Planes) == 1 {
			interleave(dst, luma, luma, luma)
			continue
		}
		for i := range colours {
			plane := p.Planes[1+i]
			if half {
				fancyRow(colours[i], sums, plane, y, (h.Height+1)/2)
			} else {
				colours[i] = plane.Pix[y*plane.Stride:][:h.Width]
			}
		}
		libjpegRow(dst, luma, colours[0], colours[1])
	}
	return m, nil
}

// fancyRow writes row y of a plane whose sides are halved, with height rows. It works like h2v2_fancy_upsample of
// libjpeg: along each side, the nearer sample counts three quarters, and the result is rounded up for even pixels and
// down for odd ones. dst may have one pixel more than the picture.
func fancyRow(dst []uint8, sums []int32, p jpegscan.Plane, y, height int) {
	near := y / 2
	far := min(max(near+2*(y&1)-1, 0), height-1)
	a, b := p.Pix[near*p.Stride:][:len(sums)], p.Pix[far*p.Stride:][:len(sums)]
	for x := range sums {
		sums[x] = 3*int32(a[x]) + int32(b[x])
	}
	last := len(sums) - 1
	if last < 2 { // libjpeg does not interpolate planes this narrow
		for x := range dst {
			dst[x] = p.Pix[near*p.Stride+min(x/2, last)]
		}
		return
	}
	for x, here := range sums {
		left, right := sums[max(x-1, 0)], sums[min(x+1, last)]
		dst[2*x] = uint8((3*here + left + 8) >> 4)
		if 2*x+1 < len(dst) {
			dst[2*x+1] = uint8((3*here + right + 7) >> 4)
		}
	}
}

// Weights of the colours in RGB as fixed-point numbers with 16 fractional bits, as in ycc_rgb_convert of libjpeg (JFIF
// 1.02).
const (
	redOfRed    = 91881
	greenOfBlue = -22554
	greenOfRed  = -46802
	blueOfBlue  = 116130
)

// libjpegRow converts a row to pixels.
func libjpegRow(dst, luma, blue, red []uint8) {
	blue, red = blue[:len(luma)], red[:len(luma)]
	for x, v := range luma {
		y, cb, cr := int32(v)<<16+1<<15, int32(blue[x])-128, int32(red[x])-128
		d := dst[4*x:][:4]
		d[0], d[1], d[2], d[3] = clamp8((y+redOfRed*cr)>>16), clamp8((y+greenOfBlue*cb+greenOfRed*cr)>>16), clamp8((y+blueOfBlue*cb)>>16), 0xff
	}
}

func clamp8(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// jpegRereadMemory counts the planes in whole blocks, the coefficients of a progressive file, and three rows.
func jpegRereadMemory(s raster.Size, o Options) int64 {
	blocks := raster.Size{Width: (s.Width + 15) &^ 15, Height: (s.Height + 15) &^ 15}
	bytes := raster.PlanarMemory(blocks, o.Grey, o.FullColour)
	if o.Progressive {
		bytes += bytes * (4*65 + 8) / 64
	}
	return bytes + 6*int64(s.Width) + 256<<10
}
