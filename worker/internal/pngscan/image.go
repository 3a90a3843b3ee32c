package pngscan

import (
	"context"
	"image"
)

// Image decodes the picture to RGB with straight alpha. narrow converts pixels of 16 bits a sample, red, green, blue
// and alpha with the high byte first, to 8 bits; if it is nil, the result has their high bytes. In addition to the
// picture, Image allocates a few rows.
//
// Image returns how many rows were decoded, see [File.Rows] and [File.RowCount]. Missing pixels are transparent, or
// black in a picture that cannot be transparent. In an interlaced picture, the pixels of the decoded passes also fill
// in for missing pixels around them.
func (f *File) Image(ctx context.Context, narrow func(dst, src []byte)) (m *image.NRGBA, rows int, err error) {
	m = image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height))
	if f.Interlaced {
		write := f.pixelWriter(narrow)
		line := make([]byte, 4*f.Width)
		rowWriter := func(spread func(m *image.NRGBA, line []byte, p pass, y int)) func(p pass, y int, row []byte) {
			return func(p pass, y int, row []byte) {
				write(line[:4*p.width], row)
				spread(m, line[:4*p.width], p, y)
			}
		}
		rows, err = f.scan(ctx, rowWriter(spread), rowWriter(spreadBlocks))
	} else {
		rows, err = f.lines(ctx, narrow, func(y int) []byte { return m.Pix[y*m.Stride:][:4*f.Width] }, func(int) {})
	}
	if rows < f.RowCount() && !f.Transparent() {
		for i := 3; i < len(m.Pix); i += 4 {
			m.Pix[i] = 0xff
		}
	}
	return m, rows, err
}

// lines decodes a picture that is not interlaced. It decodes each row to the pixels that pixelsOf returns, and then
// calls done.
func (f *File) lines(ctx context.Context, narrow func(dst, src []byte), pixelsOf func(y int) []byte, done func(y int)) (rows int, err error) {
	write := f.pixelWriter(narrow)
	return f.Rows(ctx, func(y int, row []byte) {
		write(pixelsOf(y), row)
		done(y)
	})
}

// spread writes row y of a pass.
func spread(m *image.NRGBA, line []byte, p pass, y int) {
	dst := m.Pix[(p.y+y*p.dy)*m.Stride:][:m.Stride]
	for pos := 4 * p.x; len(line) >= 4; line, pos = line[4:], pos+4*p.dx {
		copy(dst[pos:pos+4], line)
	}
}

// spreadBlocks writes row y of a pass. It repeats each pixel to its right and below, up to the next pixel of this pass
// or of an earlier one.
func spreadBlocks(m *image.NRGBA, line []byte, p pass, y int) {
	// A pass fills the gaps of the previous one, to the right or below.
	wide, high := p.dx-p.x, p.dy-p.y
	top := p.y + y*p.dy
	for down := top; down < min(top+high, m.Rect.Dy()); down++ {
		dst, from := m.Pix[down*m.Stride:][:m.Stride], line
		for left := p.x; len(from) >= 4; from, left = from[4:], left+p.dx {
			for x := left; x < min(left+wide, m.Rect.Dx()); x++ {
				copy(dst[4*x:4*x+4], from)
			}
		}
	}
}
