// Package format reads and writes picture files. Each picture format has a Go file of its own and a row in the table of
// [Lookup], which holds everything that the rest of the program needs to know about it.
//
// [Inspect] detects the format of a file from its contents and reads its headers, and [Decode] decodes it. Decode
// returns the first frame of an animation; [Animation] and [Frames] read them all. [Format.Encode] writes a file.
// [DecodeMemory] and [Format.EncodeMemory] return in advance how much memory that takes. A file that cannot be read
// gives a [*Rejection].
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

// table has a row for each format, in the order in which [Inspect] tries them.
var table = []Format{jpegFormat, pngFormat, gifFormat, webpFormat, heicFormat, avifFormat}

// Format is a row of the table: everything the program knows about one picture format.
type Format struct {
	Name photo.Format

	Loss        Loss
	Alpha       bool // pixels can be transparent
	Profile     bool // written files can carry an ICC profile
	Progressive bool // has the option Progressive
	Chroma      bool // has the option FullColour
	GainMap     bool // written files can carry a gain map

	// Set if the format is read. Decoders may panic.
	sniff        func(data []byte) bool
	inspect      func(data []byte, limits Limits) (Header, error)
	decode       func(ctx context.Context, data []byte, h Header, t Target) (Decoded, error)
	decodeMemory func(h Header, t Target) (decoded raster.Size, bytes int64) // includes the result

	// Set if animations in the format are read. These may panic, too.
	animation    func(data []byte, h Header) (animation.Header, bool)
	frames       func(data []byte, h Header) (frameSource, error)
	framesMemory func(data []byte, h Header, a animation.Header) int64

	// Set if the format is written.
	encode       func(ctx context.Context, p raster.Picture, o Options) ([]byte, error)
	encodeMemory func(s raster.Size, planar bool, o Options) int64
	// See RereadMemory; without the RGBA result; nil if the format is never lossy.
	rereadMemory func(s raster.Size, o Options) int64

	// Set if animations in the format are written.
	animate       func(o AnimationOptions) AnimationWriter
	animateMemory func(o AnimationOptions, frames int) int64

	// checkSandbox returns an error if the codec does not run in its sandbox. It is nil if the codec needs no sandbox.
	checkSandbox func() error
}

// Loss says whether a format keeps every pixel exactly.
type Loss int

const (
	Lossy Loss = iota
	Lossless
	Either // Options.Lossless decides
)

// Lossless reports whether a file written with this option keeps every pixel exactly.
func (f Format) Lossless(option bool) bool { return f.Loss == Lossless || f.Loss == Either && option }

// Options holds the options of an encoder. Each format uses those that it has, and ignores the others.
type Options struct {
	Quality     int    // 1 to 100, for a lossy file; the scale differs by format
	Lossless    bool   // used if Loss is Either
	Progressive bool   // a rough picture first
	FullColour  bool   // full colour resolution
	Grey        bool   // every pixel is grey
	Profile     []byte // ICC profile of at most maxProfile bytes, or nil for sRGB
	EXIF        []byte // EXIF block from the TIFF header on, at most credit.MaxWritten bytes, or nil
	XMP         []byte // XMP packet of at most credit.MaxWritten bytes, or nil
}

// Target says what to decode a picture to.
type Target struct {
	Size   raster.Size  // smallest size of the decoded picture, as stored
	Light  raster.Light // light that it will be resampled in
	Planar bool         // decode to planes; possible only if [Header].Planar is true
}

// Lookup returns the row of a format. If there is none, it returns a zero Format, which is neither readable nor
// written.
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

// Encode returns a file of the picture. Apart from the pixels, it has only the profile, the EXIF and the XMP in the
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

// EncodeMemory returns how many bytes Encode may take for a planar or RGBA picture of this size, including the result.
func (f Format) EncodeMemory(s raster.Size, planar bool, o Options) int64 {
	if !f.Written() {
		return 0
	}
	return f.encodeMemory(s, planar, o)
}
