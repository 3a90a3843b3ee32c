package format

import (
	"bytes"
	"compress/zlib"
	"io"

	"darkroom/worker/internal/h273"
	"darkroom/worker/internal/icc"
	"darkroom/worker/internal/pngscan"
)

// pngColours returns how to convert the colours of a PNG, see [Header.Conversion]. As in the PNG specification, third
// edition, 4.3, the first of these that the file has decides: the code points of cICP, the profile of iCCP, sRGB, the
// numbers of gAMA and cHRM.
func pngColours(h Header) (convert *icc.Profile, carry []byte) {
	c := h.png.Colours
	space := "RGB "
	if h.Grey() {
		space = "GRAY"
	}
	if namesColours(c) {
		return h.matchPixels(icc.Coded(c.Primaries, c.Transfer)), nil
	}
	if text := h.Profile.read(space); text != nil {
		return profileConversion(text, true)
	}
	if c.SRGB {
		return nil, nil
	}
	return h.matchPixels(gammaProfile(c)), nil
}

// matchPixels returns the profile for pixels that may be grey. It is nil if the profile is sRGB.
func (h Header) matchPixels(p *icc.Profile) *icc.Profile {
	if p != nil && h.Grey() {
		p = p.Grey()
	}
	if p == nil || p.SRGB() {
		return nil
	}
	return p
}

// namesColours reports whether code points say what the colours are. Reserved ones, and those for "unspecified", do
// not.
func namesColours(c pngscan.Colours) bool {
	const firstTransfer, lastTransfer = 4, 18 // H.273, table 3: BT.709, and those after the reserved ones
	_, known := h273.PrimariesOf(c.Primaries)
	return (known || c.Primaries == h273.XYZ) && (c.Transfer == 1 || c.Transfer >= firstTransfer && c.Transfer <= lastTransfer)
}

// gammaProfile returns the profile that gAMA and cHRM describe, or nil for sRGB. It does what Chromium does: cHRM alone
// is ignored, and gAMA alone applies to the primaries of sRGB, and means sRGB if it is within 5 % of 1/2.2. If cHRM is
// invalid, gAMA is ignored too.
func gammaProfile(c pngscan.Colours) *icc.Profile {
	const unit, leastOfSRGB, mostOfSRGB = 100000, 43182, 47727
	if c.Gamma == 0 || c.Chromaticities == nil && c.Gamma >= leastOfSRGB && c.Gamma <= mostOfSRGB {
		return nil
	}
	p, _ := h273.PrimariesOf(h273.BT709)
	if c.Chromaticities != nil {
		point := func(i int) h273.Point {
			return h273.Point{X: float64(c.Chromaticities[i]) / unit, Y: float64(c.Chromaticities[i+1]) / unit}
		}
		p = h273.Primaries{White: point(0), Red: point(2), Green: point(4), Blue: point(6)}
	}
	return icc.Gamma(float64(c.Gamma)/unit, p)
}

// narrow returns how to convert pixels with 16 bits a sample to sRGB with 8 bits, or nil if there is nothing to
// convert. The decoder converts them, so no shades are lost on the way.
func (h Header) narrow() func(dst, src []byte) {
	if h.Depth < 16 {
		return nil
	}
	convert, _ := h.colours()
	if convert == nil {
		return nil
	}
	return convert.Deep().Convert
}

// unpackPNGProfile unpacks an iCCP chunk: a name, a zero, the compression method (0), and the profile.
func unpackPNGProfile(chunk []byte) []byte {
	_, packed, ok := bytes.Cut(chunk, []byte{0})
	if !ok || len(packed) < 1 || packed[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	whole, err := io.ReadAll(io.LimitReader(z, icc.MaxBytes+1))
	if err != nil {
		return nil
	}
	return whole
}
