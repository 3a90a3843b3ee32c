package format

import (
	"darkroom/worker/internal/credit"
	"darkroom/worker/internal/heif"
	"darkroom/worker/internal/icc"
	"darkroom/worker/internal/jpegscan"
	"darkroom/worker/internal/pngscan"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// Header is what a file says about its picture before a pixel is decoded. It shares memory with the file.
type Header struct {
	Format      photo.Format
	Width       int   // pixels, as stored; HEIC, AVIF: after cropping
	Height      int   // pixels, like Width
	Orientation int   // 1 to 8 as in EXIF; 1 is upright
	Bytes       int64 // file size
	Components  int   // samples of a pixel, alpha included; for an indexed picture, see Indexed
	Depth       int   // bits of a sample, or of an index
	Sandboxed   bool  // AVIF: decoded in a sandbox, which takes many times as long
	Progressive bool  // JPEG
	Interlaced  bool  // PNG
	Indexed     bool  // pixels are indexes into a palette
	Lossless    bool  // WebP
	Animated    bool  // only the first frame, or the primary picture, is decoded
	Planar      bool  // can be decoded to planes
	Profile     Profile
	// HEIC, AVIF: colour primaries if there is no profile (ITU-T H.273); 0 if the format has no such field.
	Primaries int
	Transfer  int // HEIC, AVIF: their transfer characteristics (ITU-T H.273)

	Blocks      credit.Blocks // metadata that may say who made the picture
	Credentials [][]byte      // store of content credentials in parts, see package c2pa; nil if there is none

	jpeg *jpegscan.Header // JPEG
	png  *pngscan.File    // PNG
	// PNG: pixels may be transparent, if only those of one colour, or outside of an animation's first frame.
	keyed   bool
	entropy bool         // WebP: has a lossless picture, or alpha, which may be coded like one
	heif    *heif.Header // HEIC, AVIF
	damaged bool         // the limits accept a damaged file

	colours func() (convert *icc.Profile, carry []byte) // PNG: how to convert the colours of the file
}

// MaxSide is the longest side of a picture that is read, in stored pixels. It is the longest that a JPEG or a GIF can
// have. No camera or scanner makes a longer one. A row of a longer one, with the filter for it, could take gigabytes.
const MaxSide = 65535

// Limits says which files [Inspect] accepts.
type Limits struct {
	Pixels  int64 // largest number of stored pixels
	Damaged bool  // accept damaged files if part of the picture can be decoded
}

// check returns a Rejection if a picture has no pixels, too many pixels, or too long a side.
func (l Limits) check(f photo.Format, s raster.Size) error {
	if s.Width < 1 || s.Height < 1 {
		return corrupt(f, "%d x %d pixels", s.Width, s.Height)
	}
	if s.Pixels() > l.Pixels {
		return &Rejection{Refusal: photo.TooManyPixels(s.Width, s.Height, l.Pixels)}
	}
	if max(s.Width, s.Height) > MaxSide {
		return &Rejection{Refusal: photo.TooLongSide(s.Width, s.Height, MaxSide)}
	}
	return nil
}

// Inspect reads the headers of a file. It decodes nothing and allocates next to nothing. The error is a [*Rejection] if
// the headers show that the file cannot be rendered. A file that ends too early is rejected too, unless the limits
// accept damage. For a GIF or PNG, where only what follows the pixels may be missing, that is left to Decode.
func Inspect(data []byte, limits Limits) (h Header, err error) {
	f, err := sniff(data)
	if err != nil {
		return Header{}, err
	}
	defer rescue(f.Name, &err)
	h, err = f.inspect(data, limits)
	h.Bytes, h.damaged = int64(len(data)), limits.Damaged
	return h, err
}

// Stored returns the stored size of the picture.
func (h Header) Stored() raster.Size { return raster.Size{Width: h.Width, Height: h.Height} }

// Upright returns the size of the picture after its orientation is applied.
func (h Header) Upright() raster.Size { return h.Stored().Upright(h.Orientation) }

// Grey reports whether the picture has no colours.
func (h Header) Grey() bool { return h.Components <= 2 && !h.Indexed }

// MayBeTransparent reports whether a pixel of the picture may be transparent.
func (h Header) MayBeTransparent() bool {
	return Lookup(h.Format).Alpha && (h.Indexed || h.keyed || h.Components == 2 || h.Components == 4)
}

// Info describes the picture upright.
func (h Header) Info() photo.Info {
	s := h.Upright()
	return photo.Info{Format: h.Format, Width: s.Width, Height: s.Height, Animated: h.Animated}
}
