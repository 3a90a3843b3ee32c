package format

import (
	"encoding/binary"

	"darkroom/worker/internal/icc"
	"darkroom/worker/internal/jpegscan"
)

const (
	iccMarker = "ICC_PROFILE\x00" // begins an APP2 segment with a part of a profile (ICC.1, annex B.4)
	// Largest profile that variants keep, in bytes: what one APP2 segment holds besides its own header.
	maxProfile = 65533 - 14
)

// Profile is an embedded ICC profile as a file holds it: in parts, or compressed.
type Profile struct {
	size   int64 // bytes, or an upper bound if it is compressed
	unpack func() []byte
}

// Size returns the bytes of the profile, or an upper bound if it is compressed. It is 0 if there is no profile.
func (p Profile) Size() int64 { return p.size }

// Memory returns how many bytes it may take to unpack the profile, with the tables made from it. See icc.Profile.
func (p Profile) Memory() int64 {
	if p.size == 0 {
		return 0
	}
	return 5*min(p.size, icc.MaxBytes) + 1<<20
}

// read returns the profile if it is for a colour space, given by its signature in a profile's header. It returns nil if
// there is no profile, if it is larger than icc.MaxBytes, if its header is damaged, or if it is for other colours.
// Bytes beyond the size in the header are padding.
func (p Profile) read(space string) []byte {
	if p.size == 0 || p.unpack == nil {
		return nil
	}
	text := p.unpack()
	if len(text) < 128 { // the header of a profile: ICC.1, 7.2
		return nil
	}
	size := int64(binary.BigEndian.Uint32(text))
	if size < 128 || size > icc.MaxBytes || size > int64(len(text)) || string(text[36:40]) != "acsp" {
		return nil
	}
	text = text[:size]
	if profileSpace(text) != space {
		return nil
	}
	return text
}

func profileSpace(text []byte) string { return string(text[16:20]) }

// isGreyProfile reports whether a profile is for grey pixels. A file without such pixels cannot carry it.
func isGreyProfile(text []byte) bool { return len(text) >= 20 && profileSpace(text) == "GRAY" }

// Conversion returns the profile by which to convert the decoded picture to sRGB, or nil if it is sRGB already. If its
// profile cannot be converted, carry is that profile, which the variants must then carry. A profile that is too large
// to carry is left out. A HEIC, AVIF or PNG without a profile may describe its colours by numbers.
func (h Header) Conversion() (convert *icc.Profile, carry []byte) {
	convert, carry = h.conversion()
	// Some pictures are converted while they are decoded.
	if h.jpeg != nil && h.jpeg.Colour == jpegscan.RGB || h.png != nil && h.Depth == 16 {
		convert = nil
	}
	return convert, carry
}

// conversion returns how to convert the colours of the file to sRGB, like Conversion.
func (h Header) conversion() (convert *icc.Profile, carry []byte) {
	if h.colours != nil {
		return h.colours()
	}
	space := "RGB "
	if h.Grey() {
		space = "GRAY"
	}
	text, carried := h.Profile.read(space), true
	if text == nil && h.heif != nil && h.Grey() { // a grey HEIC or AVIF may have a profile for RGB
		text, carried = h.Profile.read("RGB "), false
	}
	if text == nil {
		return icc.Coded(h.Primaries, h.Transfer), nil // nil for formats without code points
	}
	return profileConversion(text, carried)
}

// profileConversion returns the conversion by a profile, or the profile itself if it cannot be converted and is small
// enough to be carried.
func profileConversion(text []byte, carried bool) (convert *icc.Profile, carry []byte) {
	convert, err := icc.Parse(text)
	switch {
	case err != nil && len(text) <= maxProfile && carried:
		return nil, text
	case err != nil || convert.SRGB():
		return nil, nil
	}
	return convert, nil
}

// profileParts holds the parts of a profile in a JPEG by their numbers, which begin at 1. Parts may come in any order.
// Of two with the same number the later one counts. Their declared count is ignored, since the size in the profile's
// header shows whether one is missing.
type profileParts struct {
	parts *[256][]byte
	size  int64 // bytes
}

// add reads the payload of an APP2 segment.
func (p *profileParts) add(payload []byte) {
	p.size += int64(len(payload) - 14)
	if p.parts == nil {
		p.parts = new([256][]byte)
	}
	p.parts[payload[12]] = payload[14:]
}

func (p *profileParts) profile() Profile {
	if p.parts == nil {
		return Profile{size: p.size}
	}
	return Profile{size: p.size, unpack: func() []byte {
		var whole []byte
		for _, part := range p.parts[1:] {
			whole = append(whole, part[:min(len(part), icc.MaxBytes-len(whole))]...)
		}
		return whole
	}}
}
