package format

import (
	"bytes"
	"encoding/binary"
	"image/gif"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

var gifFormat = Format{
	Name: photo.GIF, Loss: Lossless, Alpha: true,
	sniff: func(data []byte) bool {
		return bytes.HasPrefix(data, []byte("GIF87a")) || bytes.HasPrefix(data, []byte("GIF89a"))
	},
	inspect: inspectGIF, decode: decodeGIF, decodeMemory: gifDecodeMemory,
}

// inspectGIF reads the logical screen and the first frame's descriptor (GIF89a specification, 18 and 20). It checks both
// against the limit, since a small screen can carry a frame that claims to be huge.
func inspectGIF(data []byte, limits Limits) (Header, error) {
	if len(data) < 13 {
		return Header{}, truncated(photo.GIF)
	}
	le := binary.LittleEndian
	h := Header{Format: photo.GIF, Orientation: 1, Components: 3, Depth: 8, Indexed: true,
		Width: int(le.Uint16(data[6:])), Height: int(le.Uint16(data[8:]))}
	if err := limits.check(photo.GIF, h.Stored()); err != nil {
		return Header{}, err
	}
	frames := 0
	var fault error
	err := gifFrames(data, func(frame raster.Size) bool {
		if frames++; frames > 1 {
			h.Animated = true
			return false
		}
		fault, h.whole = limits.check(photo.GIF, frame), frame == h.Stored()
		return fault == nil
	})
	switch {
	case err != nil:
		return Header{}, err
	case fault != nil:
		return Header{}, fault
	case frames == 0:
		return Header{}, corrupt(photo.GIF, "no picture")
	}
	return h, nil
}

// gifFrames calls visit with the size in the descriptor of every frame until visit returns false. It returns a
// Rejection when the file ends before the first descriptor does. If it ends later, or something else follows a frame,
// there are no more frames: only the first one is decoded.
func gifFrames(data []byte, visit func(raster.Size) bool) error {
	const (
		colourTable = 0x80
		extension   = 0x21
		descriptor  = 0x2c
	)
	tableBytes := func(fields byte) int {
		if fields&colourTable == 0 {
			return 0
		}
		return 3 << (1 + fields&7)
	}
	var short error = truncated(photo.GIF)
	for pos := 13 + tableBytes(data[10]); pos < len(data); {
		switch data[pos] {
		case descriptor:
			if pos+10 > len(data) {
				return short
			}
			le := binary.LittleEndian
			if !visit(raster.Size{Width: int(le.Uint16(data[pos+5:])), Height: int(le.Uint16(data[pos+7:]))}) {
				return nil
			}
			short = nil
			pos += 10 + tableBytes(data[pos+9]) + 1 // and one byte for the size of a code
		case extension:
			pos += 2
		default:
			return nil
		}
		for more := true; more && pos < len(data); { // sub-blocks, up to an empty one
			n := int(data[pos])
			pos, more = pos+1+n, n != 0
		}
	}
	return short
}

// decodeGIF decodes the first frame and lays it on the logical screen, which is transparent where the frame does not
// cover it. It does not read later frames.
func decodeGIF(data []byte, h Header, _ Target) (Decoded, error) {
	src := &source{data: data}
	m, err := gif.Decode(src)
	if err != nil {
		return Decoded{}, src.rejection(photo.GIF, err)
	}
	p, err := onScreen(photo.GIF, raster.FromImage(m), m.Bounds().Min, h.Stored())
	return Decoded{Picture: p}, err
}

func gifDecodeMemory(h Header, _ Target) (decoded raster.Size, bytes int64) {
	s := h.Stored()
	bytes = s.Pixels() + raster.RGBAMemory(s) // indexes, and the result
	if !h.whole {
		bytes += raster.RGBAMemory(s) // a frame that does not cover the screen
	}
	return s, bytes
}
