// Package gifscan reads the first picture of a GIF as browsers show it. Many programs have written GIFs that are not quite
// what the specification asks for, and a reader that insists on it shows nothing of them.
//
// [Open] reads the blocks of a file up to the second picture, and [File.Draw] decodes the first one. Both take time and
// memory in proportion to the file and to the pixels of its header, whatever the file holds.
//
// Section numbers are those of the GIF89a specification.
package gifscan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
)

// Errors of this package. They come wrapped.
var (
	// ErrTruncated says that the file ends before its first picture does.
	ErrTruncated = errors.New("gifscan: truncated")
	// ErrCorrupt says that the file has no picture, or that its data are not what they should be.
	ErrCorrupt = errors.New("gifscan: corrupt")
)

// Labels of blocks and extensions.
const (
	imageSeparator     = 0x2c
	extensionStart     = 0x21
	graphicControl     = "\xf9"
	application        = "\xff"
	headerBytes        = 13 // header and logical screen descriptor (17, 18)
	descriptorBytes    = 10 // image descriptor (20), its separator included
	hasColourTable     = 0x80
	isInterlaced       = 0x40
	hasTransparency    = 1
	graphicControlSize = 4
)

// File is a GIF whose blocks have been read. It shares memory with the file.
type File struct {
	Width, Height int             // logical screen in pixels, grown to hold the frame
	Frame         image.Rectangle // position of the first picture on the screen
	Animated      bool            // there is more than one picture
	XMP           []byte          // XMP packet, or nil
	Credentials   [][]byte        // store of content credentials, in parts; nil if there is none

	interlaced  bool
	transparent int    // transparent index, or -1
	colours     []byte // colour table of three bytes each; nil if the file has none
	data        []byte // from the code size on
}

// Open reads the blocks of a GIF up to its second picture. Pictures without a pixel are skipped when the first one is
// chosen. The screen grows to a frame that reaches over its edges. Anything but a picture or an extension ends the file,
// even where more follows. Open allocates nothing but the result.
func Open(data []byte) (*File, error) {
	if len(data) < headerBytes {
		return nil, fmt.Errorf("%w: header of %d bytes", ErrTruncated, len(data))
	}
	le := binary.LittleEndian
	f := &File{Width: int(le.Uint16(data[6:])), Height: int(le.Uint16(data[8:])), transparent: -1}
	global, rest, err := colourTable(data[10], data[headerBytes:])
	if err != nil {
		return nil, err
	}
	f.colours = global
	transparent := -1
	for pictures := 0; len(rest) > 0; {
		switch kind := rest[0]; kind {
		case 0: // surplus block terminator
			rest = rest[1:]
		case extensionStart:
			label := rest[1:min(2, len(rest))]
			if rest = rest[1+len(label):]; string(label) == graphicControl {
				transparent = transparentIndex(rest)
			}
			block := rest
			if rest = skipSubBlocks(rest); string(label) == application {
				f.application(block[:len(block)-len(rest)])
			}
		case imageSeparator:
			if len(rest) < descriptorBytes {
				return f.checked(fmt.Errorf("%w: descriptor of %d bytes", ErrTruncated, len(rest)))
			}
			if f.Animated = pictures > 0; f.Animated && !f.Frame.Empty() {
				return f, nil
			}
			pictures++
			if rest, err = f.picture(rest, transparent); err != nil {
				return nil, err
			}
			transparent = -1
		default:
			return f.checked(fmt.Errorf("%w: no picture before a block of type %#02x", ErrCorrupt, kind))
		}
	}
	return f.checked(fmt.Errorf("%w: %d bytes without a picture", ErrTruncated, len(data)))
}

// checked returns the file if it has a picture with pixels, and else the error.
func (f *File) checked(err error) (*File, error) {
	if f.Frame.Empty() {
		return nil, err
	}
	return f, nil
}

// picture reads an image descriptor (20) and takes the picture if it has pixels. It returns what follows the data.
func (f *File) picture(data []byte, transparent int) (rest []byte, err error) {
	fields := data[9]
	local, after, err := colourTable(fields, data[descriptorBytes:])
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	x, y := int(le.Uint16(data[1:])), int(le.Uint16(data[3:]))
	if w, h := int(le.Uint16(data[5:])), int(le.Uint16(data[7:])); w > 0 && h > 0 {
		f.Frame = image.Rect(x, y, x+w, y+h)
		f.Width, f.Height = max(f.Width, x+w), max(f.Height, y+h)
		f.interlaced, f.transparent, f.data = fields&isInterlaced != 0, transparent, after
		if local != nil {
			f.colours = local
		}
	}
	return skipSubBlocks(after[min(1, len(after)):]), nil // after the code size
}

// colourTable takes a colour table (19, 21) from the beginning of data if the fields of its descriptor announce one.
func colourTable(fields byte, data []byte) (table, rest []byte, err error) {
	if fields&hasColourTable == 0 {
		return nil, data, nil
	}
	n := 3 << (1 + fields&7)
	if n > len(data) {
		return nil, nil, fmt.Errorf("%w: colour table of %d bytes, %d are there", ErrTruncated, n, len(data))
	}
	return data[:n], data[n:], nil
}

// transparentIndex reads a graphic control extension (23) after its label. It returns -1 if no index is transparent, or if
// the extension is too short to say so.
func transparentIndex(block []byte) int {
	if len(block) <= graphicControlSize || block[0] < graphicControlSize || block[1]&hasTransparency == 0 {
		return -1
	}
	return int(block[4])
}

// skipSubBlocks returns what follows the sub-blocks (15) at the beginning of data and their terminator (16).
func skipSubBlocks(data []byte) []byte {
	for len(data) > 0 {
		n := int(data[0])
		data = data[min(1+n, len(data)):]
		if n == 0 {
			break
		}
	}
	return data
}
