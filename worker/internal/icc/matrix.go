package icc

import (
	"math"
)

// A matrix holds linear red, green and blue in one word, as three fields that are added at once. A field has three more
// bits than the index into the table of sRGB values, and room for the sum of three channels that each add maxLinear. A
// bias of 16 keeps it positive.
const (
	outputBits = 13             // 8192 steps of linear light
	linearBits = outputBits + 3 // after the point of a field
	fieldBits  = linearBits + 5
	maxLinear  = 5
	bias       = 16 << linearBits
)

// output holds the sRGB value of every linear value. The steepest step, near black, is 0.4 of an 8-bit value.
var output = func() (table [1 << outputBits]byte) {
	for i := range table {
		table[i] = byte(math.Round(255 * encode((float64(i)+0.5)/(1<<outputBits))))
	}
	return table
}()

// sRGB returns the 8-bit value of a linear one, clipped.
func sRGB(linear int) byte {
	return output[min(max(linear, 0), 1<<linearBits-1)>>(linearBits-outputBits)]
}

// additions holds what the value v of channel c adds to linear red, green and blue, at [c][v][rgb]: curve and matrix in
// one.
type additions [3][256][3]int

// matrix converts by the three-component matrix-based model (F.3). It is additions with red, green and blue packed in a
// word.
type matrix [3][256]uint64

func parseMatrix(r tags, h header) (*Profile, error) {
	if h.lab { // 8.3.3
		return nil, damaged("matrix with Lab as the profile connection space")
	}
	var coefficients [3][3]float64 // a row for each channel of the profile: contributions to red, green and blue of sRGB
	var curves [3]curve
	for c, sig := range [3][2]string{{"rXYZ", "rTRC"}, {"gXYZ", "gTRC"}, {"bXYZ", "bTRC"}} {
		colorant, err := readXYZ(r, sig[0])
		if err != nil {
			return nil, err
		}
		coefficients[c] = linearRGB(colorant)
		b, err := r.tag(sig[1])
		if err != nil {
			return nil, err
		}
		if curves[c], _, err = readCurve(b); err != nil {
			return nil, err
		}
	}
	if distance(coefficients, coefficientsOfSRGB) < samePrimaries {
		coefficients = coefficientsOfSRGB
	}
	return newMatrix(coefficients, curves), nil
}

// newMatrix returns a profile for the contribution of each channel to linear sRGB and for the curves of the channels.
func newMatrix(coefficients [3][3]float64, curves [3]curve) *Profile {
	var adds additions
	for c := range adds {
		for v := range adds[c] {
			light := curves[c].value(float64(v) / 255)
			for i, coefficient := range coefficients[c] {
				adds[c][v][i] = int(math.Round(min(max(coefficient*light, -maxLinear), maxLinear) * (1 << linearBits)))
			}
		}
	}
	return &Profile{space: RGB, matrix: adds.pack(), srgb: adds.changesNothing(), curves: curves, coefficients: coefficients}
}

// coefficientsOfSRGB holds the coefficients of a profile with the colorants of sRGB.
var coefficientsOfSRGB = [3][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}

// samePrimaries is the largest difference from coefficientsOfSRGB that still counts as sRGB. Existing sRGB profiles
// differ by up to 0.0007, because each rounds and adapts D65 in its own way. Near black, a difference of 0.0003 is
// already one 8-bit value. Other colour spaces are at least 0.01 away.
const samePrimaries = 0.001

func distance(a, b [3][3]float64) (d float64) {
	for c := range a {
		for i := range a[c] {
			d = max(d, math.Abs(a[c][i]-b[c][i]))
		}
	}
	return d
}

// readXYZ reads the first colour of an XYZType (10.31).
func readXYZ(r tags, sig string) (xyz [3]float64, err error) {
	b, err := r.tag(sig)
	if err != nil {
		return xyz, err
	}
	if string(b[:4]) != "XYZ " || len(b) < 20 {
		return xyz, damaged("tag %q is not an XYZ colour", sig)
	}
	for i := range xyz {
		xyz[i] = fixed(b[8+4*i:])
	}
	return xyz, nil
}

// pack packs red, green and blue into fields, with a bias in the first channel. A negative field borrows from the next
// one; the sum of the three channels repays it.
func (a *additions) pack() *matrix {
	m := new(matrix)
	for c := range a {
		for v, rgb := range a[c] {
			for i, add := range rgb {
				if c == 0 {
					add += bias
				}
				m[c][v] += uint64(int64(add) << (fieldBits * i))
			}
		}
	}
	return m
}

func (m *matrix) convert(pix []byte) {
	const mask = 1<<fieldBits - 1
	for ; len(pix) >= 4; pix = pix[4:] {
		sum := m[0][pix[0]] + m[1][pix[1]] + m[2][pix[2]]
		pix[0] = sRGB(int(sum&mask) - bias)
		pix[1] = sRGB(int(sum>>fieldBits&mask) - bias)
		pix[2] = sRGB(int(sum>>(2*fieldBits)&mask) - bias)
	}
}

// changesNothing reports whether no channel of any pixel changes by more than 1. It checks each value with the least
// and with the most that the other two channels can add.
func (a *additions) changesNothing() bool {
	for c := range 3 {
		least, most := 0, 0
		for other := range 3 {
			if other == c {
				continue
			}
			lo, hi := a[other][0][c], a[other][0][c]
			for _, add := range a[other] {
				lo, hi = min(lo, add[c]), max(hi, add[c])
			}
			least, most = least+lo, most+hi
		}
		for v, own := range a[c] {
			if int(sRGB(own[c]+least)) < v-1 || int(sRGB(own[c]+most)) > v+1 {
				return false
			}
		}
	}
	return true
}

// parseGray reads a monochrome profile (F.2). Its curve gives Y, or L* if the profile connection space is Lab.
func parseGray(r tags, h header) (*Profile, error) {
	if !r.hasTag("kTRC") && (r.hasTag("A2B0") || r.hasTag("A2B1")) {
		t, err := readTable(r, h, Gray, 1)
		if err != nil {
			return nil, err
		}
		return newGray(tableOf(func(v float64) float64 {
			return lightness(t.xyz([4]float64{float64(t.in[0].value(v) * float64(t.size[0]-1))})[1]) / 100
		}), true), nil
	}
	b, err := r.tag("kTRC")
	if err != nil {
		return nil, err
	}
	trc, _, err := readCurve(b)
	if err != nil {
		return nil, err
	}
	return newGray(trc, h.lab), nil
}

// newGray returns a grey profile for a curve that gives Y, or L* if lab is true.
func newGray(trc curve, lab bool) *Profile {
	p := &Profile{space: Gray, srgb: true, grey: new([256]byte), curves: [3]curve{trc}, lab: lab}
	for v := range p.grey {
		p.grey[v] = p.greyByte(float64(v) / 255)
		if d := int(p.grey[v]) - v; d < -1 || d > 1 {
			p.srgb = false
		}
	}
	return p
}

// greyByte returns the sRGB value of a grey sample from 0 to 1.
func (p *Profile) greyByte(v float64) byte {
	y := p.curves[0].value(v)
	if p.lab {
		y = labXYZ(float64(100*y), 0, 0)[1]
	}
	return byte(math.Round(255 * encode(clampUnit(y))))
}
