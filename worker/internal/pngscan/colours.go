package pngscan

import "encoding/binary"

// Colours holds the chunks of a file that describe its colours, independently of each other. The caller decides which
// of them takes precedence (4.3).
type Colours struct {
	Primaries, Transfer int        // cICP: code points of ITU-T H.273, or both 0
	ICC                 []byte     // payload of iCCP: a name, a zero, the compression method, and the profile
	SRGB                bool       // sRGB
	Gamma               uint32     // gAMA: 100000 times the exponent that light was encoded with, or 0
	Chromaticities      *[8]uint32 // cHRM: 100000 times x and y of white, red, green and blue, or nil
}

// colours reads the chunks for Colours. The first chunk of each type counts.
type colours struct{ found Colours }

// chunk reads a chunk whose checksum is right. plte says that a palette precedes it.
func (c *colours) chunk(kind string, p []byte, plte bool) {
	f := &c.found
	switch {
	case kind == "cICP" && !plte && len(p) == 4 && f.Primaries == 0 && f.Transfer == 0:
		// Browsers ignore cICP with the narrow range. The matrix of RGB is 0 (11.3.2.6).
		if p[2] == 0 && p[3] == 1 {
			f.Primaries, f.Transfer = int(p[0]), int(p[1])
		}
	case kind == "iCCP" && f.ICC == nil:
		f.ICC = p
	case kind == "sRGB" && len(p) == 1 && p[0] <= 3:
		f.SRGB = true
	case kind == "gAMA" && len(p) == 4 && f.Gamma == 0:
		f.Gamma = binary.BigEndian.Uint32(p)
	case kind == "cHRM" && len(p) == 32 && f.Chromaticities == nil:
		f.Chromaticities = new([8]uint32)
		for i := range f.Chromaticities {
			f.Chromaticities[i] = binary.BigEndian.Uint32(p[4*i:])
		}
	}
}
