// Package pngscan decodes ordinary PNGs fast: not interlaced, with 8 bits per sample, as grey, RGB, either with alpha, or
// indexes into a palette. For anything else it returns [ErrUnsupported], and the caller uses a complete decoder.
//
// [Decode] gives the same picture as image/png does, of the same type and with the same pixels, so it does not matter
// which of the two decoded a picture. It checks checksums as strictly: those of every chunk and that of the pixels.
//
// A PNG decoder spends most of its time on inflating. Here the file is in memory, so one load serves several codes, and
// the decoded bytes reach the rows in blocks that stay in the processor's cache. [File.Rows] passes one row at a time, so
// a caller that converts the pixels never holds the unconverted picture.
//
// Chapters in comments are those of the PNG specification, third edition, where RFC 1951 is not named.
package pngscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
)

// Errors of this package. They come wrapped.
var (
	// ErrUnsupported says that the file is of a kind that this package leaves to another decoder, or that its chunks are
	// not in the usual order. It says nothing about whether the other decoder can read it.
	ErrUnsupported = errors.New("pngscan: unsupported")
	// ErrTruncated says that the file or the data of its pixels end before the picture does.
	ErrTruncated = errors.New("pngscan: truncated")
	// ErrCorrupt says that a checksum does not match, or that the data of the pixels are not what they should be.
	ErrCorrupt = errors.New("pngscan: corrupt")
)

// maxPixels of a picture, beyond which it is left to another decoder.
const maxPixels = 1 << 28

// mostDeflated is how many bytes one byte of deflated data can become: https://zlib.net/zlib_tech.html
const mostDeflated = 1032

const signature = "\x89PNG\r\n\x1a\n"

// Colour types (11.2.1).
const (
	grey      = 0
	rgb       = 2
	indexed   = 3
	greyAlpha = 4
	rgbAlpha  = 6
)

// samples are the bytes of a pixel of each colour type.
var samples = map[byte]int{grey: 1, rgb: 3, indexed: 1, greyAlpha: 2, rgbAlpha: 4}

// File is a PNG whose chunks have been looked at.
type File struct {
	Width, Height int           // pixels
	Samples       int           // bytes a pixel: 1 is grey or an index, 2 grey and alpha, 3 RGB, 4 RGBA; not premultiplied
	Palette       color.Palette // of indexes, or nil; an index beyond it is opaque black

	data []byte // from the first IDAT chunk on
}

// next takes the first chunk off data. sum is the checksum that it has.
func next(data []byte) (kind string, payload, rest []byte, sum uint32, err error) {
	const around = 4 + 4 + 4 // length, type and checksum
	if len(data) < around {
		return "", nil, nil, 0, fmt.Errorf("%w: %d bytes of a chunk", ErrTruncated, len(data))
	}
	length := int64(binary.BigEndian.Uint32(data))
	if kind = string(data[4:8]); length > int64(len(data)-around) {
		return "", nil, nil, 0, fmt.Errorf("%w: chunk %q of %d bytes", ErrTruncated, kind, length)
	}
	n := int(length)
	return kind, data[8 : 8+n], data[around+n:], binary.BigEndian.Uint32(data[8+n:]), nil
}

// Open reads all chunks up to IEND and checks their sums. It allocates nothing but a palette. The limit on the pixels of
// a picture is its caller's to check.
func Open(data []byte) (*File, error) {
	if !bytes.HasPrefix(data, []byte(signature)) {
		return nil, fmt.Errorf("%w: no PNG", ErrUnsupported)
	}
	f := &File{}
	var colour byte
	deflated, rest, last := int64(0), data[len(signature):], ""
	for {
		here := rest
		kind, p, after, sum, err := next(rest)
		if err != nil {
			return nil, err
		}
		if crc32.ChecksumIEEE(here[4:8+len(p)]) != sum {
			return nil, fmt.Errorf("%w: checksum of chunk %q", ErrCorrupt, kind)
		}
		rest = after
		switch {
		case (kind == "IHDR") != (last == ""):
			return nil, unusual(kind)
		case kind == "IHDR":
			if colour, err = f.header(p); err != nil {
				return nil, err
			}
		case kind == "PLTE":
			if colour != indexed || f.Palette != nil || f.data != nil || len(p) == 0 || len(p)%3 != 0 || len(p) > 3*256 {
				return nil, unusual(kind)
			}
			for i := 0; i < len(p); i += 3 {
				f.Palette = append(f.Palette, color.RGBA{p[i], p[i+1], p[i+2], 0xff})
			}
		case kind == "tRNS":
			if f.data != nil || len(p) > len(f.Palette) || last == kind {
				return nil, unusual(kind)
			}
			for i, a := range p {
				c, ok := f.Palette[i].(color.RGBA)
				if !ok {
					return nil, unusual(kind)
				}
				f.Palette[i] = color.NRGBA{c.R, c.G, c.B, a}
			}
		case kind == "IDAT":
			if f.data != nil && last != kind || colour == indexed && f.Palette == nil {
				return nil, unusual(kind)
			}
			if f.data == nil {
				f.data = here
			}
			deflated += int64(len(p))
		case kind == "IEND":
			if len(p) > 0 || f.data == nil {
				return nil, unusual(kind)
			}
			if f.inflated() > deflated*mostDeflated {
				return nil, fmt.Errorf("%w: %d bytes for %d x %d pixels", ErrTruncated, deflated, f.Width, f.Height)
			}
			return f, nil
		}
		last = kind
	}
}

func unusual(kind string) error { return fmt.Errorf("%w: chunk %q", ErrUnsupported, kind) }

// header reads the IHDR chunk (11.2.1).
func (f *File) header(p []byte) (colour byte, err error) {
	if len(p) != 13 {
		return 0, unusual("IHDR")
	}
	w, h := int64(binary.BigEndian.Uint32(p)), int64(binary.BigEndian.Uint32(p[4:]))
	depth, colour := p[8], p[9]
	f.Samples = samples[colour]
	if depth != 8 || f.Samples == 0 || p[10] != 0 || p[11] != 0 || p[12] != 0 {
		return 0, fmt.Errorf("%w: depth %d, colour type %d, methods %d", ErrUnsupported, depth, colour, p[10:])
	}
	if w < 1 || h < 1 || w > maxPixels || h > maxPixels || w*h > maxPixels {
		return 0, fmt.Errorf("%w: %d x %d pixels", ErrUnsupported, w, h)
	}
	f.Width, f.Height = int(w), int(h)
	return colour, nil
}

// inflated is how many bytes the rows have, each with the byte of its filter.
func (f *File) inflated() int64 { return int64(f.Height) * (1 + int64(f.Width)*int64(f.Samples)) }

// Decode returns the picture: an [*image.Gray], [*image.RGBA] (of RGB, opaque), [*image.NRGBA] or [*image.Paletted].
func Decode(data []byte) (image.Image, error) {
	f, err := Open(data)
	if err != nil {
		return nil, err
	}
	return f.Decode()
}

// Decode is as the function.
func (f *File) Decode() (image.Image, error) {
	rect := image.Rect(0, 0, f.Width, f.Height)
	switch {
	case f.Palette != nil:
		m := image.NewPaletted(rect, f.Palette)
		highest := 0
		err := f.Rows(func(y int, row []byte) {
			copy(m.Pix[y*m.Stride:], row)
			for _, v := range row {
				highest = max(highest, int(v))
			}
		})
		for len(m.Palette) <= highest {
			m.Palette = append(m.Palette, color.RGBA{A: 0xff})
		}
		return m, err
	case f.Samples == 1:
		m := image.NewGray(rect)
		return m, f.Rows(func(y int, row []byte) { copy(m.Pix[y*m.Stride:], row) })
	case f.Samples == 2:
		m := image.NewNRGBA(rect)
		return m, f.Rows(func(y int, row []byte) {
			dst := m.Pix[y*m.Stride:]
			for ; len(row) >= 2 && len(dst) >= 4; row, dst = row[2:], dst[4:] {
				dst[0], dst[1], dst[2], dst[3] = row[0], row[0], row[0], row[1]
			}
		})
	case f.Samples == 3:
		m := image.NewRGBA(rect)
		return m, f.Rows(func(y int, row []byte) {
			dst := m.Pix[y*m.Stride:]
			for ; len(row) >= 3 && len(dst) >= 4; row, dst = row[3:], dst[4:] {
				dst[0], dst[1], dst[2], dst[3] = row[0], row[1], row[2], 0xff
			}
		})
	default:
		m := image.NewNRGBA(rect)
		return m, f.Rows(func(y int, row []byte) { copy(m.Pix[y*m.Stride:], row) })
	}
}
