package engine

import (
	"encoding/binary"
	"image"
)

// webpFrame is a frame of an animated WebP (RFC 9649, 2.7.1.1).
type webpFrame struct {
	x, y   int // on the canvas
	size   size
	chunks []byte // of a still picture
}

// frameOfWebP reads the payload of an ANMF chunk.
func frameOfWebP(p []byte) (webpFrame, error) {
	if len(p) < 16 {
		return webpFrame{}, corrupt("The WebP's first frame is damaged.")
	}
	return webpFrame{
		x: 2 * int(le24(p)), y: 2 * int(le24(p[3:])),
		size:   size{1 + int(le24(p[6:])), 1 + int(le24(p[9:]))},
		chunks: p[16:],
	}, nil
}

// decodeAnimation decodes the first frame and lays it on the canvas, which is transparent where the frame does not cover
// it: browsers show it so, whatever background the file asks for.
func decodeAnimation(data []byte, h Header) (*image.NRGBA, error) {
	var f webpFrame
	var fault error
	_ = riffChunks(data, func(kind string, p []byte) bool { // inspected before
		if kind == "ANMF" {
			f, fault = frameOfWebP(p)
		}
		return kind != "ANMF"
	})
	if fault != nil {
		return nil, fault
	}
	m, err := decodeStill(stillWebP(f))
	if err != nil {
		return nil, err
	}
	return onScreen(m, image.Pt(f.x, f.y), h.stored())
}

// stillWebP returns a file of a frame alone.
func stillWebP(f webpFrame) []byte {
	const alphaBit = 1 << 4
	body := []byte("WEBP")
	if len(f.chunks) >= 4 && string(f.chunks[:4]) == "ALPH" {
		head := append(put24([]byte{alphaBit, 0, 0, 0}, f.size.w-1), put24(nil, f.size.h-1)...)
		body = appendChunk(body, "VP8X", head)
	}
	body = append(body, f.chunks...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// onScreen lays a frame of an animation on a transparent screen.
func onScreen(frame *image.NRGBA, at image.Point, screen size) (*image.NRGBA, error) {
	if sizeOf(frame) == screen && at == (image.Point{}) {
		return frame, nil
	}
	s := sizeOf(frame)
	if at.X < 0 || at.Y < 0 || !screen.covers(size{at.X + s.w, at.Y + s.h}) {
		return nil, corrupt("The first frame of the animation lies outside of its screen.")
	}
	dst := image.NewNRGBA(image.Rect(0, 0, screen.w, screen.h))
	for y := range s.h {
		copy(dst.Pix[dst.PixOffset(at.X, at.Y+y):], frame.Pix[y*frame.Stride:y*frame.Stride+4*s.w])
	}
	return dst, nil
}
