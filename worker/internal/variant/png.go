package variant

import (
	"encoding/binary"
	"image"
	"image/png"

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

// inspectPNG reads the IHDR chunk (PNG specification, third edition, 11.2.1), the orientation, and finds the end.
func inspectPNG(data []byte, limit pixelLimit) (Header, error) {
	h := Header{Format: photo.PNG, Orientation: 1}
	var fault error
	first, exif := true, false
	err := chunks(data, func(kind string, p []byte) bool {
		switch {
		case first && (kind != "IHDR" || len(p) != 13):
			fault = corrupt("The PNG does not begin with its header.")
		case first:
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
			fault = limit.check(size{h.Width, h.Height})
		case kind == "eXIf" && !exif:
			exif = true
			h.Orientation = orientation(p)
		case kind == "iCCP":
			h.Profile = int64(len(p)) * mostDeflated
		case kind == "tRNS" && !h.Indexed:
			h.keyed = true
		}
		first = false
		return fault == nil
	})
	switch {
	case fault != nil:
		return Header{}, fault
	case err != nil:
		return Header{}, err
	}
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

func decodePNG(data []byte) (*image.NRGBA, error) {
	src := &source{data: data}
	m, err := png.Decode(src)
	if err != nil {
		return nil, src.rejection(err)
	}
	return toNRGBA(m), nil
}
