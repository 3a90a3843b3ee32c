package icc

import (
	"encoding/binary"
	"math"
	"sync"
)

// Code points of ITU-T H.273, tables 2 and 3.
const (
	primariesBT2020 = 9
	primariesP3     = 12
	transferLinear  = 8
	transferPQ      = 16
	transferHLG     = 18
)

// coded are the profiles of primaries and transfer functions that are not those of sRGB.
var (
	colorants = map[int][3][3]float64{ // as profiles have them: adapted to D50, to 16 bits after the point
		primariesBT2020: {{0.673459, 0.279037, -0.001931}, {0.165661, 0.675341, 0.029984}, {0.125101, 0.045614, 0.796860}},
		primariesP3:     {{0.515121, 0.241196, -0.001053}, {0.291977, 0.692245, 0.041885}, {0.157104, 0.066574, 0.784073}},
	}
	transfers = map[int]func() curve{
		transferLinear: sync.OnceValue(func() curve { return curve{} }),
		transferPQ:     sync.OnceValue(func() curve { return tableOf(func(v float64) float64 { return toned(pqNits(v)) }) }),
		transferHLG:    sync.OnceValue(func() curve { return tableOf(func(v float64) float64 { return toned(hlgNits(v)) }) }),
	}
)

// Coded returns the profile of a picture that names its colours by the code points of H.273, as HEIC and AVIF do, or nil
// if they are sRGB or close to it: primaries of BT.709, of BT.601, or not named; the transfer functions of BT.709 and
// of sRGB, which displays show alike, or one not named. Display P3 and BT.2020 are converted.
//
// PQ and HLG can be brighter than sRGB. Their diffuse white (203 cd/m2 by ITU-R BT.2408) stays close to white: values up to
// three quarters of it are kept unchanged, and all highlights share the rest.
func Coded(primaries, transfer int) *Profile {
	xyz, wide := colorants[primaries]
	trc, other := transfers[transfer]
	if !wide && !other {
		return nil
	}
	coefficients := coefficientsOfSRGB
	if wide {
		for c, colorant := range xyz {
			coefficients[c] = linearRGB(colorant)
		}
	}
	each := curve{fn: linear, p: [7]float64{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}} // IEC 61966-2-1
	if other {
		each = trc()
	}
	return newMatrix(coefficients, [3]curve{each, each, each})
}

// tableOf is a curve of 1024 samples.
func tableOf(f func(float64) float64) curve {
	const n = 1024
	var table []byte
	for i := range n {
		table = binary.BigEndian.AppendUint16(table, uint16(math.Round(min(max(f(float64(i)/(n-1)), 0), 1)*65535)))
	}
	return curve{table: table, width: 2}
}

// diffuseWhite is that of BT.2408, in cd/m2.
const diffuseWhite = 203

// pqNits is the EOTF of PQ (SMPTE ST 2084, ITU-R BT.2100 table 4), in cd/m2.
func pqNits(v float64) float64 {
	const m1, m2 = 2610.0 / 16384, 2523.0 / 4096 * 128
	const c1, c2, c3 = 3424.0 / 4096, 2413.0 / 4096 * 32, 2392.0 / 4096 * 32
	p := math.Pow(v, 1/m2)
	return 10000 * math.Pow(max(p-c1, 0)/(c2-float64(c3*p)), 1/m1)
}

// hlgNits is the inverse OETF of HLG and its OOTF for a display of 1000 cd/m2 (ITU-R BT.2100, table 5). The OOTF goes by
// luminance; taken for each channel by itself it makes strong colours a little stronger.
func hlgNits(v float64) float64 {
	const a, b, c = 0.17883277, 0.28466892, 0.55991073
	scene := v * v / 3
	if v > 0.5 {
		scene = (math.Pow(math.E, (v-c)/a) + b) / 12
	}
	return 1000 * math.Pow(scene, 1.2)
}

// toned brings light to 0..1, where diffuse white is 1 before.
func toned(nits float64) float64 {
	const knee = 0.75
	x := nits / diffuseWhite
	if x <= knee {
		return x
	}
	return 1 - float64((1-knee)*math.Pow(math.E, -(x-knee)/(1-knee)))
}
