package format

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"image/png"
	"io"

	"darkroom/worker/internal/icc"
	"darkroom/worker/internal/pngscan"
	"darkroom/worker/internal/pngwrite"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

var pngFormat = Format{
	Name: photo.PNG, Loss: Lossless, Alpha: true, Profile: true,
	sniff:   func(data []byte) bool { return bytes.HasPrefix(data, []byte(pngSignature)) },
	inspect: inspectPNG, decode: decodePNG, decodeMemory: pngDecodeMemory,
	encode: encodePNG, encodeMemory: pngEncodeMemory,
}

// mostDeflated is the largest number of bytes that one byte of deflated data can become:
// https://zlib.net/zlib_tech.html
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
			return truncated(photo.PNG)
		}
		length, kind := int64(binary.BigEndian.Uint32(rest)), string(rest[4:8])
		if length > int64(len(rest)-around) {
			return truncated(photo.PNG)
		}
		if !visit(kind, rest[8:8+length]) || kind == "IEND" {
			return nil
		}
		rest = rest[around+length:]
	}
	return corrupt(photo.PNG, "more than %d chunks", maxChunks)
}

// inspectPNG reads the IHDR chunk (PNG specification, third edition, 11.2.1), the profile and the orientation, and finds
// the end. A file that it calls plain is of a kind that package pngscan reads.
func inspectPNG(data []byte, limits Limits) (Header, error) {
	h := Header{Format: photo.PNG, Orientation: 1}
	var fault error
	exif, pixels, last := false, false, ""
	err := chunks(data, func(kind string, p []byte) bool {
		switch {
		case last == "" && (kind != "IHDR" || len(p) != 13):
			fault = corrupt(photo.PNG, "begins with chunk %q of %d bytes", kind, len(p))
		case last == "":
			w, ht := binary.BigEndian.Uint32(p), binary.BigEndian.Uint32(p[4:])
			if w > 1<<31-1 || ht > 1<<31-1 {
				fault = corrupt(photo.PNG, "%d x %d pixels", w, ht)
				break
			}
			h.Width, h.Height = int(w), int(ht)
			h.Depth, h.Interlaced = int(p[8]), p[12] != 0
			if h.Components, h.Indexed = pngComponents(p[9]); h.Components == 0 {
				fault = corrupt(photo.PNG, "colour type %d", p[9])
				break
			}
			h.plain = h.Depth == 8 && !h.Indexed && h.Components%2 == 1 && p[10] == 0 && p[11] == 0 && p[12] == 0
			fault = limits.check(photo.PNG, h.Stored())
		case kind == "IHDR", kind == "PLTE", kind == "IEND" && len(p) > 0:
			h.plain = false
		case kind == "IDAT":
			h.plain = h.plain && (!pixels || last == kind)
			pixels = true
		case kind == "eXIf" && !exif:
			exif = true
			h.Orientation = orientation(p)
		case kind == "iCCP":
			h.Profile.size = int64(len(p)) * mostDeflated
			if h.Profile.unpack == nil && !pixels {
				h.Profile.unpack = func() []byte { return unpackPNGProfile(p) }
			}
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
	h.Planar = h.plain
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

// decodePNG decodes ordinary files by package pngscan, which takes a third of the time of image/png, and others by
// image/png.
func decodePNG(data []byte, h Header, t Target) (Decoded, error) {
	p, err := decodePNGPicture(data, h, t)
	return Decoded{Picture: p}, err
}

func decodePNGPicture(data []byte, h Header, t Target) (raster.Picture, error) {
	if t.Planar {
		return decodePNGPlanes(data, h, t.Size)
	}
	m, err := pngscan.Decode(data)
	switch {
	case err == nil:
		return raster.FromImage(m), nil
	case !errors.Is(err, pngscan.ErrUnsupported):
		return raster.Picture{}, rejectPNG(err)
	}
	src := &source{data: data}
	if m, err = png.Decode(src); err != nil {
		return raster.Picture{}, src.rejection(photo.PNG, err)
	}
	return raster.FromImage(m), nil
}

// decodePNGPlanes decodes a plain PNG. Its rows become planes as they come. Colours have half the resolution if the
// picture will shrink to half its size or less.
func decodePNGPlanes(data []byte, h Header, need raster.Size) (raster.Picture, error) {
	f, err := pngscan.Open(data)
	if err != nil {
		return raster.Picture{}, rejectPNG(err)
	}
	if h.Grey() {
		luma := raster.NewPlane(h.Stored())
		if err := f.Rows(func(y int, row []byte) { copy(luma.Pix[y*luma.Stride:], row) }); err != nil {
			return raster.Picture{}, rejectPNG(err)
		}
		return raster.FromPlanar(raster.Planar{Width: h.Width, Height: h.Height, Planes: []raster.Plane{luma}}), nil
	}
	c := raster.NewConversion(h.Width, h.Height, h.Stored().Over(2).Covers(need))
	if err := f.Rows(func(y int, row []byte) { c.Row(y, row, 3) }); err != nil {
		return raster.Picture{}, rejectPNG(err)
	}
	return raster.FromPlanar(c.Planar()), nil
}

func rejectPNG(err error) error {
	if errors.Is(err, pngscan.ErrTruncated) {
		return &Rejection{Refusal: photo.Truncated(photo.PNG), Cause: err}
	}
	return corrupt(photo.PNG, "%w", err)
}

func pngDecodeMemory(h Header, t Target) (decoded raster.Size, bytes int64) {
	s, deep := h.Stored(), int64(max(h.Depth, 8)/8)
	bytes = s.Pixels()*pngSampleBytes(h) + 2*int64(h.Width)*int64(h.Components)*deep + 256<<10 // two rows, and what inflates them
	if h.Interlaced {
		bytes += raster.RGBAMemory(s) * deep // the pictures of the seven passes
	}
	if t.Planar {
		return s, bytes + raster.ToPlanarMemory(s, h.Grey(), s.Over(2).Covers(t.Size))
	}
	return s, bytes + raster.RGBAMemory(s)
}

// pngSampleBytes is how many bytes a pixel takes in what image/png decodes to, when that is not the result already.
func pngSampleBytes(h Header) int64 {
	deep := int64(max(h.Depth, 8) / 8)
	switch {
	case h.plain: // decoded row by row
		return 0
	case h.Components == 1 && !h.keyed: // grey, or an index
		return deep
	case deep == 2:
		return deep * 4
	}
	return 0
}

// encodePNG writes grey pixels for a grey picture in planes, and else RGB, which cannot carry a profile for grey.
func encodePNG(p raster.Picture, o Options) ([]byte, error) {
	switch {
	case p.IsPlanar() && o.Grey:
		return pngwrite.Encode(p.Image(), o.Profile)
	case isGreyProfile(o.Profile):
		return pngwrite.Encode(p.NRGBA(), nil)
	}
	return pngwrite.Encode(p.NRGBA(), o.Profile)
}

// pngEncodeMemory assumes output that does not compress, in a buffer that begins with half of that.
func pngEncodeMemory(s raster.Size, planar bool, _ Options) int64 {
	if planar {
		return s.Pixels()*9 + 128<<10 // output of RGB, and the pixels converted to it
	}
	return s.Pixels()*6 + 128<<10
}

// unpackPNGProfile unpacks an iCCP chunk: a name, a zero, the compression method (0), and the profile.
func unpackPNGProfile(chunk []byte) []byte {
	_, packed, ok := bytes.Cut(chunk, []byte{0})
	if !ok || len(packed) < 1 || packed[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	whole, err := io.ReadAll(io.LimitReader(z, icc.MaxBytes+1))
	if err != nil {
		return nil
	}
	return whole
}
