// Package hevc decodes intra-coded pictures of H.265: the still pictures in HEIC files.
//
// It supports the tools that an intra picture can use in the Main, Main Still Picture and Main 10 profiles and in the
// format range extensions up to 12 bits: 4:0:0, 4:2:0, 4:2:2 and 4:4:4. Anything else is [ErrUnsupported]: pictures
// that depend on others, extended precision, the screen content extensions, separate colour planes, and more than one
// layer.
//
// A [Decoder] takes the NAL units of one picture and returns its planes. It is plain Go with bounds checks. Each vector
// kernel has a portable twin, and tests check that both return the same samples.
//
// Input may be hostile. A malformed picture is [ErrCorrupt], after time linear in its bytes and samples. Decoding takes
// no more memory than [SPS.DecodeMemory] returns for the size in the sequence parameter set. The caller decides whether
// that size is acceptable before it calls [Decoder.Decode].
//
// Section, table and equation numbers in comments are those of ITU-T H.265 version 10 (07/2024).
package hevc

import (
	"errors"
	"fmt"
)

// Errors of a picture. Functions return them wrapped.
var (
	// ErrCorrupt reports data that breaks H.265 or ends too early.
	ErrCorrupt = errors.New("hevc: corrupt")
	// ErrUnsupported reports a picture that uses something that this package does not decode.
	ErrUnsupported = errors.New("hevc: unsupported")
)

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}

// Chroma formats (chroma_format_idc, table 6-1).
const (
	Grey      = 0 // 4:0:0
	Chroma420 = 1
	Chroma422 = 2
	Chroma444 = 3
)

// Picture is a decoded picture, cropped to its conformance window. It has one plane if it is grey, otherwise three: Y,
// Cb and Cr, or G, B and R if the matrix coefficients are 0.
type Picture struct {
	Width, Height int // luma samples
	Chroma        int // Grey, Chroma420, Chroma422 or Chroma444
	Planes        []Plane
}

// Plane is one component of a Picture. The planes of a Picture belong to its Decoder, which overwrites them with the
// next picture.
type Plane struct {
	Pix           []uint16 // the sample at x, y is Pix[y*Stride+x]
	Stride        int      // samples from one row to the next
	Width, Height int      // samples
	Depth         int      // bits of a sample, 8 to 12
}
