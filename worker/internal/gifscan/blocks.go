package gifscan

import (
	"encoding/binary"
	"fmt"
	"image"
	"time"

	"darkroom/worker/internal/animation"
)

// blockReader goes through the blocks of a file.
type blockReader struct {
	rest        []byte // from the next block on
	global      []byte
	application func(block []byte) // takes an application extension after its label, with its terminator
	control     pictureControl     // what was said about the next picture
}

// pictureControl is what a graphic control extension (23) says about the picture after it.
type pictureControl struct {
	transparent int // index, or -1
	disposal    animation.Disposal
	delay       time.Duration
}

var noControl = pictureControl{transparent: -1}

func (f *File) reader(application func(block []byte)) *blockReader {
	return &blockReader{rest: f.blocks, global: f.global, application: application, control: noControl}
}

// next goes to the next picture, whose descriptor is then at the beginning of the rest. It reports false at the end of
// the file, and the error says what ends it if that is no trailer.
func (b *blockReader) next() (bool, error) {
	for len(b.rest) > 0 {
		switch kind := b.rest[0]; kind {
		case 0: // surplus block terminator
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

// picture reads the image descriptor (20) at the beginning of the rest, and goes to what follows the data.
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

// readControl reads a graphic control extension (23) after its label. One that is too short says nothing. Disposal 4 is
// that of 3, which it is in files of an old program, and the other reserved ones are none.
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
