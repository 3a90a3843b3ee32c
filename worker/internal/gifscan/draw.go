package gifscan

import (
	"context"
	"encoding/binary"
	"image"
	"time"

	"darkroom/worker/internal/animation"
)

// Picture is one picture of a GIF, with its display settings.
type Picture struct {
	Frame    image.Rectangle // position on the screen; later pictures may extend beyond it, or have no pixels
	Disposal animation.Disposal
	Delay    time.Duration // value in the file

	interlaced  bool
	transparent int    // transparent index, or -1
	colours     []byte // colour table of three bytes per colour; nil if there is none
	data        []byte // image data, from the code size on
}

// Draw decodes the first picture and draws it onto dst, which is transparent and as large as the screen. It returns how
// many pixels of the picture the file has. If pixels are missing, the error says why, and they are transparent. In an
// interlaced picture a missing row repeats the row above, as the passes of interlacing suggest.
//
// An index beyond the colour table is black. Without a table, index 0 is black, index 1 white (as 19 recommends), and
// all others black.
//
// When ctx ends, Draw returns its error. Draw checks ctx before each sub-block of the data and each row
// of the frame.
func (f *File) Draw(ctx context.Context, dst *image.NRGBA) (int, error) {
	pix := make([]byte, f.Frame.Dx()*f.Frame.Dy())
	return f.first.draw(ctx, dst, pix, new(codeStrings))
}

// draw is Draw for the part of the picture that lies on dst. It decodes the indexes into pix, which has room for all of
// them, or for the rows up to the last one on dst if the picture is not interlaced.
func (p *Picture) draw(ctx context.Context, dst *image.NRGBA, pix []byte, s *codeStrings) (int, error) {
	w, h := p.Frame.Dx(), p.Frame.Dy()
	n, err := decode(ctx, pix, p.data, s)
	on := p.Frame.Intersect(dst.Rect)
	palette := p.palette()
	for y := on.Min.Y - p.Frame.Min.Y; y < on.Max.Y-p.Frame.Min.Y; y++ {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		row := dst.Pix[dst.PixOffset(on.Min.X, p.Frame.Min.Y+y):][:4*on.Dx()]
		stored := y
		if p.interlaced {
			stored = storedRow(y, h)
		}
		there := min(max(n-stored*w, 0), on.Dx())
		if p.transparent < 0 {
			for x, v := range pix[stored*w:][:there] {
				binary.LittleEndian.PutUint32(row[4*x:], palette[v])
			}
		} else {
			drawOver(row, pix[stored*w:][:there], palette)
		}
		if p.interlaced && y > 0 && there < on.Dx() {
			above := dst.Pix[dst.PixOffset(on.Min.X, p.Frame.Min.Y+y-1):][:4*on.Dx()]
			copy(row[4*there:], above[4*there:])
		}
	}
	return n, err
}

// drawOver draws the pixels of a row that are not transparent.
func drawOver(row, indexes []byte, palette *[256]uint32) {
	for x, v := range indexes {
		if colour := palette[v]; colour != 0 {
			binary.LittleEndian.PutUint32(row[4*x:], colour)
		}
	}
}

// palette returns the pixel of every index: red in the low byte, then green, blue and alpha. Only the transparent index
// has a pixel of 0.
func (p *Picture) palette() *[256]uint32 {
	colours := p.colours
	if colours == nil {
		colours = []byte{0, 0, 0, 0xff, 0xff, 0xff}
	}
	t := new([256]uint32)
	for i := range t {
		t[i] = 0xff << 24
		if c := colours[min(3*i, len(colours)):]; len(c) > 0 {
			t[i] |= uint32(c[0]) | uint32(c[1])<<8 | uint32(c[2])<<16
		}
	}
	if p.transparent >= 0 {
		t[p.transparent] = 0
	}
	return t
}

// storedRow returns the position in the file of row y of an interlaced picture of h rows (appendix E).
func storedRow(y, h int) int {
	before := 0
	for _, pass := range [...]struct{ first, step int }{{0, 8}, {4, 8}, {2, 4}, {1, 2}} {
		if y%pass.step == pass.first {
			return before + y/pass.step
		}
		before += (h - pass.first + pass.step - 1) / pass.step
	}
	return y // not reached: every second row is in the last pass
}
