package icc

import "math"

// The darkest colour of a printing press is far lighter than black on a display. Black point compensation maps the
// former to the latter, and scales all colours in between. It is a scaling of XYZ that leaves white unchanged (ISO
// 18619:2015; Adobe Systems' Implementation of Black Point Compensation, 2006). Colour management systems apply it by
// default; without it a photo looks washed out.

// perceptualBlack is the black point of the perceptual intent in profiles of version 4: that of the reference medium
// (ICC.1, 6.3.3).
var perceptualBlack = [3]float64{0.00336, 0.0034731, 0.00287}

// lightestBlack is the highest L* of a black point. A profile with a lighter one does not describe inks.
const lightestBlack = 50

// blackPoint returns the black point of a table for inks, as XYZ. If reference is true, it is that of the reference
// medium. Otherwise it is the colour of all inks together, without its tint.
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

// compensateBlack returns a colour after black point compensation. The black point itself becomes 0, and white stays.
func compensateBlack(xyz, black [3]float64) [3]float64 {
	if black == ([3]float64{}) {
		return xyz // unchanged, without rounding
	}
	for i := range xyz {
		xyz[i] = float64((xyz[i] - black[i]) * white[i] / (white[i] - black[i]))
	}
	return xyz
}

// lightness returns L* for Y, with white at 1 (ISO 13655).
func lightness(y float64) float64 {
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return float64(116*math.Cbrt(y)) - 16
}
