package engine

import (
	"encoding/binary"
	"image"
	"image/gif"

	"darkroom/worker/photo"
)

// inspectGIF reads the logical screen and the first frame's descriptor (GIF89a specification, 18 and 20). Both are
// held against the limit: a small screen can carry a frame that claims to be huge.
func inspectGIF(data []byte, limit pixelLimit) (Header, error) {
	if len(data) < 13 {
		return Header{}, truncated()
	}
	le := binary.LittleEndian
	h := Header{Format: photo.GIF, Orientation: 1, Components: 3, Depth: 8, Indexed: true,
		Width: int(le.Uint16(data[6:])), Height: int(le.Uint16(data[8:]))}
	if err := limit.check(size{h.Width, h.Height}); err != nil {
		return Header{}, err
	}
	frames := 0
	var fault error
	err := gifFrames(data, func(frame size) bool {
		if frames++; frames > 1 {
			h.Animated = true
			return false
		}
		fault = limit.check(frame)
		return fault == nil
	})
	switch {
	case err != nil:
		return Header{}, err
	case fault != nil:
		return Header{}, fault
	case frames == 0:
		return Header{}, corrupt("The GIF has no picture.")
	}
	return h, nil
}

// gifFrames calls visit with the size in the descriptor of every frame until visit returns false. It returns a
// Rejection when the file ends before the first descriptor does. Where it ends later, or something else follows a frame,
// there are no more of them: only the first one is decoded.
func gifFrames(data []byte, visit func(size) bool) error {
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
	var short error = truncated()
	for pos := 13 + tableBytes(data[10]); pos < len(data); {
		switch data[pos] {
		case descriptor:
			if pos+10 > len(data) {
				return short
			}
			le := binary.LittleEndian
			if !visit(size{int(le.Uint16(data[pos+5:])), int(le.Uint16(data[pos+7:]))}) {
				return nil
			}
			short = nil
			pos += 10 + tableBytes(data[pos+9]) + 1 // and the size of a code
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
// cover it. Later frames are not looked at.
func decodeGIF(data []byte, h Header) (*image.NRGBA, error) {
	src := &source{data: data}
	m, err := gif.Decode(src)
	if err != nil {
		return nil, src.rejection(err)
	}
	return onScreen(toNRGBA(m), m.Bounds().Min, h.stored())
}
