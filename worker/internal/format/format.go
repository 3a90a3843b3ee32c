// Package format reads and writes picture files. Each file format has a file of its own and a row in the table of
// [Lookup], which says all that the rest of the program asks about a format.
//
// [Inspect] detects the format of a file from its contents and reads its headers, and [Decode] decodes it. Of an
// animation that is the first frame; [Animation] and [Frames] read all of them. [Format.Encode] writes a file.
// [DecodeMemory] and [Format.EncodeMemory] tell beforehand how much memory that takes. A file that cannot be read gives
// a [*Rejection].
//
// To add a format, write its row in a new file, name the row in the table below, and name the format in package photo.
package format

import (
	"context"
	"fmt"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// table has a row for each format, in the order in which files are matched against them.
var table = []Format{jpegFormat, pngFormat, gifFormat, webpFormat, heicFormat, avifFormat}

// Format is a row of the table: what the program knows about one file format.
type Format struct {
	Name photo.Format

	Loss        Loss
	Alpha       bool // pixels can be transparent
	Profile     bool // a file that is written can carry an ICC profile
	Progressive bool // has the option to be written progressively
	Chroma      bool // has the option to be written with colours for every pixel
	GainMap     bool // a file that is written can carry a gain map

	// Of a format that is read; nil otherwise. Decoders may panic.
	sniff        func(data []byte) bool
	inspect      func(data []byte, limits Limits) (Header, error)
	decode       func(ctx context.Context, data []byte, h Header, t Target) (Decoded, error)
	decodeMemory func(h Header, t Target) (decoded raster.Size, bytes int64) // the result included

	// Of a format whose animations are read; nil otherwise. They may panic, too.
	animation    func(data []byte, h Header) (animation.Header, bool)
	frames       func(data []byte, h Header) (frameSource, error)
	framesMemory func(data []byte, h Header, a animation.Header) int64

	// Of a format that is written; nil otherwise.
	encode       func(ctx context.Context, p raster.Picture, o Options) ([]byte, error)
	encodeMemory func(s raster.Size, planar bool, o Options) int64
	rereadMemory func(s raster.Size, o Options) int64 // see RereadMemory; the RGBA result not included; nil if never lossy

	// Of a format whose animations are written; nil otherwise.
	animate       func(o AnimationOptions) AnimationWriter
	animateMemory func(o AnimationOptions, frames int) int64

	// checkSandbox returns an error if the codec does not run in its sandbox. It is nil if the codec needs none.
	checkSandbox func() error
}

// Loss says whether a format keeps every pixel exactly as it is.
type Loss int

const (
	Lossy Loss = iota
	Lossless
	Either // Options.Lossless decides
)

// Lossless reports whether a file with this option keeps every pixel.
func (f Format) Lossless(option bool) bool { return f.Loss == Lossless || f.Loss == Either && option }

// Options are those of an encoder. Each format uses the ones that it has, and ignores the others.
type Options struct {
	Quality     int    // 1 to 100, of a lossy file; the scale differs by format
	Lossless    bool   // where Loss is Either
	Progressive bool   // a rough picture first
	FullColour  bool   // colours for every pixel
	Grey        bool   // every pixel is grey
	Profile     []byte // ICC profile of at most maxProfile bytes, or nil for sRGB
	EXIF        []byte // EXIF block from the TIFF header on, at most credit.MaxWritten bytes, or nil
	XMP         []byte // XMP packet of at most credit.MaxWritten bytes, or nil
}

// Target says what to decode a picture to.
type Target struct {
	Size   raster.Size  // smallest size of the decoded picture, as stored
	Light  raster.Light // what it will be resampled in
	Planar bool         // in planes, which only a picture can be whose header says so
}

// Lookup returns the row of a format. It is zero, and neither readable nor written, if there is none.
func Lookup(name photo.Format) Format {
	for _, f := range table {
		if f.Name == name {
			return f
		}
	}
	return Format{}
}

// Readable reports whether files of the format are read.
func (f Format) Readable() bool { return f.decode != nil }

// Written reports whether variants can have the format.
func (f Format) Written() bool { return f.encode != nil }

// Encode returns a file of the picture. It has nothing beside the pixels but the profile, the EXIF and the XMP in the
// options. A picture that is not opaque needs a format with Alpha. When ctx ends, Encode returns its error.
func (f Format) Encode(ctx context.Context, p raster.Picture, o Options) ([]byte, error) {
	if !f.Written() {
		return nil, fmt.Errorf("encode: format %q is not written", f.Name)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := f.encode(ctx, p, o)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", f.Name, err)
	}
	return data, nil
}

// EncodeMemory returns how many bytes Encode may take for a picture of this size, which is planar or RGBA, with the
// result.
func (f Format) EncodeMemory(s raster.Size, planar bool, o Options) int64 {
	if !f.Written() {
		return 0
	}
	return f.encodeMemory(s, planar, o)
}
