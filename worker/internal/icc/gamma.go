package icc

import (
	"math"

	"darkroom/worker/internal/h273"
)

// Gamma returns the profile of RGB pixels whose samples are light raised to exponent. PNG describes colours by such
// numbers (PNG specification, third edition, 11.3.2.1 and 11.3.2.2). Gamma returns nil if the numbers describe no
// colours.
func Gamma(exponent float64, p h273.Primaries) *Profile {
	if !(exponent > 0) {
		return nil
	}
	for _, xy := range []h273.Point{p.White, p.Red, p.Green, p.Blue} {
		if !(xy.Y > 0) {
			return nil
		}
	}
	coefficients := coefficientsOf(p)
	for _, c := range coefficients {
		for _, v := range c {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil
			}
		}
	}
	if distance(coefficients, coefficientsOfSRGB) < samePrimaries {
		coefficients = coefficientsOfSRGB
	}
	each := curve{fn: power, p: [7]float64{1 / exponent}}
	return newMatrix(coefficients, [3]curve{each, each, each})
}

// Grey returns the profile for grey pixels of the same picture. If p is an RGB profile without a lookup table, Grey
// uses the curve of its first channel. Otherwise it returns p itself.
func (p *Profile) Grey() *Profile {
	if p.matrix == nil {
		return p
	}
	return newGray(p.curves[0], false)
}
