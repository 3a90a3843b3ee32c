package format

import (
	"bytes"
	"compress/zlib"
	"io"

	"darkroom/worker/internal/h273"
	"darkroom/worker/internal/icc"
	"darkroom/worker/internal/pngscan"
)

// pngColours returns how to convert the colours of a PNG, see [Header.Conversion]. The first of these that a file has
// decides, as in the PNG specification, third edition, 4.3: the code points of cICP, the profile of iCCP, sRGB, the
// numbers of gAMA and cHRM.
func pngColours(h Header) (convert *icc.Profile, carry []byte) {
	c := h.png.Colours
	space := "RGB "
	if h.Grey() {
		space = "GRAY"
	}
	if namesColours(c) {
		return h.greyed(icc.Coded(c.Primaries, c.Transfer)), nil
	}
	if text := h.Profile.read(space); text != nil {
		return conversionBy(text, true)
	}
	if c.SRGB {
		return nil, nil
	}
	return h.greyed(gammaOf(c)), nil
}

// greyed returns the profile for the pixels of the picture, which may be grey. It is nil if that is sRGB.
func (h Header) greyed(p *icc.Profile) *icc.Profile {
	if p != nil && h.Grey() {
		p = p.Grey()
	}
	if p == nil || p.SRGB() {
		return nil
	}
	return p
}

// namesColours reports whether code points say what the colours are. One that is reserved, or that says that nothing is
// known, does not.
func namesColours(c pngscan.Colours) bool {
	const firstTransfer, lastTransfer = 4, 18 // H.273, table 3: those after the reserved ones, beside BT.709
	_, known := h273.PrimariesOf(c.Primaries)
	return (known || c.Primaries == h273.XYZ) && (c.Transfer == 1 || c.Transfer >= firstTransfer && c.Transfer <= lastTransfer)
}

// gammaOf returns the profile that gAMA and cHRM describe, or nil for sRGB. It is what Chromium shows: cHRM alone means
// nothing, gAMA alone is for the primaries of sRGB, and alone it means sRGB if it is within 5 % of 1/2.2. If cHRM makes
// no sense, neither does gAMA.
func gammaOf(c pngscan.Colours) *icc.Profile {
	const unit, leastOfSRGB, mostOfSRGB = 100000, 43182, 47727
	if c.Gamma == 0 || c.Chromaticities == nil && c.Gamma >= leastOfSRGB && c.Gamma <= mostOfSRGB {
		return nil
	}
	p, _ := h273.PrimariesOf(h273.BT709)
	if c.Chromaticities != nil {
		at := func(i int) h273.Point {
			return h273.Point{X: float64(c.Chromaticities[i]) / unit, Y: float64(c.Chromaticities[i+1]) / unit}
		}
		p = h273.Primaries{White: at(0), Red: at(2), Green: at(4), Blue: at(6)}
	}
	return icc.Gamma(float64(c.Gamma)/unit, p)
}

// narrow returns how to convert pixels with 16 bits a sample to sRGB of 8 bits, or nil if there is nothing to convert.
// The decoder does it, so that no shades are lost between.
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
