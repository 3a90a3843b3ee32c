package pngscan

import (
	"context"
	"errors"
	"hash/adler32"
)

// Rows inflates a picture that is not interlaced, and calls visit with each row from the top, as it is in the file:
// samples of 16 bits take two bytes, and several samples of less than 8 bits share one. A row is valid until visit
// returns; visit must not change it. If the picture is damaged and the caller of [Open] accepts that, Rows begins again
// from the top, and ignores wrong checksums.
//
// Rows returns how many rows it visited. If these are all rows, the error says what else is wrong. Otherwise the
// picture is damaged, and the rows before the fault are right unless the error reports a wrong checksum.
//
// When ctx ends, Rows returns its error. Rows checks ctx before each block of the deflated data, and after each 64 KiB
// of inflated data.
func (f *File) Rows(ctx context.Context, visit func(y int, row []byte)) (rows int, err error) {
	return f.scan(ctx, func(_ pass, y int, row []byte) { visit(y, row) }, nil)
}

// RowCount returns how many rows the whole picture has: those of all passes if it is interlaced.
func (f *File) RowCount() int {
	n := 0
	for _, p := range f.passes() {
		n += p.height
	}
	return n
}

// pass is a reduced image of an interlaced picture, or the whole of any other picture (8.2).
type pass struct {
	x, y          int // first pixel
	dx, dy        int // from one pixel to the next
	width, height int
}

// adam7 holds the passes of an interlaced picture.
var adam7 = []pass{{x: 0, y: 0, dx: 8, dy: 8}, {x: 4, y: 0, dx: 8, dy: 8}, {x: 0, y: 4, dx: 4, dy: 8}, {x: 2, y: 0, dx: 4, dy: 4},
	{x: 0, y: 2, dx: 2, dy: 4}, {x: 1, y: 0, dx: 2, dy: 2}, {x: 0, y: 1, dx: 1, dy: 2}}

// passes returns the passes that have pixels.
func (f *File) passes() []pass {
	if !f.Interlaced {
		return []pass{{dx: 1, dy: 1, width: f.Width, height: f.Height}}
	}
	var passes []pass
	for _, p := range adam7 {
		p.width, p.height = (f.Width-p.x+p.dx-1)/p.dx, (f.Height-p.y+p.dy-1)/p.dy
		if p.width > 0 && p.height > 0 {
			passes = append(passes, p)
		}
	}
	return passes
}

// rowBytes returns the number of bytes in a row of pixels, without the byte of its filter.
func (f *File) rowBytes(width int) int { return (width*f.Samples*f.Depth + 7) / 8 }

// fits reports whether the deflated data can hold all rows, each with the byte of its filter.
func (f *File) fits() bool {
	n := int64(0)
	for _, p := range f.passes() {
		n += int64(p.height) * int64(1+f.rowBytes(p.width))
	}
	return n/MaxInflation <= f.packed
}

// scan is Rows for every picture. Rows are counted within their pass. If the picture is damaged and the caller accepts
// that, scan begins again and calls damaged, or visit if damaged is nil.
func (f *File) scan(ctx context.Context, visit, damaged func(p pass, y int, row []byte)) (rows int, err error) {
	rows, err = f.decode(ctx, f.pixels, visit)
	if rows == f.RowCount() || !f.accept || ctx.Err() != nil {
		return rows, err
	}
	if damaged == nil {
		damaged = visit
	}
	stream := f.pixels
	stream.accept, stream.gaps = true, true
	rows, fault := f.decode(ctx, stream, damaged)
	if fault == nil {
		fault = err
	}
	return rows, fault
}

// decode decodes the rows of a stream.
func (f *File) decode(ctx context.Context, s stream, visit func(p pass, y int, row []byte)) (rows int, err error) {
	size := 1 + f.rowBytes(f.Width)
	a := &assembler{visit: visit, passes: f.passes(), file: f, sum: 1, buffers: [2][]byte{make([]byte, size), make([]byte, size)}}
	a.begin()
	inf := inflaters.Get().(*inflater)
	defer inflaters.Put(inf)
	sum, checked, err := inf.run(ctx, &s, a.write)
	switch {
	case len(a.passes) > 0 && err == nil:
		return a.rows, corrupt("the pixels end in row %d", a.rows)
	case len(a.passes) > 0:
		return a.rows, err
	case s.accept:
		return a.rows, s.fault
	case err == nil && checked && a.sum != sum:
		return a.rows, corrupt("checksum of the pixels")
	}
	return a.rows, nil
}

// assembler splits the inflated bytes into rows.
type assembler struct {
	file       *File
	visit      func(p pass, y int, row []byte)
	passes     []pass // remaining passes, starting with the current one
	y          int    // next row in the pass
	rows       int    // rows visited
	have       int    // bytes collected for the next row
	row, above []byte // with the byte of the filter before the first pixel
	buffers    [2][]byte
	sum        uint32 // Adler-32 (RFC 1950)
}

// errSurplus ends inflating after the last row. Further data are ignored.
var errSurplus = errors.New("more than all rows")

// begin starts a pass.
func (a *assembler) begin() {
	size := 1 + a.file.rowBytes(a.passes[0].width)
	a.row, a.above = a.buffers[0][:size], a.buffers[1][:size]
	clear(a.above)
	a.y, a.have = 0, 0
}

func (a *assembler) write(p []byte) error {
	a.sum = adler(a.sum, p)
	pixel := max(1, a.file.Samples*a.file.Depth/8)
	for len(p) > 0 {
		if len(a.passes) == 0 {
			return errSurplus
		}
		n := copy(a.row[a.have:], p)
		a.have, p = a.have+n, p[n:]
		if a.have < len(a.row) {
			return nil
		}
		if err := unfilter(a.row[0], a.row[1:], a.above[1:], pixel); err != nil {
			return err
		}
		a.visit(a.passes[0], a.y, a.row[1:])
		a.row, a.above = a.above, a.row
		a.y, a.have, a.rows = a.y+1, 0, a.rows+1
		if a.y == a.passes[0].height {
			if a.passes = a.passes[1:]; len(a.passes) > 0 {
				a.begin()
			}
		}
	}
	return nil
}

// adler updates the checksum with p. It combines it with the sum of p alone, as zlib's adler32_combine does: each half
// of the combined sum is the sum of the halves of both parts, adjusted for the length of p.
func adler(before uint32, p []byte) uint32 {
	const base = 65521
	next := adler32.Checksum(p)
	a1, b1 := uint64(before&0xffff), uint64(before>>16)
	a2, b2 := uint64(next&0xffff), uint64(next>>16)
	n := uint64(len(p)) % base
	a := (a1 + a2 + base - 1) % base
	b := (b1 + b2 + n*(a1+base-1)) % base
	return uint32(b<<16 | a)
}
