package variant

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
	frame, err := firstFrame(data)
	if err != nil {
		return Header{}, err
	}
	return h, limit.check(frame)
}

// firstFrame finds the descriptor of the first frame.
func firstFrame(data []byte) (size, error) {
	const (
		colourTable = 0x80
		extension   = 0x21
		descriptor  = 0x2c
	)
	pos := 13
	if fields := data[10]; fields&colourTable != 0 {
		pos += 3 << (1 + fields&7)
	}
	for pos < len(data) {
		switch data[pos] {
		case descriptor:
			if pos+10 > len(data) {
				return size{}, truncated()
			}
			le := binary.LittleEndian
			return size{int(le.Uint16(data[pos+5:])), int(le.Uint16(data[pos+7:]))}, nil
		case extension:
			pos += 2
			for { // sub-blocks, up to an empty one
				if pos >= len(data) {
					return size{}, truncated()
				}
				n := int(data[pos])
				if pos += 1 + n; n == 0 {
					break
				}
			}
		default:
			return size{}, corrupt("The GIF has no picture.")
		}
	}
	return size{}, truncated()
}

// decodeGIF decodes the first frame and lays it on the logical screen, which is transparent where the frame does not
// cover it. Later frames are not looked at.
func decodeGIF(data []byte, h Header) (*image.NRGBA, error) {
	src := &source{data: data}
	m, err := gif.Decode(src)
	if err != nil {
		return nil, src.rejection(err)
	}
	frame := toNRGBA(m)
	at, screen := m.Bounds().Min, image.Rect(0, 0, h.Width, h.Height)
	if m.Bounds() == screen {
		return frame, nil
	}
	if !m.Bounds().In(screen) {
		return nil, corrupt("The GIF's picture lies outside of its screen.")
	}
	dst := image.NewNRGBA(screen)
	for y := range frame.Rect.Dy() {
		copy(dst.Pix[dst.PixOffset(at.X, at.Y+y):], frame.Pix[y*frame.Stride:y*frame.Stride+4*frame.Rect.Dx()])
	}
	return dst, nil
}
