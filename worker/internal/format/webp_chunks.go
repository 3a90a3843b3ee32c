package format

import (
	"encoding/binary"
	"fmt"
	"image"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// webpFile holds what the chunks of a WebP contain (RFC 9649, 2.7). It shares memory with the file.
type webpFile struct {
	canvas   raster.Size // size in the extended form; zero for a simple file
	alpha    bool        // the extended form has its flag for transparency
	coloured bool        // the extended form has its flag for a profile
	animated bool
	picture  webpPicture // first picture, or first frame
	corner   image.Point // position of the first frame on the canvas
	profile  []byte
	exif     []byte
	xmp      []byte
	c2pa     []byte
	cut      error // says that the file is shorter than its header claims; nil if it is complete
}

// webpPicture is a still picture, or a frame of an animation.
type webpPicture struct {
	size     raster.Size
	alpha    []byte // payload of the ALPH chunk before the picture, or nil
	data     []byte // payload of the chunk VP8 or VP8L, or nil
	missing  int    // bytes missing from the chunk
	lossless bool   // VP8L
	clear    bool   // VP8L: the header says that alpha is used
}

// parseWebP reads the headers of all chunks up to the end. A file that is cut gives a Rejection. If the limits accept
// damage, it counts as ending where its bytes do.
func parseWebP(data []byte, damaged bool) (f webpFile, err error) {
	end := 8 + int64(binary.LittleEndian.Uint32(data[4:]))
	if end > int64(len(data)) {
		if !damaged {
			return f, truncated(photo.WebP)
		}
		f.cut = fmt.Errorf("RIFF header for %d bytes, %d are there", end, len(data))
		end = int64(len(data))
	}
	if end < 12 {
		return f, corrupt(photo.WebP, "RIFF header for %d bytes", end)
	}
	cut, err := webpChunks(data[12:end], damaged, f.chunk)
	if f.cut == nil {
		f.cut = cut
	}
	return f, err
}

// webpChunks calls visit with the type and the payload of every chunk, and with how many bytes of the payload are
// missing. Bytes can be missing only from the last chunk. If such a chunk is accepted, cut says how many.
func webpChunks(rest []byte, accept bool, visit func(kind string, payload []byte, missing int)) (cut, err error) {
	for len(rest) >= 8 {
		var kind string
		var payload []byte
		var missing int
		kind, payload, missing, rest = nextWebPChunk(rest)
		if missing > 0 {
			cut = fmt.Errorf("chunk %q of %d bytes, %d are there", kind, len(payload)+missing, len(payload))
			if !accept {
				return nil, corrupt(photo.WebP, "%w", cut)
			}
		}
		visit(kind, payload, missing)
	}
	return cut, nil
}

// nextWebPChunk splits the first chunk off data, which has at least 8 bytes, and returns how many bytes of the payload
// are missing.
func nextWebPChunk(data []byte) (kind string, payload []byte, missing int, rest []byte) {
	length, there := int64(binary.LittleEndian.Uint32(data[4:])), int64(len(data)-8)
	payload = data[8 : 8+min(length, there)]
	rest = data[min(8+length+length&1, int64(len(data))):] // chunks are padded to an even length
	return string(data[:4]), payload, int(length) - len(payload), rest
}

// chunk reads a chunk of the file. If there are several of a type, the first counts. Unknown chunks, and chunks in
// meaningless places, are skipped.
func (f *webpFile) chunk(kind string, p []byte, missing int) {
	const iccBit, alphaBit, animationBit = 1 << 5, 1 << 4, 1 << 1
	switch {
	case kind == "VP8X" && len(p) >= 10 && f.canvas == raster.Size{} && f.picture.data == nil:
		f.canvas = raster.Size{Width: 1 + int(le24(p[4:])), Height: 1 + int(le24(p[7:]))}
		f.coloured, f.alpha, f.animated = p[0]&iccBit != 0, p[0]&alphaBit != 0, p[0]&animationBit != 0
	case kind == "ICCP" && f.coloured && f.profile == nil: // without the flag, browsers and libvips ignore the profile
		f.profile = p
	case kind == "EXIF" && f.exif == nil:
		f.exif = p
	case kind == "XMP " && f.xmp == nil:
		f.xmp = p
	case kind == "C2PA" && f.c2pa == nil:
		f.c2pa = p
	case kind == "ANMF" && f.animated && f.picture.data == nil:
		f.frame(p)
	case !f.animated:
		f.picture.chunk(kind, p, missing)
	}
}

// frame reads an ANMF chunk.
func (f *webpFile) frame(p []byte) {
	if frame, ok := readWebPFrame(p); ok {
		f.picture, f.corner = frame.picture, frame.corner
	}
}

// chunk reads the chunks of a picture: alpha, and then the picture itself, whose header has the size (RFC 6386, 9.1;
// RFC 9649, 3.4). An ALPH chunk behind the picture, or before a lossless one, means nothing.
func (p *webpPicture) chunk(kind string, data []byte, missing int) {
	switch {
	case p.data != nil:
		return
	case kind == "ALPH" && missing == 0:
		p.alpha = data
		return
	case kind == "VP8 " && len(data) >= 10:
		p.size = raster.Size{Width: int(binary.LittleEndian.Uint16(data[6:]) & 0x3fff), Height: int(binary.LittleEndian.Uint16(data[8:]) & 0x3fff)}
	case kind == "VP8L" && len(data) >= 5:
		bits := binary.LittleEndian.Uint32(data[1:])
		p.size = raster.Size{Width: 1 + int(bits&0x3fff), Height: 1 + int(bits>>14&0x3fff)}
		p.lossless, p.clear, p.alpha = true, bits>>28&1 != 0, nil
	default:
		return
	}
	p.data, p.missing = data, missing
}

func le24(p []byte) uint32 { return uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16 }

// transparent reports whether the first picture may have transparent pixels. An animation may, where a frame does not
// cover the canvas. For a still picture the flag of the extended form decides: if it is not set, browsers show the
// picture opaque, whatever alpha there is. A lossless picture in a simple file has a flag of its own.
func (f *webpFile) transparent() bool {
	switch {
	case f.animated:
		return true
	case f.canvas != raster.Size{}:
		return f.alpha && (f.picture.lossless || f.picture.alpha != nil)
	}
	return f.picture.lossless && f.picture.clear
}
