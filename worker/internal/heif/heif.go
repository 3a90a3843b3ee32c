// Package heif reads HEIC and AVIF pictures, such as those of phones, and writes AVIF.
//
// Package hevc decodes HEVC, in Go. AV1 goes to a C codec that is compiled to WebAssembly: libaom within libavif. It
// runs in a sandbox, where none of its faults can harm the worker: a trap becomes an error. The codec never sees an
// uploaded file. This package reads and checks the file's boxes itself, and makes a new file for each coded picture.
//
// [Header.Picture] copies the tiles of an opaque HEVC picture into planes of 8 bits, one tile after another. It takes
// the memory of one tile and of the result. Other pictures become RGB with alpha, which is also what [Header.Decode]
// returns for every picture. Their colours are interpolated from the four samples around a pixel, across the tiles of
// HEVC but not across those of AV1. An alpha plane of another size is stretched over its picture.
//
// [ReadHeader] allocates no more memory than the boxes take in the file. Before a codec is called, all sizes in the
// file must agree: those of the properties, of the grid, and of the sequence parameters of the bit streams. Each coded
// picture must hold a single frame. [Header.Memory] returns the memory that a decode takes. The time it takes depends
// on the number of pixels and on the bytes of coded data, which are at most twice the file plus 64 KiB. Data count each
// time they are used.
//
// Unless it is built with the tag nodynamic, the codec library loads the system's libavif where it finds it: C code
// outside the sandbox. [Check] then returns an error. A program calls Check before anything else and refuses to start
// on an error. Decode and EncodeAVIF refuse as well.
//
// The package reads single pictures, grids, overlays and identity derivations, in 8 bits or more, with or without
// alpha. If a picture has layers, as a progressive AVIF does, it reads the layer that the file selects, or else the
// best one. It does not read codecs other than HEVC and AV1.
//
// For an animation, the picture is the primary one. [ReadSequence] reads the boxes of an image sequence in AV1, and
// [Sequence.Frames] decodes it. Frames that depend on each other are decoded together, so their pixels are limited.
// [Sequence.Memory] returns the memory that they take.
package heif

import (
	"errors"
	"fmt"

	"darkroom/worker/internal/h273"
)

// Errors of a file. They may come wrapped.
var (
	// ErrTruncated says that the file ends before a box or before the data of a picture.
	ErrTruncated = errors.New("heif: truncated")
	// ErrCorrupt says that the file breaks the specifications, or that its parts contradict each other.
	ErrCorrupt = errors.New("heif: corrupt")
	// ErrUnsupported says that this package does not read files of this kind.
	ErrUnsupported = errors.New("heif: unsupported")
	// ErrTooLarge says that the picture has more than MaxPixels, or a side of more than 65536.
	ErrTooLarge = errors.New("heif: too many pixels")
)

// SizeError is an [ErrTooLarge] that says how large the picture is, in pixels.
type SizeError struct{ Width, Height int }

func (e *SizeError) Error() string { return fmt.Sprintf("%v: %d x %d", ErrTooLarge, e.Width, e.Height) }

func (e *SizeError) Unwrap() error { return ErrTooLarge }

// Limits of a picture.
const (
	MaxPixels = 1 << 28 // pixels, before cropping
	maxSide   = 1 << 16 // pixels
)

// Codec is how the pixels of a picture are coded.
type Codec int

// The supported codecs. Pictures in HEVC are called HEIC, those in AV1 AVIF.
const (
	HEVC Codec = iota + 1
	AV1
)

// String returns HEVC or AV1.
func (c Codec) String() string {
	if c == HEVC {
		return "HEVC"
	}
	return "AV1"
}

// Brand returns the codec that the brands at the start of a file name (ISO/IEC 14496-12, 4.3), or 0 if it is not a HEIF
// file. If the brands name none, as with mif1 alone, Brand returns HEVC.
func Brand(data []byte) Codec {
	if len(data) < 16 || string(data[4:8]) != "ftyp" {
		return 0
	}
	size := int(min(uint64(reader32(data)), uint64(len(data)), 4096))
	major, found := string(data[8:12]), Codec(0)
	if c := brands[major]; c != 0 && major != "mif1" && major != "msf1" {
		return c
	}
	for at := 16; at+4 <= size; at += 4 {
		brand := string(data[at : at+4])
		switch c := brands[brand]; {
		case c == 0:
		case brand != "mif1" && brand != "msf1":
			return c
		default:
			found = c
		}
	}
	return max(found, brands[major])
}

var brands = map[string]Codec{
	"heic": HEVC, "heix": HEVC, "heim": HEVC, "heis": HEVC, "hevc": HEVC, "hevx": HEVC, "hevm": HEVC, "hevs": HEVC,
	"mif1": HEVC, "msf1": HEVC,
	"avif": AV1, "avis": AV1,
}

// Colour describes the colours of a picture without an ICC profile (ITU-T H.273).
type Colour struct {
	Primaries int // 1 BT.709 and sRGB, 9 BT.2020, 12 Display P3, 2 unspecified; see package h273
	Transfer  int // 13 sRGB, 16 PQ, 18 HLG, 2 unspecified
}

const unspecified = h273.Unspecified

// DisplayP3 reports whether the primaries are those of Display P3.
func (c Colour) DisplayP3() bool { return c.Primaries == h273.DisplayP3 }

// Header is what a file says about its picture. It shares memory with the file.
type Header struct {
	Codec         Codec
	Width, Height int    // pixels, upright and cropped, as Decode returns them
	StoredWidth   int    // pixels, as they are coded
	StoredHeight  int    // pixels, like StoredWidth
	Orientation   int    // EXIF orientation of the stored picture, 1 to 8; Decode applies it, Picture does not
	Depth         int    // bits of a sample
	Alpha         bool   // has an alpha plane
	Animated      bool   // has an image sequence as well as the picture
	Tiles         int    // tiles of the grid; 1 if there is no grid
	ICC           []byte // profile of RGB colours, or nil
	Colour        Colour
	EXIF          []byte // metadata of the picture, from the TIFF header on, or nil
	XMP           []byte // XMP packet of the picture, or nil
	Credentials   []byte // store of content credentials, or nil
	CodedPixels   int64  // pixels of all coded pictures, including alpha planes and covered pictures

	layer
}
