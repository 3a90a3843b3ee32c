package format

import (
	"encoding/binary"
	"image"

	"golang.org/x/image/webp"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

var webpFormat = Format{
	Name: photo.WebP, Loss: Either, Alpha: true, Profile: true,
	sniff: func(data []byte) bool {
		return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
	},
	inspect: inspectWebP, decode: decodeWebP, decodeMemory: webpDecodeMemory,
	encode: encodeWebP, encodeMemory: webpEncodeMemory,
	checkSandbox: checkWebP,
}

// riffChunks calls visit with the type and the payload of every chunk of a WebP until visit returns false. It returns
// a Rejection when the file is shorter than its RIFF header says.
func riffChunks(data []byte, visit func(kind string, payload []byte) bool) error {
	end := 8 + int64(binary.LittleEndian.Uint32(data[4:]))
	if end > int64(len(data)) {
		return truncated(photo.WebP)
	}
	if end < 12 {
		return corrupt(photo.WebP, "RIFF header for %d bytes", end)
	}
	return webpChunks(data[12:end], visit)
}

// webpChunks is riffChunks for chunks without the header of a file.
func webpChunks(rest []byte, visit func(kind string, payload []byte) bool) error {
	for len(rest) >= 8 {
		kind, length := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		if length > int64(len(rest)-8) {
			return corrupt(photo.WebP, "chunk %q of %d bytes, %d are there", kind, length, len(rest)-8)
		}
		if !visit(kind, rest[8:8+length]) {
			return nil
		}
		rest = rest[min(8+length+length&1, int64(len(rest))):] // chunks are padded to an even length
	}
	return nil
}

// inspectWebP reads the sizes that the file claims: of the canvas in VP8X, and of the picture in VP8 (RFC 6386, 9.1)
// or VP8L (RFC 9649, 3.3). The limit holds for each. They must agree, except in an animation, where the first frame must
// lie on the canvas.
func inspectWebP(data []byte, limits Limits) (Header, error) {
	const alphaBit, animationBit = 1 << 4, 1 << 1
	h := Header{Format: photo.WebP, Orientation: 1, Components: 3, Depth: 8}
	var canvas, picture raster.Size
	var fault error
	framed, exif := false, false
	var visit func(kind string, p []byte) bool
	visit = func(kind string, p []byte) bool {
		switch {
		case kind == "VP8X" && len(p) >= 10 && !framed:
			canvas = raster.Size{Width: 1 + int(le24(p[4:])), Height: 1 + int(le24(p[7:]))}
			if p[0]&alphaBit != 0 {
				h.Components = 4
			}
			h.Animated = p[0]&animationBit != 0
			fault = limits.check(photo.WebP, canvas)
		case kind == "ICCP":
			h.Profile.size = int64(len(p))
		case kind == "ANMF" && h.Animated && !framed:
			framed = true
			h.Components = 4 // what the frame does not cover is transparent
			var f webpFrame
			if f, fault = frameOfWebP(p); fault == nil {
				fault = webpChunks(f.chunks, visit)
			}
			if fault == nil && (picture != f.size || !f.within(canvas)) {
				fault = corrupt(photo.WebP, "the first frame is not what it says, or does not lie on its canvas")
			}
		case kind == "VP8 " && len(p) >= 10 && picture == raster.Size{}:
			picture = raster.Size{Width: int(binary.LittleEndian.Uint16(p[6:]) & 0x3fff), Height: int(binary.LittleEndian.Uint16(p[8:]) & 0x3fff)}
			fault = limits.check(photo.WebP, picture)
		case kind == "VP8L" && len(p) >= 5 && picture == raster.Size{}:
			bits := binary.LittleEndian.Uint32(p[1:])
			picture = raster.Size{Width: 1 + int(bits&0x3fff), Height: 1 + int(bits>>14&0x3fff)}
			h.Lossless, h.entropy, h.Components = true, true, 4
			fault = limits.check(photo.WebP, picture)
		case kind == "ALPH":
			h.entropy = true
		case kind == "EXIF" && !exif:
			exif = true
			h.Orientation = orientation(p)
		}
		return fault == nil
	}
	err := riffChunks(data, func(kind string, p []byte) bool {
		if kind == "ICCP" && h.Profile.unpack == nil { // a frame can have such a chunk too
			h.Profile.unpack = func() []byte { return p }
		}
		return visit(kind, p)
	})
	switch {
	case fault != nil:
		return Header{}, fault
	case err != nil:
		return Header{}, err
	case picture == raster.Size{}, h.Animated && !framed:
		return Header{}, corrupt(photo.WebP, "no picture")
	case !h.Animated && canvas != raster.Size{} && canvas != picture:
		return Header{}, corrupt(photo.WebP, "picture of %d x %d on a canvas of %d x %d", picture.Width, picture.Height, canvas.Width, canvas.Height)
	}
	h.Width, h.Height = picture.Width, picture.Height
	h.Planar = !h.Lossless && !h.Animated && h.Components == 3
	if h.Animated {
		h.Width, h.Height = canvas.Width, canvas.Height
	}
	return h, nil
}

func le24(p []byte) uint32 { return uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16 }

func decodeWebP(data []byte, h Header, t Target) (Decoded, error) {
	decode := func() (raster.Picture, error) { return decodeStill(data, t.Planar) }
	if h.Animated {
		decode = func() (raster.Picture, error) { return decodeAnimation(data, h) }
	}
	p, err := decode()
	return Decoded{Picture: p}, err
}

// decodeStill decodes a still picture, to planes if planar is true and it has no alpha.
func decodeStill(data []byte, planar bool) (raster.Picture, error) {
	src := &source{data: data}
	m, err := webp.Decode(src)
	if err != nil {
		return raster.Picture{}, src.rejection(photo.WebP, err)
	}
	switch m := m.(type) {
	case *image.YCbCr:
		if planar {
			return studioPlanes(m)
		}
		return raster.FromRGBA(studioNRGBA(m, nil, 0)), nil
	case *image.NYCbCrA:
		return raster.FromRGBA(studioNRGBA(&m.YCbCr, m.A, m.AStride)), nil
	}
	return raster.FromImage(m), nil
}

func webpDecodeMemory(h Header, t Target) (decoded raster.Size, bytes int64) {
	s := h.Stored()
	n := s.Pixels()
	bytes = h.Bytes // the file in a buffer of the decoder
	if !h.Lossless {
		bytes += n * 3 / 2 // planes
	}
	if h.Animated {
		bytes += raster.RGBAMemory(s) + h.Bytes // a frame that does not cover the canvas, and a file with it alone
	}
	if h.entropy {
		bytes += n * 2 // indexes of a palette, two pixels in four bytes
	}
	if h.entropy && !h.Lossless {
		bytes += raster.RGBAMemory(s) + n // the picture that carries alpha, and alpha
	}
	if !t.Planar {
		bytes += raster.RGBAMemory(s)
	}
	return s, bytes + HuffmanMemory(h)
}

// HuffmanMemory returns what the tables of a lossless WebP, or of lossless alpha, take at most. Ordinary files have a small
// part of that, which nothing tells before they are decoded: at most 2600 groups of tables of at most 50 KB, and 128 bytes
// of table for each byte of the file.
func HuffmanMemory(h Header) int64 {
	if !h.entropy {
		return 0
	}
	return min(h.Stored().Pixels()/16, 2600, h.Bytes*128/50_000+1) * 50_000
}
