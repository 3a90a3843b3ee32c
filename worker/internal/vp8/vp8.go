// Package vp8 decodes key frames of VP8, which hold the pixels of lossy WebP files.
//
// A context can stop [Decode] between two rows of macroblocks. If a frame is cut off, Decode returns the rows before
// the end. Apart from the planes that it returns, it takes about 70 bytes for each column of macroblocks.
//
// Section numbers are those of RFC 6386, and the tables are those of its sections 11, 13 and 14. If the RFC and libwebp
// handle something differently, this package follows libwebp, because browsers do.
package vp8

import (
	"context"
	"fmt"
	"image"
	"io"
)

// Decode decodes a key frame to planes in 4:2:0, with strides that are multiples of a macroblock. rows is how many rows
// at the top are final. If these are not all rows, the error says why; m still has the size of the frame, and its other
// rows have no meaning. The error wraps [io.ErrUnexpectedEOF] if the frame needs more bytes than data has.
//
// If the headers are cut off or invalid, m is nil. The caller limits the size of the frame: a header of 10 bytes can
// claim 16383 x 16383 pixels.
//
// When ctx ends, Decode returns its error and no picture. It checks ctx before each row of macroblocks.
func Decode(ctx context.Context, data []byte) (m *image.YCbCr, rows int, err error) {
	var d decoder
	if err := d.readHeaders(data); err != nil {
		return nil, 0, err
	}
	d.allocate()
	m = d.frame.SubImage(image.Rect(0, 0, d.width, d.height)).(*image.YCbCr)
	for y := range d.down {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		if err := d.row(y); err != nil {
			return m, d.finalRows(y), fmt.Errorf("row %d of %d of macroblocks: %w", y, d.down, err)
		}
	}
	return m, d.height, nil
}

// decoder holds the state of a frame.
type decoder struct {
	header
	frame *image.YCbCr // whole macroblocks

	above       []borders // borders of the row above, one for each column
	left        borders
	macroblocks []macroblock // current row
	block       workspace
}

// macroblock holds the fields of a macroblock in the first partition (19.3), and its treatment by the loop filter.
type macroblock struct {
	segment  uint8
	skip     bool     // no coefficients
	split    bool     // each subblock of luma has its own mode
	luma     mode     // if split is false
	sub      [16]mode // if split is true
	colour   mode
	interior bool // the loop filter applies to edges between subblocks, too
}

// borders is the state that a macroblock passes to the macroblock below it or to the right.
type borders struct {
	modes [4]mode  // modes along the border, one for each subblock of luma
	coded [8]uint8 // 1 if a subblock along the border has coefficients: four of luma, two of each plane of colour
	dc    uint8    // the same for the block of luma DCs, of the last macroblock that has one

	// Samples along the lower border, before the loop filter. The workspace has those of the right border.
	y    [16]byte
	u, v [8]byte
}

func (d *decoder) allocate() {
	d.frame = image.NewYCbCr(image.Rect(0, 0, 16*d.across, 16*d.down), image.YCbCrSubsampleRatio420)
	d.above = make([]borders, d.across)
	d.macroblocks = make([]macroblock, d.across)
}

// row decodes a row of macroblocks and filters it, which changes up to three rows of samples above it. An error says
// that the row is incomplete. It is not filtered then.
func (d *decoder) row(y int) error {
	d.left = borders{}
	for x := range d.macroblocks {
		d.readModes(&d.macroblocks[x], &d.above[x])
	}
	if d.first.overrun {
		return fmt.Errorf("modes: %w", io.ErrUnexpectedEOF)
	}
	tokens := &d.tokens[y%d.partitions]
	for x := range d.macroblocks {
		m := &d.macroblocks[x]
		d.block.prepare(d.above, x, y)
		d.readCoefficients(tokens, m, &d.above[x])
		if tokens.overrun {
			return fmt.Errorf("coefficients of macroblock %d: %w", x, io.ErrUnexpectedEOF)
		}
		d.block.reconstruct(m, x > 0, y > 0)
		d.block.save(&d.above[x])
		d.block.copyTo(d.frame, x, y)
	}
	d.filterRow(y)
	return nil
}
