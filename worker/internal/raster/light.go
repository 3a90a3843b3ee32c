package raster

import (
	"encoding/binary"
	"math"

	"darkroom/worker/internal/icc"
)

// Light says what a filter adds up.
type Light int

const (
	// Gamma adds up samples as they are stored. Their curve gives dark tones more than their share of the values, so
	// fine detail comes out too dark.
	Gamma Light = iota
	// Linear adds up amounts of light, as a lens does, by the curve of sRGB (IEC 61966-2-1). In planes it does so for
	// luma alone. Enlarging adds up samples as they are stored in any case: it averages no detail away, and in amounts
	// of light the filter would ring further on the dark side of an edge.
	Linear
)

// lightUnit is the amount of light of white. A step of the darkest samples is 4.9 units, so rounding twice on the way
// through the filter moves none of them by more than a quarter of a step.
const lightUnit = deepUnit

// Filter holds the parameters of the filter that resamples pictures.
type Filter struct {
	Kernels *Kernels // its weights, which other Filters may share
	Light   Light
	coded   *curve // curve of the picture; nil means that of sRGB
}

// WithProfile returns f for a picture that p will convert to sRGB. A nil p means that the picture is sRGB. The curve is
// the one that p has for greys.
func (f Filter) WithProfile(p *icc.Profile) Filter {
	f.coded = nil
	if p != nil && (p.Space() == icc.RGB || p.Space() == icc.Gray) {
		f.coded = curveOf(greys(p))
	}
	return f
}

// curve returns the curve to amounts of light, or nil if samples are added up as they are stored.
func (f Filter) curve() *curve {
	switch {
	case f.Light != Linear:
		return nil
	case f.coded != nil:
		return f.coded
	}
	return sRGB
}

// curveOf returns the curve of samples that stand for these greys in sRGB, or nil if none of them is more than two
// levels away.
func curveOf(greys [256]byte) *curve {
	var lights [257]float64
	far := 0
	for v, grey := range greys {
		far = max(far, int(grey)-v, v-int(grey))
		lights[v] = max(lights[max(v-1, 0)], lightOfSRGB(float64(grey)/255)) // a profile may hold anything
	}
	if far <= 2 {
		return nil
	}
	lights[256] = lights[255]
	return newCurve(func(v float64) float64 {
		at := int(v * 255)
		return lights[at] + float64((lights[at+1]-lights[at])*(float64(v*255)-float64(at)))
	})
}

// curve is a transfer function, in both directions, between samples and deep samples that are amounts of light.
type curve struct {
	light [256]int16 // amount of light of a sample
	// Sample that is nearest to an amount of light, indexed by its 16 bits; any beyond the range is clipped.
	sample [1 << 16]uint8
}

// sRGB is the curve of sRGB.
var sRGB = newCurve(lightOfSRGB)

// lightOfSRGB returns the amount of light of a sample, both from 0 to 1.
func lightOfSRGB(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// newCurve returns the curve of a function from samples to amounts of light, both from 0 to 1, which must be monotone.
// Products in a sum are converted to float64 here and above, so no processor fuses the two, see lanczos.
func newCurve(light func(v float64) float64) *curve {
	c := new(curve)
	for v := range c.light {
		c.light[v] = int16(math.Floor(float64(light(float64(v)/255)*lightUnit) + 0.5))
	}
	from := 0
	for v := range 256 {
		upTo := lightUnit + 1
		if v < 255 {
			upTo = int(math.Ceil(light((float64(v)+0.5)/255) * lightUnit))
		}
		for ; from < upTo; from++ {
			c.sample[from] = uint8(v)
		}
	}
	for i := from; i < 1<<15; i++ {
		c.sample[i] = 255
	}
	return c
}

// toLight writes the amounts of light of samples.
func (c *curve) toLight(dst []int16, src []uint8) {
	src = src[:len(dst)]
	for len(dst) >= 8 {
		to, v := (*[8]int16)(dst), binary.LittleEndian.Uint64(src)
		to[0], to[1], to[2], to[3] = c.light[uint8(v)], c.light[uint8(v>>8)], c.light[uint8(v>>16)], c.light[uint8(v>>24)]
		to[4], to[5], to[6], to[7] = c.light[uint8(v>>32)], c.light[uint8(v>>40)], c.light[uint8(v>>48)], c.light[uint8(v>>56)]
		dst, src = dst[8:], src[8:]
	}
	for i, v := range src {
		dst[i] = c.light[v]
	}
}

// toSamples writes the samples nearest to amounts of light.
func (c *curve) toSamples(dst []uint8, src []int16) {
	src = src[:len(dst)]
	for len(dst) >= 8 {
		to, v := (*[8]uint8)(dst), (*[8]int16)(src)
		to[0], to[1], to[2], to[3] = c.sample[uint16(v[0])], c.sample[uint16(v[1])], c.sample[uint16(v[2])], c.sample[uint16(v[3])]
		to[4], to[5], to[6], to[7] = c.sample[uint16(v[4])], c.sample[uint16(v[5])], c.sample[uint16(v[6])], c.sample[uint16(v[7])]
		dst, src = dst[8:], src[8:]
	}
	for i, v := range src {
		dst[i] = c.sample[uint16(v)]
	}
}
