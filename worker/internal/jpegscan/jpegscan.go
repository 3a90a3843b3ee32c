// Package jpegscan decodes ordinary JPEGs fast: those that cameras and phones write. It reads baseline and 8-bit
// extended sequential frames with Huffman coding, grey or YCbCr at 4:4:4, 4:2:2, 4:2:0 or 4:4:0, in one scan, with or
// without restart markers. For anything else it returns [ErrUnsupported], and the caller takes a complete decoder.
//
// [Decode] gives the same pixels, byte for byte, as github.com/gen2brain/jpegn does for the same file and scale, so it
// does not matter to a picture which of the two decoded it. They differ on damage alone: jpegn fills what is missing,
// and this package returns [ErrTruncated] or [ErrCorrupt].
//
// Most of the time of a JPEG decoder goes into the Huffman codes. Here they are read from a window of the file that
// holds no stuffed bytes, with one load for several codes and one table lookup for a code with its value. Where a
// scaled decode does not need a coefficient, one lookup passes over several codes.
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
	// ErrTruncated says that the picture's data end before the picture does, whether or not an EOI marker follows.
	ErrTruncated = errors.New("jpegscan: truncated")
	// ErrCorrupt says that the picture's data hold a code that does not exist, a coefficient outside of its block, or
	// restart markers that do not come where and in the order they should.
	ErrCorrupt = errors.New("jpegscan: corrupt")
)

// Limits of a frame, beyond which Decode returns ErrUnsupported. They are those of jpegn.
const (
	maxPixels        = 1 << 28
	maxPixelsPerByte = 1024 // of the file
)

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// Decode decodes a JPEG at 1/denom of its size, rounded up. denom is 1, 2, 4 or 8. The picture is an [*image.Gray] or
// an [*image.YCbCr] whose planes extend to whole blocks beyond its bounds. Besides these planes Decode needs about
// 100 KiB, which it keeps for the next call. It allocates no planes before all headers are read.
func Decode(data []byte, denom int) (image.Image, error) {
	if denom != 1 && denom != 2 && denom != 4 && denom != 8 {
		return nil, fmt.Errorf("%w: scale 1/%d", ErrUnsupported, denom)
	}
	d := decoders.Get().(*decoder)
	defer func() {
		d.release()
		decoders.Put(d)
	}()
	if err := d.readHeaders(data); err != nil {
		return nil, err
	}
	d.layOut(denom)
	if err := d.readScan(); err != nil {
		return nil, err
	}
	return d.picture(denom), nil
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
}

// decoder holds the state of one Decode. Its tables and its window are reused by the next.
type decoder struct {
	width, height int // pixels
	components    [3]component
	count         int // of components
	interval      int // MCUs between restart markers, or 0

	quants     [4][64]uint16 // in zigzag order
	haveQuants [4]bool
	dc, ac     [4]huffman
	haveDC     [4]bool
	haveAC     [4]bool

	mcusX, mcusY int
	size         int // pixels of a block's side in the planes
	keep         int // coefficients of a block, in zigzag order, that the transform needs

	stream
}

// release drops what refers to the caller's data and to the planes, and forgets which tables were read.
func (d *decoder) release() {
	d.width, d.height, d.count, d.interval = 0, 0, 0, 0
	d.components = [3]component{}
	d.haveQuants, d.haveDC, d.haveAC = [4]bool{}, [4]bool{}, [4]bool{}
	d.src = nil
}

// layOut makes the planes for a picture at 1/denom.
func (d *decoder) layOut(denom int) {
	lead := &d.components[0] // no component has more samples than the first
	d.mcusX = (d.width + 8*lead.h - 1) / (8 * lead.h)
	d.mcusY = (d.height + 8*lead.v - 1) / (8 * lead.v)
	d.size = 8 / denom
	switch denom { // how far the zigzag goes until it leaves the coefficients of a transform of d.size
	case 1:
		d.keep = 64
	case 2:
		d.keep = 25
	case 4:
		d.keep = 5
	case 8:
		d.keep = 1
	}
	for i := range d.components[:d.count] {
		c := &d.components[i]
		c.stride = d.mcusX * c.h * d.size
		c.plane = make([]byte, c.stride*d.mcusY*c.v*d.size)
		for k, q := range d.quants[c.quant] {
			c.quants[k] = int32(q)
		}
		if denom > 1 {
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
