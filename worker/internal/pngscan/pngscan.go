// Package pngscan reads PNGs: every colour type and depth, interlaced or not, and the frames of an animation.
//
// [Open] reads the chunks, and [File.Image] decodes the pixels to RGB with straight alpha. For a picture that is not
// interlaced, [File.Rows] passes on one row at a time, so a caller that converts the pixels never holds the unconverted
// picture. [File.Animation] describes an animation, and [File.Frames] returns its frames.
//
// The package reads files that are merely odd as libpng and browsers do. Parts that the picture does not depend on may
// be damaged, out of place or missing:
//
//   - an ancillary chunk with a wrong checksum, in the wrong place or of the wrong length is ignored
//   - anything after the last row of pixels is ignored and may be missing: data, checksums, chunks
//   - an index beyond the palette is opaque black, and the samples of a transparent colour are masked to the depth
//
// A damaged file is an error, unless the caller accepts damage. Then the package decodes the rows before the fault.
//
// A PNG decoder spends most of its time on inflating. Here the file is in memory, so one load serves several codes, and
// the decoded bytes reach the rows in blocks that stay in the processor's cache.
//
// Section numbers in comments are those of the PNG specification, third edition, unless a comment names RFC 1951.
package pngscan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"darkroom/worker/internal/animation"
)

// Errors of this package. Functions return them wrapped.
var (
	// ErrTruncated says that the file or its pixel data end within the picture.
	ErrTruncated = errors.New("pngscan: truncated")
	// ErrCorrupt says that a critical chunk or the pixel data are invalid.
	ErrCorrupt = errors.New("pngscan: corrupt")
	// ErrChunks says that a file has more than MaxChunks chunks.
	ErrChunks = fmt.Errorf("%w: more than %d chunks", ErrCorrupt, MaxChunks)
)

// maxPixels is far more than callers accept, and small enough for the arithmetic on sizes.
const maxPixels = 1 << 32

// MaxInflation is the most bytes that one byte of deflated data can inflate to: https://zlib.net/zlib_tech.html
const MaxInflation = 1032

// Signature begins every PNG.
const Signature = "\x89PNG\r\n\x1a\n"

// Colour types (11.2.1).
const (
	grey      = 0
	rgb       = 2
	indexed   = 3
	greyAlpha = 4
	rgbAlpha  = 6
)

// colourTypes holds the samples in a pixel of each colour type, and its allowed depths, one bit for each.
var colourTypes = map[byte]struct {
	samples int
	depths  uint32
}{
	grey:      {1, 1<<1 | 1<<2 | 1<<4 | 1<<8 | 1<<16},
	rgb:       {3, 1<<8 | 1<<16},
	indexed:   {1, 1<<1 | 1<<2 | 1<<4 | 1<<8},
	greyAlpha: {2, 1<<8 | 1<<16},
	rgbAlpha:  {4, 1<<8 | 1<<16},
}

// File is a PNG whose chunks have been read. It shares memory with the file.
type File struct {
	Width, Height int // pixels
	Depth         int // bits of a sample or an index: 1, 2, 4, 8 or 16
	Samples       int // samples in a pixel: 1 is grey or an index, 2 grey and alpha, 3 RGB, 4 RGBA; not premultiplied
	Indexed       bool
	Interlaced    bool
	Keyed         bool // a tRNS chunk makes one colour transparent
	Colours       Colours
	EXIF          []byte // payload of the eXIf chunk, or nil
	Texts         []Text // texts of the keywords that are read, each once
	Credentials   []byte // payload of the caBX chunk, or nil: a store of content credentials
	Animated      bool   // has several frames, or one frame that is not the picture in the IDAT chunks
	Damage        error  // what is wrong with the chunks before the pixels, if the caller accepts damage; else nil

	palette *[256][4]byte // RGBA of each index
	key     [3]uint16     // samples of the transparent colour
	pixels  stream
	packed  int64 // bytes of deflated data
	frame   *Frame
	accept  bool // damage

	chunks         []byte // after the header
	frames, plays  uint32 // numbers of the acTL chunk of an animation
	firstIsPicture bool   // the picture in the IDAT chunks is the first frame
}

// Frame is a frame of an animation.
type Frame struct {
	File
	X, Y     int // position on the picture, which contains the frame
	Disposal animation.Disposal
	Over     bool          // the canvas shows through where the frame is transparent; else the frame replaces it
	Delay    time.Duration // value in the file
}

// Frame returns the first frame of an animation if the picture in the IDAT chunks is not part of the animation, or nil.
func (f *File) Frame() *Frame { return f.frame }

// ReadSize returns the width and height in pixels from the header of a file, at least 1 and at most 1<<31-1. A caller
// checks its limits before it calls [Open].
func ReadSize(data []byte) (width, height int, err error) {
	h, err := readHeader(data)
	if err != nil {
		return 0, 0, err
	}
	w, ht := binary.BigEndian.Uint32(h.payload), binary.BigEndian.Uint32(h.payload[4:])
	if w < 1 || ht < 1 || w > 1<<31-1 || ht > 1<<31-1 {
		return 0, 0, corrupt("%d x %d pixels", w, ht)
	}
	return int(w), int(ht), nil
}

// readHeader returns the IHDR chunk, which must be the first one and of the right length (11.2.1).
func readHeader(data []byte) (chunk, error) {
	if !strings.HasPrefix(string(data[:min(len(data), len(Signature))]), Signature) {
		return chunk{}, corrupt("no PNG")
	}
	c, _, err := nextChunk(data[len(Signature):])
	if err != nil {
		return chunk{}, err
	}
	if c.kind() != "IHDR" || len(c.payload) != 13 {
		return chunk{}, corrupt("begins with chunk %q of %d bytes", c.kind(), len(c.payload))
	}
	return c, nil
}

// header reads the fields of the IHDR chunk.
func (f *File) header(data []byte) error {
	var err error
	if f.Width, f.Height, err = ReadSize(data); err != nil {
		return err
	}
	c, err := readHeader(data)
	if err != nil {
		return err
	}
	p := c.payload
	kind, ok := colourTypes[p[9]]
	if !ok || p[8] > 16 || kind.depths>>p[8]&1 == 0 || p[10] != 0 || p[11] != 0 || p[12] > 1 {
		return corrupt("depth %d, colour type %d, methods %d", p[8], p[9], p[10:])
	}
	if int64(f.Width)*int64(f.Height) > maxPixels {
		return corrupt("%d x %d pixels", f.Width, f.Height)
	}
	f.Depth, f.Samples, f.Indexed, f.Interlaced = int(p[8]), kind.samples, p[9] == indexed, p[12] == 1
	if !c.checksumValid() {
		return f.tolerate(corrupt("checksum of chunk %q", c.kind()))
	}
	return nil
}

// tolerate records a fault. It returns nil if the caller accepts damage, and the fault if not.
func (f *File) tolerate(fault error) error {
	if !f.accept {
		return fault
	}
	if f.Damage == nil {
		f.Damage = fault
	}
	return nil
}

// Transparent reports whether a pixel may be transparent.
func (f *File) Transparent() bool { return f.Samples%2 == 0 || f.Indexed || f.Keyed || f.frame != nil }

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

func truncated(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrTruncated, fmt.Sprintf(format, args...))
}
