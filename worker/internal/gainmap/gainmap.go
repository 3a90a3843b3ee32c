// Package gainmap reads and writes the gain map of a photo: a small second picture that says how much brighter each
// pixel is on a display with more headroom than the photo was made for. A JPEG with a gain map is called Ultra HDR.
// Viewers without support for gain maps show the first picture.
//
// [Find] finds the gain map of a JPEG by its MPF index or by its directory in XMP, and reads the [Metadata] in the
// second picture, as ISO 21496-1 or as XMP. [Join] combines a first picture and a gain map in a JPEG, in the form that
// libultrahdr writes. [Window.Resize] makes the gain map of a variant.
//
// From the second picture it reads nothing else except the colour profile, if the metadata refer to it.
//
// These documents describe the format:
//
//   - ISO 21496-1, annex C.2 has the binary metadata.
//   - Adobe's Gain Map specification 1.0 has the XMP: https://helpx.adobe.com/camera-raw/using/gain-map.html
//   - Ultra HDR Image Format 1.1 has the directory: https://developer.android.com/media/platform/hdr-image-format
//   - CIPA DC-007 (Multi-Picture Format) has the index.
package gainmap

import (
	"errors"
	"fmt"
	"slices"
)

// Errors of [Find], [ParseISO] and [ParseXMP]. They come wrapped.
var (
	// ErrNone says that there is no gain map.
	ErrNone = errors.New("gainmap: no gain map")
	// ErrDamaged says that a gain map cannot be read, or that its metadata are invalid.
	ErrDamaged = errors.New("gainmap: damaged")
	// ErrUnsupported says that this package does not read metadata of this version or kind.
	ErrUnsupported = errors.New("gainmap: unsupported")
)

// Metadata says how to apply a gain map. All values except gamma and the offsets are logarithms to base 2.
type Metadata struct {
	Channels          []Channel // one for all colours, or three for red, green and blue
	BaseHeadroom      Ratio     // display headroom at which the gain map begins to apply
	AlternateHeadroom Ratio     // display headroom at which it applies in full
	// BaseColours says that the gains are for the colours of the first picture. Otherwise they are for the colours of
	// the profile in the second picture.
	BaseColours bool
}

// Channel holds the metadata of one colour, or of all.
type Channel struct {
	Min, Max        Ratio // gains for the samples 0 and 255
	Gamma           Ratio // exponent of the curve of the samples
	BaseOffset      Ratio // added to the first picture before the multiplication
	AlternateOffset Ratio // subtracted from the product
}

// maxLog is the largest accepted magnitude of a logarithm: a factor of 65536, far above any display.
const maxLog = 16

// validate returns an error that wraps ErrDamaged unless the metadata are valid.
func (m Metadata) validate() error {
	if n := len(m.Channels); n != 1 && n != 3 {
		return fmt.Errorf("%w: %d channels, want 1 or 3", ErrDamaged, n)
	}
	low, high := m.BaseHeadroom.Float(), m.AlternateHeadroom.Float()
	if !m.BaseHeadroom.valid() || !m.AlternateHeadroom.valid() || low < 0 || high <= low || high > maxLog {
		return fmt.Errorf("%w: headroom from %v to %v", ErrDamaged, m.BaseHeadroom, m.AlternateHeadroom)
	}
	for _, c := range m.Channels {
		valid := !slices.ContainsFunc([]Ratio{c.Min, c.Max, c.Gamma, c.BaseOffset, c.AlternateOffset}, func(r Ratio) bool { return !r.valid() })
		if !valid || c.Min.Float() > c.Max.Float() || c.Min.Float() < -maxLog || c.Max.Float() > maxLog || c.Gamma.Num <= 0 {
			return fmt.Errorf("%w: gain from %v to %v with gamma %v", ErrDamaged, c.Min, c.Max, c.Gamma)
		}
	}
	return nil
}

// simplify returns the metadata with one channel if all are equal.
func (m Metadata) simplify() Metadata {
	if len(m.Channels) == 3 && m.Channels[0] == m.Channels[1] && m.Channels[0] == m.Channels[2] {
		m.Channels = m.Channels[:1]
	}
	return m
}
