package icc

import "math"

// white is the D50 illuminant of the profile connection space (7.2.16).
var white = [3]float64{0.9642, 1, 0.8249}

// toSRGB converts XYZ under D50 to linear sRGB. It is the inverse of the colorant tags of an sRGB profile: the sRGB
// primaries with their D65 white (IEC 61966-2-1) after the linear Bradford adaptation to D50 (annex E.3).
var toSRGB = [3][3]float64{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

// linearRGB returns linear sRGB, in which 0..1 is in gamut.
func linearRGB(xyz [3]float64) (rgb [3]float64) {
	for i, row := range toSRGB {
		rgb[i] = float64(row[0]*xyz[0]) + float64(row[1]*xyz[1]) + float64(row[2]*xyz[2])
	}
	return rgb
}

// encode is the transfer function of sRGB (IEC 61966-2-1), mirrored at 0 for colours out of gamut.
func encode(v float64) float64 {
	if v < 0 {
		return -encode(-v)
	}
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return float64(1.055*math.Pow(v, 1/2.4)) - 0.055
}

// labXYZ returns the XYZ of a Lab colour, both under D50 (ISO 13655, CIE 15).
func labXYZ(l, a, b float64) [3]float64 {
	y := (l + 16) / 116
	return [3]float64{white[0] * cube(y+a/500), white[1] * cube(y), white[2] * cube(y-b/200)}
}

func cube(t float64) float64 {
	if t > 6.0/29 {
		return float64(t*t) * t
	}
	return float64(t-4.0/29) * (3 * 6.0 / 29 * 6.0 / 29)
}

// encoding is how a lookup table encodes colours of the profile connection space as 0..1.
type encoding int

const (
	xyz16    encoding = iota // 0x8000 is 1.0 (6.3.4.2, table 11)
	lab                      // L* 0..100, a* and b* -128..127 (6.3.4.2, tables 12 and 13)
	labOlder                 // lut16Type in every version: 0xff00 for L* 100, 0x8000 for a* 0 (10.10, table 42)
)

func (e encoding) xyz(v [3]float64) [3]float64 {
	switch e {
	case lab:
		return labXYZ(float64(v[0]*100), float64(v[1]*255)-128, float64(v[2]*255)-128)
	case labOlder:
		return labXYZ(float64(v[0]*65535/65280*100), float64(v[1]*65535/256)-128, float64(v[2]*65535/256)-128)
	}
	return [3]float64{v[0] * 65535 / 32768, v[1] * 65535 / 32768, v[2] * 65535 / 32768}
}
