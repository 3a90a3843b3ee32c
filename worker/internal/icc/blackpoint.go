package icc

import "math"

// The darkest colour of a press is far lighter than black on a display. Black point compensation makes the one the other
// and spreads all colours in between: a scaling of XYZ that keeps white (ISO 18619:2015; Adobe Systems' Implementation of
// Black Point Compensation, 2006). Colour management systems do that by default, and a photo looks washed out without it.

// perceptualBlack is the black point of the perceptual intent in profiles of version 4: that of the reference medium
// (ICC.1, 6.3.3).
var perceptualBlack = [3]float64{0.00336, 0.0034731, 0.00287}

// lightestBlack is the most L* that a black point may have. The darkest colour of a profile that says more is no ink.
const lightestBlack = 50

// blackPoint returns the black point of a table for inks, as XYZ: that of the reference medium, or the colour of all inks
// together without its tint.
func (t *table) blackPoint(reference bool) [3]float64 {
	if reference {
		return perceptualBlack
	}
	var all [4]float64
	for i := range t.n {
		all[i] = float64(t.in[i].value(1) * float64(t.size[i]-1))
	}
	l := lightness(t.xyz(all)[1])
	if !(l > 0 && l <= lightestBlack) {
		return [3]float64{}
	}
	return labXYZ(l, 0, 0)
}

// compensated returns a colour after compensation for a black point, which itself becomes 0. White does not change.
func compensated(xyz, black [3]float64) [3]float64 {
	if black == ([3]float64{}) {
		return xyz // exactly
	}
	for i := range xyz {
		xyz[i] = float64((xyz[i] - black[i]) * white[i] / (white[i] - black[i]))
	}
	return xyz
}

// lightness returns L* for Y, where white is 1 (ISO 13655).
func lightness(y float64) float64 {
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return float64(116*math.Cbrt(y)) - 16
}
