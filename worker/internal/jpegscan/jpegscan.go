// Package jpegscan decodes JPEGs: baseline, extended sequential and progressive files with Huffman coding and 8 or 12
// bits a sample. They may be grey, YCbCr, RGB, CMYK or YCCK, with any sampling that the standard allows. It does not
// read arithmetic coding, lossless and hierarchical files, or files whose height is not in the frame header.
//
// [Inspect] reads the headers, and [Decode] returns the planes of samples as the file stores them. Both use the same
// code to read the headers.
//
// If a file breaks the standard, this package does what libjpeg does, because browsers and most other programs use
// libjpeg. What libjpeg skips or does not notice is not damage: parameters that mean nothing, anything after the
// picture, a missing end marker. Stray bytes between segments, and damage that stays within a restart interval, never
// keep a picture from being decoded. If a file has other damage, Decode returns what libjpeg shows if its caller
// accepts damage, and an error otherwise.
//
// A JPEG decoder spends most of its time on the Huffman codes. This package reads them from a window of the file from
// which stuffed bytes were removed. One load serves several codes, and one table lookup yields a code with its value.
// If a scaled decode does not need a coefficient, one lookup skips several codes.
//
// The scans of a progressive file are decoded side by side, a row of MCUs at a time, so that only one row of
// coefficients is in memory. [Header.Memory] returns how much that takes.
//
// Section numbers in comments are those of ITU-T T.81.
package jpegscan

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Errors of [Inspect] and [Decode]. They may be wrapped.
var (
	// ErrTruncated reports that the data end before the picture is complete, whether or not an EOI marker follows.
	ErrTruncated = errors.New("jpegscan: truncated")
	// ErrCorrupt reports headers or data that make no sense.
	ErrCorrupt = errors.New("jpegscan: corrupt")
	// ErrUnsupported reports a kind of file that this package does not read. The errors below wrap it.
	ErrUnsupported = errors.New("jpegscan: unsupported")

	ErrScans        = fmt.Errorf("%w: more than %d scans", ErrUnsupported, MaxScans)
	ErrArithmetic   = fmt.Errorf("%w: arithmetic coding", ErrUnsupported)
	ErrLossless     = fmt.Errorf("%w: lossless", ErrUnsupported)
	ErrHierarchical = fmt.Errorf("%w: hierarchical", ErrUnsupported)
	ErrComponents   = fmt.Errorf("%w: number of components", ErrUnsupported)
	// ErrNoHeight reports a file whose height is in a DNL segment (B.2.5).
	ErrNoHeight = fmt.Errorf("%w: the height is not in the frame header", ErrUnsupported)
)

// Plane holds the samples of a component.
type Plane struct {
	Pix    []byte // sample x, y is Pix[y*Stride+x]; covers whole blocks, also beyond the picture
	Stride int
}

// Picture is a decoded picture.
type Picture struct {
	Planes []Plane // one for each component
	Damage error   // faults of the file, or nil
}

var decoders = sync.Pool{New: func() any { return &decoder{adobe: -1} }}

// Inspect reads the headers of a file. If visit is not nil, it is called with each application segment before the
// picture's data. damaged says whether to accept damage between the scans of a file. If a file has several scans,
// Inspect searches for all of them, which takes a small part of the time that decoding takes.
//
// If there is an error after the frame header, the Header still has the size of the picture.
func Inspect(data []byte, damaged bool, visit func(marker byte, payload []byte)) (Header, error) {
	d := decoders.Get().(*decoder)
	defer d.release()
	d.damaged = damaged
	if err := d.readHeaders(context.Background(), data, visit); err != nil {
		return Header{Width: d.width, Height: d.height}, err
	}
	h := Header{Width: d.width, Height: d.height, Depth: d.depth, Progressive: d.progressive, Colour: d.colour(), Scans: len(d.scans)}
	for _, c := range d.components[:d.count] {
		h.Components = append(h.Components, Sampling{c.h, c.v})
	}
	return h, nil
}

// Decode decodes a JPEG at 1/denom of its size, rounded up. denom is 1, 2, 4 or 8. Samples of 12 bits are rounded to 8.
//
// If damaged is true, Decode returns what it can decode of a damaged file, provided that is at least a row of MCUs of
// the first component. Samples without data are grey. If damaged is false, it returns a picture only if its damage is
// local: at least half of the MCUs of each scan lie in intact restart intervals.
//
// When ctx ends, Decode returns its error. Decode checks ctx before each segment of the headers, and before each row of
// MCUs of each scan.
func Decode(ctx context.Context, data []byte, denom int, damaged bool) (Picture, error) {
	if denom != 1 && denom != 2 && denom != 4 && denom != 8 {
		return Picture{}, fmt.Errorf("jpegscan: scale 1/%d", denom)
	}
	d := decoders.Get().(*decoder)
	defer d.release()
	d.damaged = damaged
	if err := d.readHeaders(ctx, data, nil); err != nil {
		return Picture{}, err
	}
	d.layOut(denom)
	if err := d.read(ctx); err != nil {
		return Picture{}, err
	}
	p := Picture{Damage: d.err()}
	for _, c := range d.components[:d.count] {
		p.Planes = append(p.Planes, Plane{Pix: c.plane, Stride: c.stride})
	}
	return p, nil
}

// Memory returns the most bytes that Decode allocates at 1/denom, including the result.
func (h Header) Memory(denom int) int64 {
	most := MaxSampling(h.Components)
	mcusX, mcusY := int64(h.Width+8*most.H-1)/int64(8*most.H), int64(h.Height+8*most.V-1)/int64(8*most.V)
	side := int64(8 / denom)
	bytes := decoderBytes + int64(h.Scans)*ScanBytes
	for _, s := range h.Components {
		row := mcusX * int64(s.H*s.V) // blocks
		bytes += row * mcusY * side * side
		if h.Progressive {
			bytes += row * (4*(side*side+1) + 8) // coefficients and masks
		}
	}
	return bytes
}

// decoderBytes is what Decode needs in addition to planes and scans. Decode keeps it, and the memory for the scans of
// ordinary files, for the next call.
const decoderBytes = 128 << 10

// decoder holds the state of one Decode. The next one uses its tables and its window again.
type decoder struct {
	frame
	adobe    int  // transform of the Adobe segment, or -1
	jfif     bool // there is a JFIF segment
	interval int  // MCUs between restart markers, or 0
	whole    bool // every bit of every coefficient has had its scan
	damaged  bool // damage is accepted
	damage

	quants     [4][64]uint16 // steps in zigzag order
	haveQuants [4]bool
	tables

	size  int        // pixels of a block's side in the planes
	keep  int        // coefficients of a block, in zigzag order, that the transform needs
	place *[64]uint8 // their positions in the input of that transform
	limit int64      // largest magnitude of a coefficient

	scans []*scan
}

// release prepares the decoder for another file: it drops references to the caller's data and to the planes, and
// forgets which tables were read.
func (d *decoder) release() {
	d.frame, d.damage = frame{}, damage{}
	d.adobe, d.jfif, d.interval, d.whole = -1, false, 0, false
	d.haveQuants = [4]bool{}
	d.tables.forget()
	for i, s := range d.scans {
		s.release()
		d.scans[i] = nil
	}
	d.scans = d.scans[:0]
	decoders.Put(d)
}

// layOut allocates the planes of a picture at 1/denom.
func (d *decoder) layOut(denom int) {
	d.size, d.limit = 8/denom, maxCoefficient
	if d.depth > 8 {
		d.limit = maxDeepCoefficient
	}
	switch denom { // number of coefficients, in zigzag order, that a transform of d.size can need
	case 1:
		d.keep, d.place = 64, &place8
	case 2:
		d.keep, d.place = 25, &place4
	case 4:
		d.keep, d.place = 5, &place2
	case 8:
		d.keep, d.place = 1, &place1
	}
	for i := range d.components[:d.count] {
		c := &d.components[i]
		c.stride = d.mcusX * c.h * d.size
		c.plane = make([]byte, c.stride*d.mcusY*c.v*d.size)
		if c.precision[0] < 0 { // only in a damaged file
			for i := range c.plane {
				c.plane[i] = grey
			}
		}
	}
}

// read decodes the picture's data into the planes.
func (d *decoder) read(ctx context.Context) error {
	if d.progressive {
		return d.readProgressive(ctx)
	}
	for i, s := range d.scans {
		if d.size < 8 {
			for i := range s.parts {
				s.parts[i].ac.buildSkips()
			}
		}
		if err := d.readSequential(ctx, s); err != nil {
			return fmt.Errorf("%w: scan %d of %d", err, i, len(d.scans))
		}
	}
	return nil
}
