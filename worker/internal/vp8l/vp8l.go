// Package vp8l decodes VP8L, which holds the pixels of lossless WebP files and the alpha of lossy ones.
//
// A context can stop [Decode] and [DecodeAlpha] between two rows. They decode and transform a picture row by row, so in
// addition to the pixels that they return they need a window of at most 8 MiB: no backward reference reaches further.
// [Memory] and [CodesMemory] return how much they take. If a picture is cut off, Decode returns the rows before the
// end.
//
// Section numbers are those of RFC 9649. If the RFC leaves something open, this package follows libwebp, because
// browsers do.
package vp8l

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"io"
)

// headerBytes is the length of the header: the signature, the size, whether alpha is used, and the version (3.4).
const headerBytes = 5

// Decode decodes a picture with its header. rows is how many rows at the top were decoded. If these are not all rows,
// the error says why; m still has the size of the picture, and its other rows have no meaning. The error wraps
// [io.ErrUnexpectedEOF] if the picture needs more bytes than data has.
//
// If the headers, the transforms or the prefix codes are cut off or invalid, m is nil. The caller limits the size of
// the picture: a header of 5 bytes can claim 16384 x 16384 pixels. Decode returns the coded alpha, even if the header
// says that alpha is not used.
//
// When ctx ends, Decode returns its error and no picture. It checks ctx before each row and each group of prefix codes.
func Decode(ctx context.Context, data []byte) (m *image.NRGBA, rows int, err error) {
	const signature = 0x2f
	if len(data) < headerBytes {
		return nil, 0, fmt.Errorf("header of %d bytes, want %d: %w", len(data), headerBytes, io.ErrUnexpectedEOF)
	}
	if data[0] != signature {
		return nil, 0, fmt.Errorf("signature %#x, want %#x", data[0], signature)
	}
	fields := binary.LittleEndian.Uint32(data[1:])
	if version := fields >> 29; version != 0 {
		return nil, 0, fmt.Errorf("version %d, want 0", version)
	}
	width, height := 1+int(fields&0x3fff), 1+int(fields>>14&0x3fff)
	d, err := newDecoder(ctx, data[headerBytes:], width, height)
	if err != nil {
		return nil, 0, err
	}
	m = image.NewNRGBA(image.Rect(0, 0, width, height))
	rows, err = d.decode(ctx, func(y int, row []uint32) {
		to := m.Pix[y*m.Stride:][:4*len(row)]
		for _, v := range row {
			binary.LittleEndian.PutUint32(to, v&0xff00ff00|v>>16&0xff|v&0xff<<16)
			to = to[4:]
		}
	})
	if err != nil && ctx.Err() != nil {
		return nil, 0, err
	}
	return m, rows, err
}

// DecodeAlpha decodes alpha, the green channel of a picture without a header (2.7.1.2), to one byte a pixel. The error
// wraps [io.ErrUnexpectedEOF] if alpha needs more bytes than data has. DecodeAlpha checks ctx like [Decode].
func DecodeAlpha(ctx context.Context, data []byte, width, height int) ([]byte, error) {
	d, err := newDecoder(ctx, data, width, height)
	if err != nil {
		return nil, err
	}
	alpha := make([]byte, width*height)
	_, err = d.decode(ctx, func(y int, row []uint32) {
		to := alpha[y*width:][:len(row)]
		for x, v := range row {
			to[x] = byte(v >> 8)
		}
	})
	if err != nil {
		return nil, err
	}
	return alpha, nil
}

// decoder holds the state of a picture. A pixel is a number: alpha in the highest byte, then red, green, and blue in
// the lowest.
type decoder struct {
	bits   bitReader
	stages []stage // inverse transforms, in their order in the picture
	codes  codeReader
	pixels pixels
}

// newDecoder reads the data before the pixels: the transforms, and the prefix codes (3.8).
func newDecoder(ctx context.Context, data []byte, width, height int) (*decoder, error) {
	d := &decoder{bits: bitReader{data: data}}
	coded, err := d.readTransforms(ctx, width, height)
	if err != nil {
		return nil, err
	}
	return d, d.readPixels(ctx, &d.pixels, coded, height, true)
}

// decode decodes the rows, and calls store with each one.
func (d *decoder) decode(ctx context.Context, store func(y int, row []uint32)) (rows int, err error) {
	p := &d.pixels
	p.allocate()
	for rows < p.height {
		next, err := p.row(ctx, &d.bits)
		if err != nil {
			return rows, fmt.Errorf("row %d of %d: %w", rows, p.height, err)
		}
		for ; rows < next; rows++ {
			row := p.pix[rows*p.width-p.base:][:p.width]
			for i := range d.stages {
				row = d.stages[len(d.stages)-1-i].invert(row, rows)
			}
			store(rows, row)
		}
	}
	return rows, nil
}
