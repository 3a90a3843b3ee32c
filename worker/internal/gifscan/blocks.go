package gifscan

import (
	"encoding/binary"
	"fmt"
	"image"
	"time"

	"darkroom/worker/internal/animation"
)

// blockReader iterates over the blocks of a file.
type blockReader struct {
	rest        []byte // from the next block on
	global      []byte
	application func(block []byte) // handles an application extension, from after its label to its terminator
	control     pictureControl     // settings for the next picture
}

// pictureControl holds the settings of a graphic control extension (23) for the picture after it.
type pictureControl struct {
	transparent int // index, or -1
	disposal    animation.Disposal
	delay       time.Duration
}

var noControl = pictureControl{transparent: -1}

func (f *File) reader(application func(block []byte)) *blockReader {
	return &blockReader{rest: f.blocks, global: f.global, application: application, control: noControl}
}

// next advances to the next picture, so that rest begins with its descriptor. It reports false at the end of the file.
// If the file does not end with a trailer, the error says what ends it.
func (b *blockReader) next() (bool, error) {
	for len(b.rest) > 0 {
		switch kind := b.rest[0]; kind {
		case 0: // extra block terminator
			b.rest = b.rest[1:]
		case extensionStart:
			b.extension()
		case imageSeparator:
			if len(b.rest) < descriptorBytes {
				return false, fmt.Errorf("%w: descriptor of %d bytes", ErrTruncated, len(b.rest))
			}
			return true, nil
		default:
			return false, fmt.Errorf("%w: no picture before a block of type %#02x", ErrCorrupt, kind)
		}
	}
	return false, nil
}

func (b *blockReader) extension() {
	label := b.rest[1:min(2, len(b.rest))]
	if b.rest = b.rest[1+len(label):]; string(label) == graphicControl {
		b.control = readControl(b.rest)
	}
	block := b.rest
	if b.rest = skipSubBlocks(b.rest); string(label) == application {
		b.application(block[:len(block)-len(b.rest)])
	}
}

// picture reads the image descriptor (20) at the beginning of rest, and advances past the data.
func (b *blockReader) picture() (Picture, error) {
	fields := b.rest[9]
	local, after, err := colourTable(fields, b.rest[descriptorBytes:])
	if err != nil {
		return Picture{}, err
	}
	le := binary.LittleEndian
	x, y := int(le.Uint16(b.rest[1:])), int(le.Uint16(b.rest[3:]))
	w, h := int(le.Uint16(b.rest[5:])), int(le.Uint16(b.rest[7:]))
	p := Picture{Frame: image.Rect(x, y, x+w, y+h), Disposal: b.control.disposal, Delay: b.control.delay,
		interlaced: fields&isInterlaced != 0, transparent: b.control.transparent, colours: b.global, data: after}
	if local != nil {
		p.colours = local
	}
	b.rest = skipSubBlocks(after[min(1, len(after)):]) // after the code size
	b.control = noControl
	return p, nil
}

// readControl reads a graphic control extension (23) from after its label. One that is too short is ignored. Disposal 4
// counts as 3, which an old program meant by it, and the other reserved values as none.
func readControl(block []byte) pictureControl {
	c := noControl
	if len(block) <= graphicControlSize || block[0] < graphicControlSize {
		return c
	}
	if block[1]&hasTransparency != 0 {
		c.transparent = int(block[4])
	}
	switch block[1] >> 2 & 7 {
	case 2:
		c.disposal = animation.Background
	case 3, 4:
		c.disposal = animation.Previous
	}
	c.delay = time.Duration(binary.LittleEndian.Uint16(block[2:])) * 10 * time.Millisecond
	return c
}
