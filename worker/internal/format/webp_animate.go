package format

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"time"

	"darkroom/worker/internal/raster"
	"darkroom/worker/internal/sandbox"
)

// webpAnimation writes an animated WebP (RFC 9649, 2.7.1.1). A frame is the rectangle that has changed, and replaces
// what was there. So no frame needs disposal, and each shows its own pixels, whatever detail earlier frames lost.
type webpAnimation struct {
	o      AnimationOptions
	memory *sandbox.Memory
	frames []byte // ANMF chunks
	alpha  bool   // a frame has alpha

	last    *image.NRGBA // canvas after the last frame that was added
	pending webpFrame    // the last frame, written once its duration is known
	clock   clock
	begun   int64 // when the pending frame begins, in ms
	now     int64 // when it ends

	lossless    bool    // frames are currently coded without loss
	compared    float64 // bytes per pixel at the last comparison of both ways
	framesSince int     // frames since that comparison
}

// webpFrame is a coded frame.
type webpFrame struct {
	part   image.Rectangle
	blend  bool   // transparent pixels show the frame before
	chunks []byte // ALPH and VP8, or VP8L
}

// longestWebPFrame is the longest duration of a frame in ms. The field has 24 bits.
const longestWebPFrame = 1<<24 - 1

func animateWebP(o AnimationOptions) AnimationWriter {
	codec := webpCodecMemory(o.Size, Options{Lossless: o.Lossless || o.Drawn})
	return &webpAnimation{o: o, memory: sandbox.NewMemory(codec), lossless: o.Lossless, clock: clock{unit: time.Millisecond}}
}

// Add appends a frame. A frame that changes nothing extends the one before.
func (w *webpAnimation) Add(ctx context.Context, m *image.NRGBA, d time.Duration) error {
	var part image.Rectangle
	switch {
	case m != nil && w.last != nil:
		part = changedPart(w.last, m)
	case m != nil:
		part = m.Rect
	}
	if !part.Empty() {
		part.Min.X, part.Min.Y = part.Min.X&^1, part.Min.Y&^1 // the offsets of a frame are even
		if err := cmp.Or(w.flush(ctx), checkAnimation(len(w.frames))); err != nil {
			return err
		}
		frame, err := w.encode(ctx, m, part)
		if err != nil {
			return err
		}
		w.pending, w.begun = frame, w.now
		if w.last == nil {
			w.last = image.NewNRGBA(m.Rect)
		}
		copy(w.last.Pix, m.Pix)
	}
	w.now = w.clock.advance(d)
	return nil
}

// encode codes a part of a picture, with or without loss, whichever is expected to take fewer bytes after the frames so
// far.
func (w *webpAnimation) encode(ctx context.Context, m *image.NRGBA, part image.Rectangle) (webpFrame, error) {
	frame, err := w.encodeAs(ctx, m, part, w.lossless)
	if err != nil || w.o.Lossless || !w.o.Drawn {
		return frame, err
	}
	// The two are compared at the first frame, and again when a frame takes far more bytes than at the last comparison.
	const often, more = 8, 1.5
	density := float64(len(frame.chunks)) / float64(part.Dx()*part.Dy())
	w.framesSince++
	if w.last != nil && (w.framesSince < often || density < more*w.compared) {
		return frame, nil
	}
	other, err := w.encodeAs(ctx, m, part, !w.lossless)
	if err != nil {
		return webpFrame{}, err
	}
	if len(other.chunks) < len(frame.chunks) {
		frame, w.lossless = other, !w.lossless
	}
	w.compared, w.framesSince = float64(len(frame.chunks))/float64(part.Dx()*part.Dy()), 0
	return frame, nil
}

// encodeAs codes a part of a picture with loss or without. Without loss, it makes unchanged pixels transparent if it
// can, since they then take next to no bytes.
func (w *webpAnimation) encodeAs(ctx context.Context, m *image.NRGBA, part image.Rectangle, lossless bool) (webpFrame, error) {
	pix, blend := cut(m, part), false
	if lossless && w.last != nil {
		blend = hideUnchanged(pix, cut(w.last, part))
	}
	o := w.o.Options
	o.Lossless = lossless
	file, err := runWebPEncoderIn(ctx, w.memory, pix, o, webpFrameMethod)
	if err != nil {
		return webpFrame{}, err
	}
	frame := webpFrame{part: part, blend: blend}
	if _, err := webpChunks(file[12:], false, func(kind string, payload []byte, _ int) {
		switch kind {
		case "ALPH":
			w.alpha = true
		case "VP8L":
			w.alpha = w.alpha || len(payload) > 4 && payload[4]&0x10 != 0
		case "VP8 ":
		default:
			return
		}
		frame.chunks = appendChunk(frame.chunks, kind, payload)
	}); err != nil {
		return webpFrame{}, err
	}
	if len(frame.chunks) == 0 {
		return webpFrame{}, errors.New("libwebp wrote no picture")
	}
	return frame, nil
}

// hideUnchanged makes the pixels of m transparent that are the same as in before, and reports whether it has. It leaves
// m as it is if a changed pixel is not opaque, since that one would be blended with the frame before.
func hideUnchanged(m, before *image.NRGBA) bool {
	hidden := 0
	for i := 0; i < len(m.Pix); i += 4 {
		if bytes.Equal(m.Pix[i:i+4], before.Pix[i:i+4]) {
			hidden++
		} else if m.Pix[i+3] != 0xff {
			return false
		}
	}
	if hidden == 0 {
		return false
	}
	for i := 0; i < len(m.Pix); i += 4 {
		if bytes.Equal(m.Pix[i:i+4], before.Pix[i:i+4]) {
			clear(m.Pix[i : i+4])
		}
	}
	return true
}

// flush writes the pending frame. If its duration is too long for one frame, further frames follow that repeat one of
// its pixels.
func (w *webpAnimation) flush(ctx context.Context) error {
	left := w.now - w.begun
	for w.pending.chunks != nil {
		shown := min(left, longestWebPFrame)
		w.frames = w.pending.appendTo(w.frames, shown)
		if left -= shown; left == 0 {
			break
		}
		var err error
		if w.pending, err = w.encodeAs(ctx, w.last, image.Rect(0, 0, 1, 1), true); err != nil {
			return err
		}
	}
	w.pending = webpFrame{}
	return nil
}

// appendTo appends the ANMF chunk of a frame that is shown for this many ms.
func (f webpFrame) appendTo(dst []byte, shown int64) []byte {
	const noBlend = 1 << 1
	head := put24(nil, f.part.Min.X/2)
	for _, v := range []int{f.part.Min.Y / 2, f.part.Dx() - 1, f.part.Dy() - 1, int(shown)} {
		head = put24(head, v)
	}
	flags := byte(noBlend)
	if f.blend {
		flags = 0
	}
	return appendChunk(dst, "ANMF", append(append(head, flags), f.chunks...))
}

// Finish returns the file.
func (w *webpAnimation) Finish(ctx context.Context) ([]byte, error) {
	if w.last == nil {
		return nil, errors.New("the animation has no frame")
	}
	if err := w.flush(ctx); err != nil {
		return nil, err
	}
	const animated, most = 1 << 1, 1<<16 - 1
	o := w.o.Options
	if isGreyProfile(o.Profile) { // WebP has no grey pixels
		o.Profile = nil
	}
	body := appendChunk([]byte("WEBP"), "VP8X", webpExtension(o, w.o.Size, w.alpha, animated))
	body = appendOptional(body, "ICCP", o.Profile)
	loops := w.o.Loops
	if loops > most {
		loops = 0
	}
	body = appendChunk(body, "ANIM", binary.LittleEndian.AppendUint16(make([]byte, 4), uint16(loops)))
	body = append(body, w.frames...)
	body = appendOptional(appendOptional(body, "EXIF", o.EXIF), "XMP ", o.XMP)
	w.frames = nil
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...), nil
}

// animateWebPMemory counts the codec, the canvas of the frame before, the part that is coded and the one before it, a
// frame coded in both ways, and the file, which is copied as it grows and once it is complete.
func animateWebPMemory(o AnimationOptions, frames int) int64 {
	option := Options{Lossless: o.Lossless || o.Drawn}
	frame := webpFrameBytes(o.Size, o.Lossless)
	return webpCodecMemory(o.Size, option) + 4*raster.RGBAMemory(o.Size) + 2*webpFrameBytes(o.Size, option.Lossless) + 3*animationBytes(frame, frames) + 32<<20
}

// webpFrameBytes returns how many bytes a frame takes at most. Noise took 4 bytes a pixel without loss, and 1.2 with
// loss at quality 100.
func webpFrameBytes(s raster.Size, lossless bool) int64 {
	if lossless {
		return s.Pixels()*4 + 4<<10
	}
	return s.Pixels()*3/2 + 4<<10
}
