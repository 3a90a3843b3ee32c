// Package gifwrite writes animated GIFs (GIF89a), frame by frame. A frame covers the rectangle that has changed.
// Unchanged pixels in it are transparent, so those of the previous frame stay: still parts neither flicker nor take
// bytes.
//
// A frame of up to 255 colours keeps them exactly. Any other frame gets its own palette, chosen by the variance of its
// colours, and is dithered. A pixel is transparent if its alpha is below 128, and otherwise opaque.
//
// Delays are hundredths of a second. They are rounded so that the whole animation takes the right time. Browsers turn a
// delay of one hundredth into ten, so no delay is shorter than two: a frame that would be shorter is left out instead.
// No frame of a GIF lasts longer than 655.35 s. If one has to, frames of one transparent pixel follow it.
package gifwrite

import (
	"bytes"
	"compress/lzw"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"math/bits"
	"time"
)

// Delays in hundredths of a second.
const (
	shortest = 2
	longest  = 1<<16 - 1
)

const hundredth = 10 * time.Millisecond

// Disposals (GIF89a, 23).
const (
	keep       = 1
	background = 2
)

// Writer writes an animation. It holds the file so far, three canvases and the indexes of a frame.
type Writer struct {
	size image.Rectangle
	out  bytes.Buffer

	base    *image.NRGBA // canvas after the frames written so far
	pending *image.NRGBA // pending frame, written once its duration and its disposal are known
	spare   *image.NRGBA
	any     bool // there is a pending frame
	written bool // a frame was written

	exact time.Duration // end of the pending frame
	begun int64         // start of the pending frame in hundredths of a second

	indexes []byte
	quant   quantizer
}

// New returns a Writer of an animation that plays loops times, or for ever if loops is 0. A side has 1 to 65535 pixels.
func New(width, height, loops int) *Writer {
	r := image.Rect(0, 0, width, height)
	w := &Writer{size: r, base: image.NewNRGBA(r), pending: image.NewNRGBA(r), spare: image.NewNRGBA(r), indexes: make([]byte, width*height)}
	w.out.WriteString("GIF89a")
	w.writeUint16(width)
	w.writeUint16(height)
	w.out.Write([]byte{0x70, 0, 0}) // no global palette: every frame has its own
	if loops != 1 {
		w.out.WriteString("\x21\xff\x0bNETSCAPE2.0\x03\x01")
		w.writeUint16(min(max(loops-1, 0), longest)) // repeats after the first play
		w.out.WriteByte(0)
	}
	return w
}

// Memory returns how many bytes a Writer takes in addition to the file.
func Memory(width, height int) int64 { return int64(width)*int64(height)*(3*4+1) + quantizerMemory }

// FrameBytes returns the most bytes of a frame that is shown for a day at most: a code for each pixel has at most 12
// bits. If the frame has to vanish, its last repeat has the same size, but only one colour.
func FrameBytes(width, height int) int64 {
	const repeats = 24 * time.Hour / (longest * hundredth)
	return int64(width)*int64(height)*25/16 + 4<<10 + int64(repeats)*int64(len(repeated))
}

// Bytes returns the size of the file so far.
func (w *Writer) Bytes() int { return w.out.Len() }

func (w *Writer) writeUint16(v int) { w.out.Write(binary.LittleEndian.AppendUint16(nil, uint16(v))) }

// Add appends a frame of the animation's size that is shown for d. Add does not use m after it returns. If m is nil,
// the frame shows the same as the previous one. When ctx ends, Add returns its error.
func (w *Writer) Add(ctx context.Context, m *image.NRGBA, d time.Duration) error {
	if m == nil {
		w.exact += d
		return nil
	}
	if m.Rect.Size() != w.size.Size() {
		return errors.New("the frame does not have the size of the animation")
	}
	thresholdAlpha(w.spare, m)
	switch now := w.pendingEnd(); {
	case !w.any:
		w.pending, w.spare, w.any = w.spare, w.pending, true
	case bytes.Equal(w.pending.Pix, w.spare.Pix):
	case now-w.begun < shortest && w.written: // too short to be shown
		w.pending, w.spare = w.spare, w.pending
	default:
		if err := w.write(ctx, max(now, w.begun+shortest), w.spare); err != nil {
			return err
		}
		w.pending, w.spare = w.spare, w.pending
	}
	w.exact += d
	return nil
}

// pendingEnd returns the end of the pending frame in hundredths of a second, rounded half up.
func (w *Writer) pendingEnd() int64 { return int64((w.exact + hundredth/2) / hundredth) }

// thresholdAlpha copies the pixels of src, and makes each opaque, or transparent and black.
func thresholdAlpha(dst, src *image.NRGBA) {
	for y := range dst.Rect.Dy() {
		from, row := src.Pix[y*src.Stride:], dst.Pix[y*dst.Stride:][:dst.Stride]
		copy(row, from)
		for i := 3; i < len(row); i += 4 {
			if row[i] < 128 {
				clear(row[i-3 : i+1])
			} else {
				row[i] = 0xff
			}
		}
	}
}

// Finish returns the file. It needs at least one frame.
func (w *Writer) Finish(ctx context.Context) ([]byte, error) {
	if !w.any {
		return nil, errors.New("the animation has no frame")
	}
	if err := w.write(ctx, max(w.pendingEnd(), w.begun+shortest), w.pending); err != nil {
		return nil, err
	}
	w.out.WriteByte(0x3b)
	return w.out.Bytes(), nil
}

// write writes the pending frame. It ends at end, in hundredths of a second, and is followed by next.
func (w *Writer) write(ctx context.Context, end int64, next *image.NRGBA) error {
	part := changedRectangle(w.size, w.base, w.pending, func(a, b uint32) bool { return a != b })
	vanishing := changedRectangle(w.size, w.pending, next, func(a, b uint32) bool { return a != 0 && b == 0 })
	disposal := byte(keep)
	if !vanishing.Empty() {
		part, disposal = part.Union(vanishing), background
	}
	if part.Empty() {
		part = image.Rect(0, 0, 1, 1)
	}
	for begun := w.begun; begun < end; {
		if err := ctx.Err(); err != nil {
			return err
		}
		delay := min(end-begun, longest)
		if rest := end - begun - delay; rest > 0 && rest < shortest {
			delay -= shortest
		}
		first, how := begun == w.begun, byte(keep)
		if begun += delay; begun == end {
			how = disposal
		}
		if !first && how == keep {
			w.repeat(int(delay))
			continue
		}
		if err := w.frame(ctx, part, int(delay), how); err != nil {
			return err
		}
		copy(w.base.Pix, w.pending.Pix)
	}
	if disposal == background {
		for y := part.Min.Y; y < part.Max.Y; y++ {
			clear(w.base.Pix[w.base.PixOffset(part.Min.X, y):][:4*part.Dx()])
		}
	}
	w.begun, w.written = end, true
	return nil
}

// changedRectangle returns the smallest rectangle that contains all pixels for which differ is true. Both pictures have
// the same size.
func changedRectangle(size image.Rectangle, a, b *image.NRGBA, differ func(a, b uint32) bool) (part image.Rectangle) {
	for y := range size.Dy() {
		p, q := a.Pix[y*a.Stride:][:a.Stride], b.Pix[y*b.Stride:][:b.Stride]
		if bytes.Equal(p, q) {
			continue
		}
		left, right := size.Dx(), 0
		for x := range size.Dx() {
			if differ(binary.LittleEndian.Uint32(p[4*x:]), binary.LittleEndian.Uint32(q[4*x:])) {
				left, right = min(left, x), x+1
			}
		}
		if left < right {
			part = part.Union(image.Rect(left, y, right, y+1))
		}
	}
	return part
}

// repeated is a frame of one transparent pixel that changes nothing: a control extension, a descriptor with a palette
// of four colours, and the codes clear, 0 and end, of 3 bits each.
const repeated = "\x21\xf9\x04\x05\x00\x00\x00\x00" + "\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x81" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "\x02\x02\x44\x01\x00"

// repeat extends the last frame by a delay. It takes the same few bytes whatever the size of the animation.
func (w *Writer) repeat(delay int) {
	w.out.WriteString(repeated[:4])
	w.writeUint16(delay)
	w.out.WriteString(repeated[6:])
}

// frame writes a rectangle of the pending picture.
func (w *Writer) frame(ctx context.Context, part image.Rectangle, delay int, disposal byte) error {
	indexes := w.indexes[:part.Dx()*part.Dy()]
	p, err := w.quant.index(ctx, indexes, w.pending, w.base, part)
	if err != nil {
		return err
	}
	size := max(2, bits.Len(uint(len(p)))) // one more index for the transparent colour
	w.out.Write([]byte{0x21, 0xf9, 4, disposal<<2 | 1, byte(delay), byte(delay >> 8), byte(len(p)), 0, 0x2c})
	for _, v := range []int{part.Min.X, part.Min.Y, part.Dx(), part.Dy()} {
		w.writeUint16(v)
	}
	w.out.WriteByte(0x80 | byte(size-1))
	table := make([]byte, 3<<size)
	for i, c := range p {
		copy(table[3*i:], c[:])
	}
	w.out.Write(table)
	w.out.WriteByte(byte(size))
	blocks := &blockWriter{out: &w.out}
	z := lzw.NewWriter(blocks, lzw.LSB, size)
	for rest := indexes; len(rest) > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := z.Write(rest[:min(len(rest), 1<<16)])
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	if err := z.Close(); err != nil {
		return err
	}
	blocks.close()
	return nil
}

// blockWriter writes data in blocks of up to 255 bytes (GIF89a, 15).
type blockWriter struct {
	out   *bytes.Buffer
	block [255]byte
	n     int
}

func (b *blockWriter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := copy(b.block[b.n:], rest)
		b.n, rest = b.n+n, rest[n:]
		if b.n == len(b.block) {
			b.flush()
		}
	}
	return len(p), nil
}

func (b *blockWriter) flush() {
	if b.n > 0 {
		b.out.WriteByte(byte(b.n))
		b.out.Write(b.block[:b.n])
		b.n = 0
	}
}

func (b *blockWriter) close() {
	b.flush()
	b.out.WriteByte(0)
}
