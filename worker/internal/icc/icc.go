// Package icc converts pixels from the colours of an ICC profile to sRGB. It is pure: profile and pixels in, pixels
// out.
//
// [Parse] reads a profile and builds tables from it with floating-point numbers. The Convert methods then look up every
// pixel with integers only, so a picture gives the same bytes on every machine. Colours outside the gamut of
// sRGB are clipped in each channel. [Profile.Deep] does the same for pixels of 16 bits a sample.
//
// The package reads these profiles, in all versions up to 4:
//
//   - RGB with a matrix and three curves (ICC.1:2022, F.3), such as Display P3, Adobe RGB and ProPhoto RGB
//   - grey with one curve (F.2)
//   - grey, RGB and CMYK with a lookup table (8.3.2, 8.5.2) of the types lut8Type, lut16Type and lutAToBType
//
// A profile may have several tables. The package uses the one for the perceptual intent (AToB0Tag), or else the one for
// the relative colorimetric intent (AToB1Tag), or else the matrix. The black point of inks is compensated for: the
// darkest colour of a press becomes black.
//
// Section numbers in this package are those of ICC.1:2022, the specification of profile version 4.4.
package icc

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxBytes is the most bytes that a profile may have.
const MaxBytes = 4 << 20

// Every error of [Parse] wraps one of these.
var (
	ErrProfile     = errors.New("damaged ICC profile")       // the profile breaks the specification
	ErrUnsupported = errors.New("ICC profile not supported") // this package does not convert profiles of this kind
)

// Space is the kind of colours that a profile is for.
type Space int

// The supported spaces, for [Profile.Convert], [Profile.ConvertGray] and [Profile.ConvertCMYK].
const (
	RGB Space = iota + 1
	Gray
	CMYK
)

// String returns the signature in the header of a profile (7.2.6), without its blanks.
func (s Space) String() string {
	switch s {
	case RGB:
		return "RGB"
	case Gray:
		return "GRAY"
	case CMYK:
		return "CMYK"
	}
	return fmt.Sprintf("Space(%d)", int(s))
}

// Profile converts pixels to sRGB. Any number of goroutines may use it. Its curves share memory with the bytes that it
// was parsed from, for [Profile.Deep]. A lookup table takes at most three times the size of the profile or 700 KiB,
// whichever is more. A profile without a lookup table takes 6 KiB.
type Profile struct {
	space  Space
	srgb   bool
	matrix *matrix    // RGB without a lookup table
	lut    *grid      // RGB and CMYK with a lookup table
	grey   *[256]byte // Gray

	curves       [3]curve      // RGB without a lookup table: curves of the channels; Gray: only the first
	lab          bool          // Gray: the curve gives L*, not Y
	coefficients [3][3]float64 // RGB without a lookup table: contribution of each channel to linear sRGB
}

// Space is the kind of colours that the profile is for.
func (p *Profile) Space() Space { return p.space }

// SRGB reports whether the conversion would change no 8-bit value by more than 1, so that it can be skipped. This is
// exact for a profile of curves. A profile with a lookup table never counts as sRGB.
func (p *Profile) SRGB() bool { return p.srgb }

// Convert converts the NRGBA pixels of pix in place. It leaves alpha, and any bytes after the last whole pixel,
// unchanged. It does nothing unless the profile is for RGB.
func (p *Profile) Convert(pix []byte) {
	switch {
	case p.matrix != nil:
		p.matrix.convert(pix)
	case p.space == RGB:
		p.lut.convert3(pix)
	}
}

// ConvertGray converts the grey samples of pix in place. The results are the values of all three channels in sRGB. It
// does nothing unless the profile is for grey.
func (p *Profile) ConvertGray(pix []byte) {
	if p.grey == nil {
		return
	}
	for i, v := range pix {
		pix[i] = p.grey[v]
	}
}

// ConvertCMYK writes the CMYK pixels of src, in which 0 is no ink, to dst as opaque NRGBA pixels. It stops at the end
// of the shorter slice. Both may be the same memory. It does nothing unless the profile is for CMYK.
func (p *Profile) ConvertCMYK(dst, src []byte) {
	if p.space == CMYK {
		p.lut.convert4(dst, src)
	}
}

// Parse reads a profile of at most [MaxBytes]. It ignores bytes after the size in the header. Apart from the memory of
// [Profile], it allocates almost nothing. A profile of curves takes well under a millisecond, one with a lookup table
// about 40 ms, and one with a table of megabytes up to a second.
func Parse(profile []byte) (*Profile, error) {
	r, h, err := open(profile)
	if err != nil {
		return nil, err
	}
	switch h.space {
	case Gray:
		return parseGray(r, h)
	case CMYK:
		return parseLUT(r, h, CMYK, 4)
	}
	if r.hasTag("A2B0") || r.hasTag("A2B1") {
		return parseLUT(r, h, RGB, 3)
	}
	return parseMatrix(r, h)
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrProfile, fmt.Sprintf(format, args...))
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}

// header holds the fields of the profile header that this package uses (7.2).
type header struct {
	version byte
	space   Space
	lab     bool // the profile connection space is Lab instead of XYZ
}

// Sizes of the profile header and of an entry in the tag table after it (7.2, 7.3).
const (
	headerSize = 128
	tagSize    = 12
)

// open checks the header and that the tag table lies in the profile.
func open(profile []byte) (tags, header, error) {
	var h header
	if len(profile) > MaxBytes {
		return nil, h, damaged("%d bytes: want at most %d", len(profile), MaxBytes)
	}
	if len(profile) < headerSize+4 {
		return nil, h, damaged("%d bytes: want at least %d", len(profile), headerSize+4)
	}
	size := int64(binary.BigEndian.Uint32(profile))
	if size < headerSize+4 || size > int64(len(profile)) {
		return nil, h, damaged("size %d in the header, %d bytes given", size, len(profile))
	}
	if sig := string(profile[36:40]); sig != "acsp" {
		return nil, h, damaged("file signature %q", sig)
	}
	if h.version = profile[8]; h.version > 4 {
		return nil, h, unsupported("version %d", h.version)
	}
	switch class := string(profile[12:16]); class { // 7.2.5
	case "scnr", "mntr", "prtr", "spac":
	default:
		return nil, h, unsupported("device class %q", class)
	}
	switch space := string(profile[16:20]); space {
	case "RGB ":
		h.space = RGB
	case "GRAY":
		h.space = Gray
	case "CMYK":
		h.space = CMYK
	default:
		return nil, h, unsupported("colour space %q", space)
	}
	switch pcs := string(profile[20:24]); pcs {
	case "XYZ ":
	case "Lab ":
		h.lab = true
	default:
		return nil, h, damaged("profile connection space %q", pcs)
	}
	r := tags(profile[:size])
	if n := binary.BigEndian.Uint32(r[headerSize:]); int64(n) > (size-headerSize-4)/tagSize {
		return nil, h, damaged("%d tags do not fit", n)
	}
	return r, h, nil
}

// tags is a profile that is known to contain its header and tag table.
type tags []byte

// entry returns the offset and the size of the first tag with a signature.
func (r tags) entry(sig string) (offset, size uint64, ok bool) {
	for i := range binary.BigEndian.Uint32(r[headerSize:]) {
		e := r[headerSize+4+tagSize*i:]
		if string(e[:4]) == sig {
			return uint64(binary.BigEndian.Uint32(e[4:])), uint64(binary.BigEndian.Uint32(e[8:])), true
		}
	}
	return 0, 0, false
}

func (r tags) hasTag(sig string) bool {
	_, _, ok := r.entry(sig)
	return ok
}

// tag returns the bytes of a tag: at least the eight of its type.
func (r tags) tag(sig string) ([]byte, error) {
	offset, size, ok := r.entry(sig)
	if !ok {
		return nil, damaged("no tag %q", sig)
	}
	if size < 8 || offset+size > uint64(len(r)) {
		return nil, damaged("tag %q: %d bytes at %d do not fit", sig, size, offset)
	}
	return r[offset : offset+size], nil
}
