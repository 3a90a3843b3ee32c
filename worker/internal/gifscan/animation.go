package gifscan

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"

	"darkroom/worker/internal/animation"
)

// Identifiers of the application extension that says how often the animation plays. Both have the same meaning.
const (
	loopExtension = "\x0bNETSCAPE2.0"
	loopOfOthers  = "\x0bANIMEXTS1.0"
)

// Animation reads all blocks of the file and returns the header of the animation. It reports false if the file has only
// one picture. Pictures without pixels are skipped before the first picture with pixels, and count as frames after it.
func (f *File) Animation() (animation.Header, bool) {
	h := animation.Header{Width: f.Width, Height: f.Height, Loops: 1}
	p := Pictures{screen: image.Rect(0, 0, f.Width, f.Height)}
	p.blocks = f.reader(func(block []byte) {
		if n, ok := readLoops(block); ok {
			h.Loops = n
		}
	})
	for {
		picture, err := p.next()
		if picture == nil || err != nil {
			return h, h.Frames > 1
		}
		h.Frames++
		h.Duration += animation.Delay(picture.Delay)
	}
}

// readLoops reads an application extension. Its number counts the repeats after the first play; 0 is for ever.
func readLoops(block []byte) (int, bool) {
	if len(block) < len(loopExtension)+4 {
		return 0, false
	}
	name, body := string(block[:len(loopExtension)]), block[len(loopExtension):]
	if name != loopExtension && name != loopOfOthers || body[0] < 3 || body[1]&7 != 1 {
		return 0, false
	}
	if n := int(binary.LittleEndian.Uint16(body[2:])); n > 0 {
		return n + 1, true
	}
	return 0, true
}

// Pictures iterates over the pictures of a file.
type Pictures struct {
	screen  image.Rectangle
	blocks  *blockReader
	begun   bool // a picture with pixels was returned
	pix     []byte
	strings codeStrings
}

// Pictures returns the pictures of the file in order, starting with the one that [File.Draw] draws.
func (f *File) Pictures() *Pictures {
	return &Pictures{screen: image.Rect(0, 0, f.Width, f.Height), blocks: f.reader(func([]byte) {})}
}

// spareIndexes is how many indexes a picture may have in addition to two for each pixel of the screen.
const spareIndexes = 1 << 16

// PicturesMemory returns how many bytes [Pictures] may take for a screen of this size.
func PicturesMemory(width, height int) int64 {
	return 2*int64(width)*int64(height) + spareIndexes + 64<<10
}

// next returns the next picture, or nil at the end of the file. The error says why a picture with a descriptor has no
// pixels.
func (p *Pictures) next() (*Picture, error) {
	for {
		if found, _ := p.blocks.next(); !found {
			return nil, nil
		}
		picture, err := p.blocks.picture()
		if err != nil {
			return nil, err
		}
		if p.begun = p.begun || !picture.Frame.Empty(); p.begun {
			return &picture, nil
		}
	}
}

// Next returns the next picture, or nil after the last one. A descriptor that is cut off ends the file. The error wraps
// [ErrCorrupt] if a picture is far larger than the screen, and [ErrTruncated] if its colour table is cut off.
func (p *Pictures) Next() (*Picture, error) {
	picture, err := p.next()
	if err != nil || picture == nil {
		return nil, err
	}
	if n, most := p.indexes(picture), 2*int64(p.screen.Dx())*int64(p.screen.Dy())+spareIndexes; n > most {
		return nil, fmt.Errorf("%w: a picture of %v pixels on a screen of %v", ErrCorrupt, picture.Frame.Size(), p.screen.Max)
	}
	return picture, nil
}

// indexes returns how many indexes of a picture are needed: those of the rows up to the last one on the screen, or of
// all rows if it is interlaced.
func (p *Pictures) indexes(picture *Picture) int64 {
	on := picture.Frame.Intersect(p.screen)
	if on.Empty() {
		return 0
	}
	rows := on.Max.Y - picture.Frame.Min.Y
	if picture.interlaced {
		rows = picture.Frame.Dy()
	}
	return int64(picture.Frame.Dx()) * int64(rows)
}

// Draw decodes a picture that Next returned, and draws it onto dst, which has the size of the screen. It returns how
// many of the needed pixels the file has. If some are missing, the error says why, see [File.Draw].
func (p *Pictures) Draw(ctx context.Context, picture *Picture, dst *image.NRGBA) (n, needed int, err error) {
	needed = int(p.indexes(picture))
	if needed == 0 {
		return 0, 0, nil
	}
	if needed > cap(p.pix) {
		p.pix = make([]byte, needed)
	}
	n, err = picture.draw(ctx, dst, p.pix[:needed], &p.strings)
	return n, needed, err
}
