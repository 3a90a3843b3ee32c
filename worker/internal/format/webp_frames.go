package format

import (
	"context"
	"encoding/binary"
	"image"
	"io"
	"time"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/raster"
	"darkroom/worker/internal/vp8l"
	"darkroom/worker/photo"
)

// webpSourceFrame holds what an ANMF chunk contains (RFC 9649, 2.7.1.1).
type webpSourceFrame struct {
	picture  webpPicture
	corner   image.Point
	duration time.Duration
	disposal animation.Disposal
	over     bool
}

// readWebPFrame reads an ANMF chunk. Its size may be wrong, so decoders use the size of the picture. It reports false
// for a frame without a picture, which is skipped. Missing data is noticed only when the picture is decoded.
func readWebPFrame(p []byte) (f webpSourceFrame, ok bool) {
	const toBackground, noBlend = 1 << 0, 1 << 1
	if len(p) < 16 {
		return f, false
	}
	_, _ = webpChunks(p[16:], true, f.picture.chunk)
	f.corner = image.Pt(2*int(le24(p)), 2*int(le24(p[3:])))
	f.duration = time.Duration(le24(p[12:])) * time.Millisecond
	f.over = p[15]&noBlend == 0
	if p[15]&toBackground != 0 {
		f.disposal = animation.Background
	}
	return f, f.picture.data != nil
}

// nextWebPFrame removes chunks from rest up to and including a frame. It reports false if there is none.
func nextWebPFrame(rest []byte) (f webpSourceFrame, after []byte, ok bool) {
	for len(rest) >= 8 {
		var kind string
		var payload []byte
		kind, payload, _, rest = nextWebPChunk(rest)
		if kind != "ANMF" {
			continue
		}
		if f, ok = readWebPFrame(payload); ok {
			return f, rest, true
		}
	}
	return f, nil, false
}

// webpBody returns the chunks of a file, which may be cut.
func webpBody(data []byte) []byte {
	end := min(8+int64(binary.LittleEndian.Uint32(data[4:])), int64(len(data)))
	return data[min(12, end):end]
}

// webpAnimationHeader counts the frames. The first ANIM chunk has the number of plays.
func webpAnimationHeader(data []byte, h Header) (animation.Header, bool) {
	a := animation.Header{Width: h.Width, Height: h.Height, Loops: -1}
	for rest := webpBody(data); len(rest) >= 8 && a.Loops < 0; {
		var kind string
		var payload []byte
		if kind, payload, _, rest = nextWebPChunk(rest); kind == "ANIM" && len(payload) >= 6 {
			a.Loops = int(binary.LittleEndian.Uint16(payload[4:]))
		}
	}
	a.Loops = max(a.Loops, 0)
	for rest := webpBody(data); ; a.Frames++ {
		f, after, ok := nextWebPFrame(rest)
		if !ok {
			return a, a.Frames > 1
		}
		a.Duration += animation.Delay(f.duration)
		rest = after
	}
}

// webpFrames draws the frames of a WebP onto the canvas.
type webpFrames struct {
	rest    []byte // rest of the file, from the next chunk on
	canvas  *animation.Canvas
	damaged bool
	cut     error // says that the file is shorter than its header claims; nil if it is complete
	line    []byte
}

func openWebPFrames(data []byte, h Header) (frameSource, error) {
	f, err := parseWebP(data, h.damaged)
	if err != nil {
		return nil, err
	}
	return &webpFrames{webpBody(data), animation.NewCanvas(h.Width, h.Height), h.damaged, f.cut, make([]byte, 4*h.Width)}, nil
}

// next decodes a frame as decodeWebP decodes the first one. Every frame must lie on the canvas.
func (w *webpFrames) next(ctx context.Context) (f animation.Frame, damage, err error) {
	n, rest, ok := nextWebPFrame(w.rest)
	if !ok {
		return f, nil, io.EOF
	}
	w.rest = rest
	_, _, more := nextWebPFrame(rest)
	s := n.picture.size
	at := image.Rectangle{Min: n.corner, Max: n.corner.Add(image.Pt(s.Width, s.Height))}
	if canvas := w.canvas.Image().Rect; !at.In(canvas) {
		return f, nil, corrupt(photo.WebP, "frame reaches to %v on a canvas of %v", at.Max, canvas.Max)
	}
	m, damage, err := n.picture.decode(ctx, w.damaged)
	if err != nil {
		return f, nil, rejectWebP(err)
	}
	w.canvas.Begin(at, n.disposal)
	if err := w.draw(ctx, m, n); err != nil {
		return f, nil, err
	}
	if damage == nil && !more {
		damage = w.cut
	}
	return w.canvas.Frame(n.duration), damage, nil
}

// draw draws what the decoder of a frame returned.
func (w *webpFrames) draw(ctx context.Context, m image.Image, n webpSourceFrame) error {
	var rows *studioRows
	switch m := m.(type) {
	case *image.NRGBA:
		return w.canvas.Draw(ctx, m, n.corner, n.over)
	case *image.YCbCr:
		rows = newStudioRows(m, nil, 0)
	case *image.NYCbCrA:
		rows = newStudioRows(&m.YCbCr, m.A, m.AStride)
	}
	for y := range n.picture.size.Height {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows.row(w.line, y)
		w.canvas.DrawRow(w.line[:4*n.picture.size.Width], n.corner.Add(image.Pt(0, y)), n.over && !rows.opaque(y))
	}
	return nil
}

// webpFramesMemory counts the canvas, and twice what the most expensive frame takes, because the garbage of the frame
// before takes memory until the collector runs.
func webpFramesMemory(data []byte, h Header, _ animation.Header) int64 {
	var most int64
	for rest := webpBody(data); ; {
		f, after, ok := nextWebPFrame(rest)
		if !ok {
			return animation.CanvasMemory(h.Width, h.Height) + 12*int64(h.Width) + 2*most
		}
		rest = after
		if (raster.Size{Width: h.Width, Height: h.Height}).Covers(f.picture.size) { // only this frame is decoded
			most = max(most, f.picture.memory())
		}
	}
}

// memory returns how many bytes the decoded picture and its decoder take.
func (p webpPicture) memory() int64 {
	n, coded := p.size.Pixels(), p.alpha
	if p.lossless {
		coded = p.data
	}
	bytes := 4 * n
	if !p.lossless {
		bytes = n*3/2 + 70*int64(p.size.Width/16+1)
	}
	if len(coded) > 0 {
		bytes += n + vp8l.Memory(p.size.Width, p.size.Height) + vp8l.CodesMemory(p.size.Width, p.size.Height, int64(len(coded)))
	}
	return bytes
}
