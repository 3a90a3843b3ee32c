package gifscan

import (
	"context"
	"encoding/binary"
	"image"
)

// Draw decodes the first picture and draws it onto dst, which is transparent and of the size of the screen. It returns how
// many pixels of the picture the file has. If that is fewer than the frame holds, the error says why, and the rest is
// transparent. In an interlaced picture it is what stands above, as the passes of interlacing suggest.
//
// An index beyond the colour table is black. Without any table the first index is black, the second white (as 19
// recommends), and all others black.
//
// When ctx ends, Draw returns its error. Draw checks ctx before each sub-block of the data and each row
// of the frame.
func (f *File) Draw(ctx context.Context, dst *image.NRGBA) (int, error) {
	w, h := f.Frame.Dx(), f.Frame.Dy()
	pix := make([]byte, w*h)
	n, err := decode(ctx, pix, f.data)
	palette := f.palette()
	for y := range h {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		row := dst.Pix[dst.PixOffset(f.Frame.Min.X, f.Frame.Min.Y+y):][:4*w]
		stored := y
		if f.interlaced {
			stored = storedRow(y, h)
		}
		there := min(max(n-stored*w, 0), w)
		for x, v := range pix[stored*w:][:there] {
			binary.LittleEndian.PutUint32(row[4*x:], palette[v])
		}
		if f.interlaced && y > 0 && there < w {
			above := dst.Pix[dst.PixOffset(f.Frame.Min.X, f.Frame.Min.Y+y-1):][:4*w]
			copy(row[4*there:], above[4*there:])
		}
	}
	return n, err
}

// palette returns the pixel of every index: red in the low byte, then green, blue and alpha.
func (f *File) palette() *[256]uint32 {
	colours := f.colours
	if colours == nil {
		colours = []byte{0, 0, 0, 0xff, 0xff, 0xff}
	}
	p := new([256]uint32)
	for i := range p {
		p[i] = 0xff << 24
		if c := colours[min(3*i, len(colours)):]; len(c) > 0 {
			p[i] |= uint32(c[0]) | uint32(c[1])<<8 | uint32(c[2])<<16
		}
	}
	if f.transparent >= 0 {
		p[f.transparent] = 0
	}
	return p
}

// storedRow returns the place in the file of row y of an interlaced picture of h rows (appendix E).
func storedRow(y, h int) int {
	before := 0
	for _, pass := range [...]struct{ first, step int }{{0, 8}, {4, 8}, {2, 4}, {1, 2}} {
		if y%pass.step == pass.first {
			return before + y/pass.step
		}
		before += (h - pass.first + pass.step - 1) / pass.step
	}
	return y // not reached: one row in two is of the last pass
}
