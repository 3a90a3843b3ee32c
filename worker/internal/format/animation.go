package format

import (
	"encoding/binary"
	"image"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// webpFrame is a frame of an animated WebP (RFC 9649, 2.7.1.1).
type webpFrame struct {
	x, y   int // position on the canvas
	size   raster.Size
	chunks []byte // those of a still picture
}

// within reports whether the frame lies on the canvas.
func (f webpFrame) within(canvas raster.Size) bool {
	return canvas.Covers(raster.Size{Width: f.x + f.size.Width, Height: f.y + f.size.Height})
}

// frameOfWebP reads the payload of an ANMF chunk.
func frameOfWebP(p []byte) (webpFrame, error) {
	if len(p) < 16 {
		return webpFrame{}, corrupt(photo.WebP, "first frame of %d bytes", len(p))
	}
	return webpFrame{
		x: 2 * int(le24(p)), y: 2 * int(le24(p[3:])),
		size:   raster.Size{Width: 1 + int(le24(p[6:])), Height: 1 + int(le24(p[9:]))},
		chunks: p[16:],
	}, nil
}

// decodeAnimation decodes the first frame and lays it on the canvas, which is transparent where the frame does not cover
// it. Browsers show it like this, whatever background the file asks for.
func decodeAnimation(data []byte, h Header) (raster.Picture, error) {
	var f webpFrame
	var fault error
	_ = riffChunks(data, func(kind string, p []byte) bool { // the header was inspected before
		if kind == "ANMF" {
			f, fault = frameOfWebP(p)
		}
		return kind != "ANMF"
	})
	if fault != nil {
		return raster.Picture{}, fault
	}
	m, err := decodeStill(stillWebP(f), false)
	if err != nil {
		return raster.Picture{}, err
	}
	return onScreen(photo.WebP, m, image.Pt(f.x, f.y), h.Stored())
}

// stillWebP returns a file with a frame alone.
func stillWebP(f webpFrame) []byte {
	const alphaBit = 1 << 4
	body := []byte("WEBP")
	if len(f.chunks) >= 4 && string(f.chunks[:4]) == "ALPH" {
		head := append(put24([]byte{alphaBit, 0, 0, 0}, f.size.Width-1), put24(nil, f.size.Height-1)...)
		body = appendChunk(body, "VP8X", head)
	}
	body = append(body, f.chunks...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// onScreen lays a frame of an animation on a transparent screen.
func onScreen(f photo.Format, frame raster.Picture, corner image.Point, screen raster.Size) (raster.Picture, error) {
	s := frame.Size()
	if s == screen && corner == (image.Point{}) {
		return frame, nil
	}
	if corner.X < 0 || corner.Y < 0 || !screen.Covers(raster.Size{Width: corner.X + s.Width, Height: corner.Y + s.Height}) {
		return raster.Picture{}, corrupt(f, "the first frame lies outside of its screen")
	}
	src, dst := frame.NRGBA(), image.NewNRGBA(image.Rect(0, 0, screen.Width, screen.Height))
	for y := range s.Height {
		copy(dst.Pix[dst.PixOffset(corner.X, corner.Y+y):], src.Pix[y*src.Stride:y*src.Stride+4*s.Width])
	}
	return raster.FromRGBA(dst), nil
}
