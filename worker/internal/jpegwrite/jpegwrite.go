// Package jpegwrite encodes JPEGs: baseline and progressive files with 8 bits a sample and Huffman codes made for the
// picture. A picture comes as planes of samples, grey or luma and two colours, and is encoded at the sampling that its
// planes have. Nothing is converted or resampled.
//
// [Encode] derives the quantisation tables from a quality, or takes the given ones, see [Tables]. It takes the scans of
// a progressive file from a script, see [Scan]. A file begins with a JFIF segment; EXIF data, XMP and an ICC profile
// follow if there are any.
//
// The picture is transformed and quantised once, a row of MCUs at a time. Each scan turns the coefficients of the row
// into tokens: Huffman symbols with their additional bits. Once the whole picture is tokens, the best Huffman codes are
// known for every scan, and the size of the file nearly so. Scans share a table of codes if that takes fewer bytes.
// Then the tokens are written. No coefficients are kept, and the memory grows with the tokens; [Memory] gives its
// limit.
//
// The arithmetic is in integers of 16 and 32 bits. Vector instructions give the same bytes as the portable code.
//
// When its context ends, [Encode] returns the context's error. It checks the context before each row of MCUs and each
// 8192 tokens, which is less than 50 ms of work even for a picture that is 65535 pixels wide.
//
// Section numbers in comments are those of ITU-T T.81.
package jpegwrite

import (
	"context"
	"errors"
	"fmt"
)

// MaxSide is the largest width and height of a JPEG, in pixels (B.2.2).
const MaxSide = 65535

// Errors of [Encode]. They may be wrapped.
var (
	ErrPicture = errors.New("jpegwrite: picture cannot be encoded") // size, planes or sampling
	ErrOptions = errors.New("jpegwrite: invalid options")           // quality, tables, script or segments
)

// Plane holds the samples of a component. Sample x, y is Pix[y*Stride+x].
type Plane struct {
	Pix    []byte
	Stride int // samples from one row to the next
}

// Picture is the input of Encode. It has one plane, which is grey, or planes of luma, blue and red as JFIF defines
// them. The colours have a sample for each SampleX by SampleY pixels: their planes are Width/SampleX by Height/SampleY
// samples, rounded up.
type Picture struct {
	Width   int // pixels, 1 to MaxSide
	Height  int
	SampleX int // 1 or 2 pixels; ignored in a grey picture
	SampleY int
	Planes  []Plane
}

// Options holds the options of Encode.
type Options struct {
	Quality     int     // 1 to 100; ignored if there are Tables
	Tables      *Tables // nil for the tables of the quality
	Progressive bool
	Script      []Scan // scans of a progressive file, or nil for the default ones
	EXIF        []byte // contents of the EXIF segment after its identifier, at most MaxEXIF bytes, or nil
	XMP         []byte // XMP packet of at most MaxXMP bytes, or nil
	Profile     []byte // ICC profile of at most MaxProfile bytes, or nil
}

// Encode returns a JPEG of the picture. The error wraps ErrPicture or ErrOptions, or is that of ctx.
func Encode(ctx context.Context, p Picture, o Options) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	e, err := newEncoder(p, o)
	if err != nil {
		return nil, err
	}
	for row := range e.mcusY {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e.transform(row)
		for _, s := range e.scans {
			s.tokenise(e)
		}
	}
	return e.write(ctx, o)
}

// check returns an error that wraps ErrPicture unless the planes hold all samples of the picture.
func (p Picture) check() error {
	if p.Width < 1 || p.Height < 1 || p.Width > MaxSide || p.Height > MaxSide {
		return fmt.Errorf("%w: %d x %d pixels, want 1 to %d", ErrPicture, p.Width, p.Height, MaxSide)
	}
	if n := len(p.Planes); n != 1 && n != 3 {
		return fmt.Errorf("%w: %d planes, want 1 or 3", ErrPicture, n)
	}
	if len(p.Planes) == 3 && (p.SampleX < 1 || p.SampleX > 2 || p.SampleY < 1 || p.SampleY > 2) {
		return fmt.Errorf("%w: a colour sample for %d x %d pixels, want 1 or 2 each", ErrPicture, p.SampleX, p.SampleY)
	}
	for i, plane := range p.Planes {
		w, h := p.samples(i)
		if plane.Stride < w || len(plane.Pix) < (h-1)*plane.Stride+w {
			return fmt.Errorf("%w: plane %d of %d x %d has %d samples with a stride of %d", ErrPicture, i, w, h, len(plane.Pix), plane.Stride)
		}
	}
	return nil
}

// samples returns the width and height of a plane.
func (p Picture) samples(plane int) (width, height int) {
	if plane == 0 {
		return p.Width, p.Height
	}
	return (p.Width + p.SampleX - 1) / p.SampleX, (p.Height + p.SampleY - 1) / p.SampleY
}

// Memory returns the most bytes that Encode allocates for a picture of this size, with the file. samples is the number
// of samples in a pixel: 1 for grey, 1.5 for 4:2:0, 2 for 4:2:2 and 3 for 4:4:4. segments is the size of profile, EXIF
// and XMP.
//
// Noise takes most: a token of 4 bytes and 1.5 bytes of the file for each sample, since samples of 8 bits have
// coefficients of at most 9 bits. A row of MCUs takes its coefficients, masks and samples. Each scan takes its tables,
// and one part of its list of tokens that is not full.
func Memory(width, height int, samples float64, progressive bool, segments int) int64 {
	const tables, row = 16 << 10, 2 + float64(levels)/8 + 1
	w, h := (int64(width)+15)&^15, (int64(height)+15)&^15
	scans := 1
	if progressive {
		scans = len(defaultScript)
	}
	return int64((float64(w*h)*(4+1.5)+float64(w*16)*row)*samples) + int64(segments+scans*(tables+4*partTokens)) + headerBytes
}
