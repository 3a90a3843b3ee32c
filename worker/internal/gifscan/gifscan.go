// Package gifscan reads the pictures of a GIF as browsers show them. Many programs have written GIFs that break the
// specification in small ways, and a strict reader would show nothing of them.
//
// [Open] reads the blocks of a file up to the second picture, and [File.Draw] decodes the first one. [File.Animation]
// reads all blocks, and [File.Pictures] returns one picture after another. Their time and memory are in proportion to
// the size of the file and to the pixels in its header, whatever the file holds.
//
// Section numbers are those of the GIF89a specification.
package gifscan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
)

// Errors of this package. Functions return them wrapped.
var (
	// ErrTruncated says that the file ends within a picture.
	ErrTruncated = errors.New("gifscan: truncated")
	// ErrCorrupt says that the file has no picture, or that its data are invalid.
	ErrCorrupt = errors.New("gifscan: corrupt")
)

// Labels of blocks and extensions.
const (
	imageSeparator     = 0x2c
	extensionStart     = 0x21
	graphicControl     = "\xf9"
	application        = "\xff"
	headerBytes        = 13 // header and logical screen descriptor (17, 18)
	descriptorBytes    = 10 // image descriptor (20), including its separator
	hasColourTable     = 0x80
	isInterlaced       = 0x40
	hasTransparency    = 1
	graphicControlSize = 4
)

// File is a GIF whose blocks have been read. It shares memory with the file.
type File struct {
	Width, Height int             // logical screen in pixels, grown to hold the frame
	Frame         image.Rectangle // position of the first picture on the screen
	Animated      bool            // the file has more than one picture
	XMP           []byte          // XMP packet, or nil
	Credentials   [][]byte        // store of content credentials, in parts; nil if there is none

	first  Picture
	global []byte // colour table of pictures without a local one; nil if the file has none
	blocks []byte // from the first block on
}

// Open reads the blocks of a GIF up to its second picture. Pictures without pixels are skipped when the first one is
// chosen. If that picture extends beyond the screen, the screen grows. Anything other than a picture or an extension
// ends the file, even if more data follow. Open allocates nothing but the result.
func Open(data []byte) (*File, error) {
	if len(data) < headerBytes {
		return nil, fmt.Errorf("%w: header of %d bytes", ErrTruncated, len(data))
	}
	le := binary.LittleEndian
	f := &File{Width: int(le.Uint16(data[6:])), Height: int(le.Uint16(data[8:]))}
	var err error
	if f.global, f.blocks, err = colourTable(data[10], data[headerBytes:]); err != nil {
		return nil, err
	}
	b := f.reader(f.application)
	for pictures := 0; ; pictures++ {
		found, err := b.next()
		switch {
		case !found && f.Frame.Empty() && err == nil:
			return nil, fmt.Errorf("%w: %d bytes without a picture", ErrTruncated, len(data))
		case !found && f.Frame.Empty():
			return nil, err
		case !found:
			return f, nil
		}
		f.Animated = pictures > 0
		if !f.Frame.Empty() {
			return f, nil
		}
		p, err := b.picture()
		if err != nil {
			return nil, err
		}
		if !p.Frame.Empty() {
			f.Frame, f.first = p.Frame, p
			f.Width, f.Height = max(f.Width, p.Frame.Max.X), max(f.Height, p.Frame.Max.Y)
		}
	}
}

// colourTable reads a colour table (19, 21) at the beginning of data if the fields of its descriptor announce one.
func colourTable(fields byte, data []byte) (table, rest []byte, err error) {
	if fields&hasColourTable == 0 {
		return nil, data, nil
	}
	n := 3 << (1 + fields&7)
	if n > len(data) {
		return nil, nil, fmt.Errorf("%w: colour table of %d bytes, but only %d remain", ErrTruncated, n, len(data))
	}
	return data[:n], data[n:], nil
}

// skipSubBlocks returns the data after the sub-blocks (15) at their beginning and the terminator (16).
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
