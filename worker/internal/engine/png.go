package engine

import (
	"encoding/binary"
	"errors"
	"image"
	"image/png"

	"darkroom/worker/internal/plane"
	"darkroom/worker/internal/pngscan"
	"darkroom/worker/photo"
)

// mostDeflated is how many bytes one byte of deflated data can become: https://zlib.net/zlib_tech.html
const mostDeflated = 1032

// maxChunks is the most chunks that a PNG may have. Encoders put 8 KiB of pixels or more into each, and 64 MiB of the
// smallest chunks there are would cost a decoder seconds without a pixel.
const maxChunks = 1 << 17

const pngSignature = "\x89PNG\r\n\x1a\n"

// chunks calls visit with the type and the payload of every chunk of a PNG up to and with IEND, until visit returns
// false. It returns a Rejection when the file ends before that, or has more than maxChunks.
func chunks(data []byte, visit func(kind string, payload []byte) bool) error {
	const around = 4 + 4 + 4 // length, type and checksum
	rest := data[len(pngSignature):]
	for range maxChunks {
		if len(rest) < around {
			return truncated()
		}
		length, kind := int64(binary.BigEndian.Uint32(rest)), string(rest[4:8])
		if length > int64(len(rest)-around) {
			return truncated()
		}
		if !visit(kind, rest[8:8+length]) || kind == "IEND" {
			return nil
		}
		rest = rest[around+length:]
	}
	return corrupt("The PNG has more than %d chunks.", maxChunks)
}

// inspectPNG reads the IHDR chunk (PNG specification, third edition, 11.2.1), the orientation, and finds the end. A file
// that it calls plain is one that package pngscan knows.
func inspectPNG(data []byte, limit pixelLimit) (Header, error) {
	h := Header{Format: photo.PNG, Orientation: 1}
	var fault error
	exif, pixels, last := false, false, ""
	err := chunks(data, func(kind string, p []byte) bool {
		switch {
		case last == "" && (kind != "IHDR" || len(p) != 13):
			fault = corrupt("The PNG does not begin with its header.")
		case last == "":
			w, ht := binary.BigEndian.Uint32(p), binary.BigEndian.Uint32(p[4:])
			if w > 1<<31-1 || ht > 1<<31-1 {
				fault = corrupt("The PNG's header is damaged.")
				break
			}
			h.Width, h.Height = int(w), int(ht)
			h.Depth, h.Interlaced = int(p[8]), p[12] != 0
			if h.Components, h.Indexed = pngComponents(p[9]); h.Components == 0 {
				fault = corrupt("The PNG's header is damaged.")
				break
			}
			h.plain = h.Depth == 8 && !h.Indexed && h.Components%2 == 1 && p[10] == 0 && p[11] == 0 && p[12] == 0
			fault = limit.check(size{h.Width, h.Height})
		case kind == "IHDR", kind == "PLTE", kind == "IEND" && len(p) > 0:
			h.plain = false
		case kind == "IDAT":
			h.plain = h.plain && (!pixels || last == kind)
			pixels = true
		case kind == "eXIf" && !exif:
			exif = true
			h.Orientation = orientation(p)
		case kind == "iCCP":
			h.Profile = int64(len(p)) * mostDeflated
		case kind == "tRNS" && !h.Indexed:
			h.keyed, h.plain = true, false
		}
		last = kind
		return fault == nil
	})
	switch {
	case fault != nil:
		return Header{}, fault
	case err != nil:
		return Header{}, err
	}
	h.plain = h.plain && pixels
	return h, nil
}

// pngComponents returns how many components a pixel of this colour type has, with alpha, and whether it is an index
// into a palette instead.
func pngComponents(colourType byte) (n int, indexed bool) {
	switch colourType {
	case 0:
		return 1, false
	case 2:
		return 3, false
	case 3:
		return 1, true
	case 4:
		return 2, false
	case 6:
		return 4, false
	}
	return 0, false
}

// decodePNG decodes ordinary files by a decoder of our own, which takes a third of the time of image/png, and others by
// that.
func decodePNG(data []byte) (*image.NRGBA, error) {
	m, err := pngscan.Decode(data)
	switch {
	case err == nil:
		return toNRGBA(m), nil
	case !errors.Is(err, pngscan.ErrUnsupported):
		return nil, rejectPNG(err)
	}
	src := &source{data: data}
	if m, err = png.Decode(src); err != nil {
		return nil, src.rejection(err)
	}
	return toNRGBA(m), nil
}

// decodePNGPlanes decodes a PNG that is plain. Its rows become planes as they come: colours have half the resolution
// where the picture shrinks to half its size or less.
func decodePNGPlanes(data []byte, h Header, need size) (plane.Picture, error) {
	f, err := pngscan.Open(data)
	if err != nil {
		return plane.Picture{}, rejectPNG(err)
	}
	if h.grey() {
		p := plane.Plane{Pix: make([]uint8, h.stored().pixels()), Stride: h.Width, Width: h.Width, Height: h.Height, PitchX: 1, PitchY: 1}
		if err := f.Rows(func(y int, row []byte) { copy(p.Pix[y*p.Stride:], row) }); err != nil {
			return plane.Picture{}, rejectPNG(err)
		}
		return plane.Picture{Width: h.Width, Height: h.Height, Planes: []plane.Plane{p}}, nil
	}
	c := plane.NewConversion(h.Width, h.Height, h.stored().over(2).covers(need))
	if err := f.Rows(func(y int, row []byte) { c.Row(y, row, 3) }); err != nil {
		return plane.Picture{}, rejectPNG(err)
	}
	return c.Picture(), nil
}

func rejectPNG(err error) error {
	if errors.Is(err, pngscan.ErrTruncated) {
		return truncated()
	}
	return corrupt("The picture does not decode (%v).", err)
}
