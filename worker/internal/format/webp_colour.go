package format

import (
	"context"
	"encoding/binary"
	"image"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// The planes of a lossy WebP are in ITU-R BT.601 with the studio range: luma is 16 (black) to 235 (white), and colours
// are 16 to 240 (RFC 6386, 9.2).

// fullLuma and fullColour map samples of the studio range to the full range.
var fullLuma, fullColour [256]byte

func init() {
	for v := range 256 {
		fullLuma[v] = byte(min(max((2*(v-16)*255+219)/(2*219), 0), 255))
		fullColour[v] = byte(min(max((2*(v-128)*255+257*224)/(2*224), 0), 255))
	}
}

// studioPlanes converts the planes of a lossy WebP to the full range, in place.
func studioPlanes(ctx context.Context, m *image.YCbCr) (raster.Picture, error) {
	s := raster.Size{Width: m.Rect.Dx(), Height: m.Rect.Dy()}
	p := raster.Planar{Width: s.Width, Height: s.Height}
	for i, plane := range []struct {
		pix           []byte
		stride, pitch int
		full          *[256]byte
	}{{m.Y, m.YStride, 1, &fullLuma}, {m.Cb, m.CStride, 2, &fullColour}, {m.Cr, m.CStride, 2, &fullColour}} {
		one, err := raster.Decoded(plane.pix, plane.stride, s.Width, s.Height, plane.pitch, plane.pitch)
		if err != nil {
			return raster.Picture{}, corrupt(photo.WebP, "plane %d: %w", i, err)
		}
		for y := range one.Height {
			if err := ctx.Err(); err != nil {
				return raster.Picture{}, err
			}
			row := one.Pix[y*one.Stride:][:one.Width]
			for x, v := range row {
				row[x] = plane.full[v]
			}
		}
		p.Planes = append(p.Planes, one)
	}
	return raster.FromPlanar(p), nil
}

// studioRGBA converts the planes of a lossy WebP to RGB, see [studioRows]. Alpha may be absent.
func studioRGBA(ctx context.Context, m *image.YCbCr, alpha []byte, alphaStride int) (raster.Picture, error) {
	rows := newStudioRows(m, alpha, alphaStride)
	dst := image.NewNRGBA(image.Rect(0, 0, m.Rect.Dx(), m.Rect.Dy()))
	for y := range m.Rect.Dy() {
		if err := ctx.Err(); err != nil {
			return raster.Picture{}, err
		}
		rows.row(dst.Pix[y*dst.Stride:][:dst.Stride], y)
	}
	return raster.FromRGBA(dst), nil
}

// studioRows converts the planes of a lossy WebP to RGB row by row. The conversion of image.YCbCr assumes the full
// range and would give greyish, pale pixels. The constants (src/dsp/yuv.h) and the interpolation of colours
// (src/dsp/upsampling.c) are those of libwebp, so the pixels are the ones that browsers show.
type studioRows struct {
	m           *image.YCbCr
	alpha       []byte // may be absent
	alphaStride int
	blue, red   raster.Colours[uint8]
	cb, cr      []uint16
}

func newStudioRows(m *image.YCbCr, alpha []byte, alphaStride int) *studioRows {
	width, height := m.Rect.Dx(), m.Rect.Dy()
	colours := func(pix []byte) raster.Colours[uint8] {
		return raster.Colours[uint8]{Pix: pix, Stride: m.CStride, Width: (width + 1) / 2, Height: (height + 1) / 2, HalfX: true, HalfY: true}
	}
	return &studioRows{m, alpha, alphaStride, colours(m.Cb), colours(m.Cr), make([]uint16, width), make([]uint16, width)}
}

// What each sample adds to the colours, in 64ths: luma to all, Cb to green and blue, Cr to red and green. The tables of
// luma and Cb include the constant terms.
var lumaAdds, cbToGreen, cbToBlue, crToRed, crToGreen [256]int32

func init() {
	for v := range int32(256) {
		lumaAdds[v] = v * 19077 >> 8
		cbToGreen[v], crToGreen[v] = 8708-v*6419>>8, -(v * 13320 >> 8)
		cbToBlue[v], crToRed[v] = v*33050>>8-17685, v*26149>>8-14234
	}
}

// row writes row y, four bytes per pixel.
func (s *studioRows) row(row []byte, y int) {
	const half = raster.ColourUnit / 2
	luma := s.m.Y[y*s.m.YStride:][:len(s.cb)]
	cb, cr := s.cb[:len(luma)], s.cr[:len(luma)]
	s.blue.Row(cb, y)
	s.red.Row(cr, y)
	for x, v := range luma {
		l, u, v := lumaAdds[v], uint8((cb[x]+half)/raster.ColourUnit), uint8((cr[x]+half)/raster.ColourUnit)
		r, g, b := studioByte(l+crToRed[v]), studioByte(l+cbToGreen[u]+crToGreen[v]), studioByte(l+cbToBlue[u])
		binary.LittleEndian.PutUint32(row[4*x:], uint32(r)|uint32(g)<<8|uint32(b)<<16|0xff<<24)
	}
	if s.alpha != nil {
		for x, a := range s.alphaRow(y) {
			row[4*x+3] = a
		}
	}
}

// alphaRow returns the alpha of row y.
func (s *studioRows) alphaRow(y int) []byte { return s.alpha[y*s.alphaStride:][:len(s.cb)] }

// opaque reports whether no pixel of row y is transparent.
func (s *studioRows) opaque(y int) bool {
	all := byte(0xff)
	if s.alpha != nil {
		for _, a := range s.alphaRow(y) {
			all &= a
		}
	}
	return all == 0xff
}

func studioByte(v int32) byte { return byte(min(max(v>>6, 0), 255)) }
