package icc

import (
	"encoding/binary"
	"math"
	"slices"
	"sync"

	"darkroom/worker/internal/h273"
)

// Code points of transfer characteristics (ITU-T H.273, table 3).
const (
	transferGamma22   = 4 // BT.470 System M
	transferGamma28   = 5 // BT.470 System B, G
	transferSMPTE240M = 7
	transferLinear    = 8
	transferLog100    = 9
	transferLog316    = 10
	transferPQ        = 16
	transferSMPTE428  = 17 // DCI
	transferHLG       = 18
)

// wide lists the primaries that are neither those of sRGB nor close to them.
var wide = []int{h273.BT470M, h273.Film, h273.BT2020, h273.DCIP3, h273.DisplayP3, h273.EBU3213}

// transfers lists the transfer functions that displays show differently from that of sRGB.
var transfers = map[int]func() curve{
	transferGamma22: func() curve { return curve{fn: power, p: [7]float64{2.2}} },
	transferGamma28: func() curve { return curve{fn: power, p: [7]float64{2.8}} },
	transferSMPTE240M: func() curve {
		return curve{fn: linear, p: [7]float64{1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1.0 / 4, 0.0912}}
	},
	transferLinear:   func() curve { return curve{} },
	transferLog100:   sync.OnceValue(func() curve { return tableOf(func(v float64) float64 { return logLight(v, 2) }) }),
	transferLog316:   sync.OnceValue(func() curve { return tableOf(func(v float64) float64 { return logLight(v, 2.5) }) }),
	transferPQ:       sync.OnceValue(func() curve { return tableOf(func(v float64) float64 { return compressHighlights(pqNits(v)) }) }),
	transferSMPTE428: sync.OnceValue(func() curve { return tableOf(func(v float64) float64 { return math.Pow(v, 2.6) * 52.37 / 48 }) }),
	transferHLG:      sync.OnceValue(func() curve { return tableOf(func(v float64) float64 { return compressHighlights(hlgNits(v)) }) }),
}

// Coded returns the profile of a picture whose colours are given by code points of H.273, as in HEIC and AVIF. It
// returns nil if they are sRGB or close to it: the primaries are those of BT.709 or BT.601 or unspecified, and the
// transfer function is that of BT.709 or one like it (6, 11, 12, 14, 15), that of sRGB, or unspecified. Displays show
// all of these alike.
//
// PQ and HLG can be brighter than sRGB. Their diffuse white (203 cd/m2 by ITU-R BT.2408) stays close to white: values
// up to three quarters of it stay unchanged, and all highlights are compressed into the rest.
func Coded(primaries, transfer int) *Profile {
	trc, other := transfers[transfer]
	coefficients := coefficientsOfSRGB
	p, known := h273.PrimariesOf(primaries)
	switch {
	case primaries == h273.XYZ:
		for c := range 3 {
			var xyz [3]float64
			xyz[c] = 1
			coefficients[c] = linearRGB(adaptToD50(xyz, [3]float64{1, 1, 1}))
		}
	case known && slices.Contains(wide, primaries):
		coefficients = coefficientsOf(p)
	case !other:
		return nil
	}
	each := curve{fn: linear, p: [7]float64{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}} // IEC 61966-2-1
	if other {
		each = trc()
	}
	return newMatrix(coefficients, [3]curve{each, each, each})
}

// coefficientsOf returns how much linear sRGB each primary contributes.
func coefficientsOf(p h273.Primaries) (coefficients [3][3]float64) {
	for c, colorant := range p.Colorants() {
		coefficients[c] = linearRGB(adaptToD50(colorant, p.White.XYZ()))
	}
	return coefficients
}

// logLight is the inverse of a logarithmic transfer function that covers the given number of decades.
func logLight(v, decades float64) float64 {
	if v <= 0 {
		return 0
	}
	return math.Pow(10, float64(decades*(v-1)))
}

// adaptToD50 returns the colour under D50, the white of profiles, that looks the same as xyz under another white
// (Bradford; ICC.1, annex E.2).
func adaptToD50(xyz, white [3]float64) [3]float64 {
	cone := [3][3]float64{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}
	back := [3][3]float64{{0.9869929, -0.1470543, 0.1599627}, {0.4323053, 0.5183603, 0.0492912}, {-0.0085287, 0.0400428, 0.9684867}}
	response, from, to := apply(cone, xyz), apply(cone, white), apply(cone, [3]float64{0.9642, 1, 0.8249})
	for i := range response {
		response[i] *= to[i] / from[i]
	}
	return apply(back, response)
}

func apply(m [3][3]float64, v [3]float64) (w [3]float64) {
	for i, row := range m {
		w[i] = float64(row[0]*v[0]) + float64(row[1]*v[1]) + float64(row[2]*v[2])
	}
	return w
}

// tableOf returns a curve with 1024 samples of f.
func tableOf(f func(float64) float64) curve {
	const n = 1024
	var table []byte
	for i := range n {
		table = binary.BigEndian.AppendUint16(table, uint16(math.Round(min(max(f(float64(i)/(n-1)), 0), 1)*65535)))
	}
	return curve{table: table, width: 2}
}

// diffuseWhite is the diffuse white of BT.2408, in cd/m2.
const diffuseWhite = 203

// pqNits returns the EOTF of PQ (SMPTE ST 2084, ITU-R BT.2100 table 4), in cd/m2.
func pqNits(v float64) float64 {
	const m1, m2 = 2610.0 / 16384, 2523.0 / 4096 * 128
	const c1, c2, c3 = 3424.0 / 4096, 2413.0 / 4096 * 32, 2392.0 / 4096 * 32
	p := math.Pow(v, 1/m2)
	return 10000 * math.Pow(max(p-c1, 0)/(c2-float64(c3*p)), 1/m1)
}

// hlgNits returns the inverse OETF of HLG followed by its OOTF for a display of 1000 cd/m2 (ITU-R BT.2100, table 5).
// The OOTF depends on luminance. Here it is applied to each channel separately, which makes strong colours a little
// stronger.
func hlgNits(v float64) float64 {
	const a, b, c = 0.17883277, 0.28466892, 0.55991073
	scene := v * v / 3
	if v > 0.5 {
		scene = (math.Pow(math.E, (v-c)/a) + b) / 12
	}
	return 1000 * math.Pow(scene, 1.2)
}

// compressHighlights maps light to 0..1. It compresses highlights, so light far brighter than diffuse white fits.
func compressHighlights(nits float64) float64 {
	const knee = 0.75
	x := nits / diffuseWhite
	if x <= knee {
		return x
	}
	return 1 - float64((1-knee)*math.Pow(math.E, -(x-knee)/(1-knee)))
}
