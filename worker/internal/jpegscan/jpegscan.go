// Package jpegscan decodes ordinary JPEGs fast: those that cameras, phones and websites write. It reads 8-bit frames with
// Huffman coding, grey or YCbCr at 4:4:4, 4:2:2, 4:2:0 or 4:4:0, with or without restart markers: baseline and extended
// sequential ones in one scan, and progressive ones. For anything else it returns [ErrUnsupported], and the caller uses
// a complete decoder.
//
// [Decode] gives the same pixels, byte for byte, as github.com/gen2brain/jpegn does for the same file and scale, so it
// does not matter which of the two decoded a picture. They differ only on damage: jpegn fills in what is missing, and
// this package returns [ErrTruncated] or [ErrCorrupt]. A progressive file that ends properly after some of its scans is
// a picture with less detail. No decoder can tell whether that was intended.
//
// A JPEG decoder spends most of its time on the Huffman codes. This package reads them from a window of the file without
// stuffed bytes: one load serves several codes, and one table lookup yields a code with its value. Where a scaled decode
// does not need a coefficient, one lookup skips several codes.
//
// The scans of a progressive file are decoded side by side, a row of MCUs at a time, so that only the coefficients of one
// row are kept. The peak memory of Decode at 1/denom, in bytes, is the plane of each component,
//
//	blocks * (8/denom)²
//
// where blocks are those of whole MCUs, plus, for a progressive picture,
//
//	blocks of a row of MCUs * (4*((8/denom)² + 1) + 8), for each component
//	scans * ScanBytes
//
// Section numbers in comments are those of ITU-T T.81.
package jpegscan

import (
	"errors"
	"fmt"
	"image"
	"sync"
)

// Errors of [Decode]. They may come wrapped.
var (
	// ErrUnsupported says that the file is of a kind that this package leaves to another decoder, or that its headers
	// are not what they should be. It says nothing about whether the other decoder can read it.
	ErrUnsupported = errors.New("jpegscan: unsupported")
	// ErrTruncated says that the data end before the picture is complete, whether or not an EOI marker follows, or that a
	// progressive file has no EOI marker, or no first scan for one of its components.
	ErrTruncated = errors.New("jpegscan: truncated")
	// ErrCorrupt says that the data contain a code that does not exist, a coefficient outside its block, or a restart
	// marker that is misplaced or out of order, or that a progressive file has anything but well-formed segments between
	// its scans, or more than [MaxScans] scans.
	ErrCorrupt = errors.New("jpegscan: corrupt")
)

// Limits of a frame, beyond which Decode returns ErrUnsupported. They are those of jpegn.
const (
	maxPixels        = 1 << 28
	maxPixelsPerByte = 1024 // of the file
)

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// Decode decodes a JPEG at 1/denom of its size, rounded up. denom is 1, 2, 4 or 8. The picture is an [*image.Gray] or
// an [*image.YCbCr] whose planes extend to whole blocks beyond its bounds. Besides the memory in the package comment,
// Decode needs about 100 KiB. It keeps that, and the memory for the scans of ordinary files, for the next call. It
// allocates nothing for the picture before it has read all headers.
func Decode(data []byte, denom int) (image.Image, error) {
	if denom != 1 && denom != 2 && denom != 4 && denom != 8 {
		return nil, fmt.Errorf("%w: scale 1/%d", ErrUnsupported, denom)
	}
	d := decoders.Get().(*decoder)
	defer d.release()
	if err := d.readHeaders(data); err != nil {
		return nil, err
	}
	d.layOut(denom)
	read := d.readScan
	if d.progressive {
		read = d.readScans
	}
	if err := read(); err != nil {
		return nil, err
	}
	return d.picture(denom), nil
}

// Scans returns how many scans [Decode] would decode, or the error that it returns for the file's headers. Decode of a
// file for which there is no error does not return ErrUnsupported, unless it is sequential and more follows its one scan.
// A progressive file is searched for its scans, which takes a small part of the time of decoding it.
func Scans(data []byte) (int, error) {
	d := decoders.Get().(*decoder)
	defer d.release()
	if err := d.readHeaders(data); err != nil {
		return 0, err
	}
	return max(1, len(d.scans)), nil
}

// component is one of the picture's planes.
type component struct {
	id     byte
	h, v   int // blocks in an MCU (B.2.2)
	quant  int // index of its quantization table
	dc, ac *huffman
	quants [64]int32 // its quantization table, in zigzag order
	last   int       // quantized DC coefficient of the block before (F.2.1.3.1)
	stride int       // bytes, of plane
	plane  []byte

	line // of a progressive picture
}

// decoder holds the state of one Decode. Its tables and its window are reused by the next.
type decoder struct {
	width, height int // pixels
	components    [3]component
	count         int // of components
	interval      int // MCUs between restart markers, or 0
	progressive   bool

	quants     [4][64]uint16 // in zigzag order
	haveQuants [4]bool
	tables

	mcusX, mcusY int
	size         int        // pixels of a block's side in the planes
	keep         int        // coefficients of a block, in zigzag order, that the transform needs
	place        *[64]uint8 // where the transform of that size wants them

	stream
	scans []*scan
}

// release makes the decoder ready for another file: it drops what refers to the caller's data and to the planes, and
// forgets which tables were read.
func (d *decoder) release() {
	d.width, d.height, d.count, d.interval, d.progressive = 0, 0, 0, 0, false
	d.components = [3]component{}
	d.haveQuants = [4]bool{}
	d.tables.forget()
	d.src = nil
	for i, s := range d.scans {
		s.release()
		d.scans[i] = nil
	}
	d.scans = d.scans[:0]
	decoders.Put(d)
}

// layOut makes the planes for a picture at 1/denom.
func (d *decoder) layOut(denom int) {
	lead := &d.components[0] // no component has more samples than the first
	d.mcusX = (d.width + 8*lead.h - 1) / (8 * lead.h)
	d.mcusY = (d.height + 8*lead.v - 1) / (8 * lead.v)
	d.size = 8 / denom
	switch denom { // how far the zigzag goes until it leaves the coefficients of a transform of d.size
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
		for k, q := range d.quants[c.quant] {
			c.quants[k] = int32(q)
		}
		if denom > 1 && !d.progressive {
			c.ac.buildSkips()
		}
	}
}

// picture returns the planes as an image.
func (d *decoder) picture(denom int) image.Image {
	bounds := image.Rect(0, 0, (d.width+denom-1)/denom, (d.height+denom-1)/denom)
	y := &d.components[0]
	if d.count == 1 {
		return &image.Gray{Pix: y.plane, Stride: y.stride, Rect: bounds}
	}
	ratio := image.YCbCrSubsampleRatio444
	switch {
	case y.h == 2 && y.v == 2:
		ratio = image.YCbCrSubsampleRatio420
	case y.h == 2:
		ratio = image.YCbCrSubsampleRatio422
	case y.v == 2:
		ratio = image.YCbCrSubsampleRatio440
	}
	cb, cr := &d.components[1], &d.components[2]
	return &image.YCbCr{
		Y: y.plane, Cb: cb.plane, Cr: cr.plane,
		YStride: y.stride, CStride: cb.stride,
		SubsampleRatio: ratio, Rect: bounds,
	}
}
