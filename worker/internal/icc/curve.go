package icc

import (
	"encoding/binary"
	"math"
)

// Here and elsewhere, products are converted to float64 before they are added. The conversion keeps the compiler from
// fusing the two operations, which it does on some architectures only. Without it, tables would differ between
// machines.

// curve is a function from 0..1 to 0..1: a table or a parametric function. The zero curve is the identity.
type curve struct {
	table []byte // big-endian samples of width bytes, at least two, shared with the profile
	width int
	fn    function
	p     [7]float64 // g a b c d e f (10.18, table 68)
}

// function is a kind of parametric curve.
type function int

const (
	identity function = iota
	power             // x^g
	clipped           // (ax+b)^g, 0 below -b/a
	offset            // (ax+b)^g + c, c below -b/a
	linear            // (ax+b)^g, cx below d
	general           // (ax+b)^g + e, cx+f below d
)

// parameters is the number of parameters of a parametricCurveType, for its function types 0 to 4.
var parameters = [...]int{1, 3, 4, 5, 7}

// readCurve reads a curveType (10.6) or a parametricCurveType (10.18) and returns how many bytes it takes.
func readCurve(b []byte) (curve, int, error) {
	if len(b) < 12 {
		return curve{}, 0, damaged("curve of %d bytes", len(b))
	}
	switch kind := string(b[:4]); kind {
	case "curv":
		return sampledCurve(b)
	case "para":
		return parametricCurve(b)
	default:
		return curve{}, 0, damaged("curve of type %q", kind)
	}
}

func sampledCurve(b []byte) (curve, int, error) {
	n := int64(binary.BigEndian.Uint32(b[8:]))
	if n > int64(len(b)-12)/2 {
		return curve{}, 0, damaged("curve of %d samples in %d bytes", n, len(b))
	}
	end := 12 + 2*int(n)
	switch n {
	case 0:
		return curve{}, end, nil
	case 1: // u8Fixed8Number
		return curve{fn: power, p: [7]float64{float64(binary.BigEndian.Uint16(b[12:])) / 256}}, end, nil
	}
	return curve{table: b[12:end], width: 2}, end, nil
}

func parametricCurve(b []byte) (curve, int, error) {
	kind := int(binary.BigEndian.Uint16(b[8:]))
	if kind >= len(parameters) {
		return curve{}, 0, damaged("parametric curve of type %d", kind)
	}
	n := parameters[kind]
	if len(b) < 12+4*n {
		return curve{}, 0, damaged("parametric curve of %d bytes", len(b))
	}
	c := curve{fn: power + function(kind)}
	for i := range n {
		c.p[i] = fixed(b[12+4*i:])
	}
	return c, 12 + 4*n, nil
}

// fixed reads an s15Fixed16Number (4.6).
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

// value returns the value of the curve at x. Argument and result are clipped to 0..1.
func (c curve) value(x float64) float64 {
	x = clampUnit(x)
	if c.table != nil {
		return c.interpolate(x)
	}
	return clampUnit(c.eval(x))
}

func (c curve) eval(x float64) float64 {
	g, a, b := c.p[0], c.p[1], c.p[2]
	raised := func() float64 { return math.Pow(max(float64(a*x)+b, 0), g) }
	switch c.fn {
	case power:
		return math.Pow(x, g)
	case clipped:
		if float64(a*x) >= -b {
			return raised()
		}
		return 0
	case offset:
		if float64(a*x) >= -b {
			return raised() + c.p[3]
		}
		return c.p[3]
	case linear:
		if x >= c.p[4] {
			return raised()
		}
		return c.p[3] * x
	case general:
		if x >= c.p[4] {
			return raised() + c.p[5]
		}
		return float64(c.p[3]*x) + c.p[6]
	}
	return x
}

// interpolate returns the value at x between the two nearest samples.
func (c curve) interpolate(x float64) float64 {
	last := len(c.table)/c.width - 1
	pos := float64(x * float64(last))
	i := min(int(pos), last-1)
	f := pos - float64(i)
	return float64(sample(c.table, i, c.width)*(1-f)) + float64(sample(c.table, i+1, c.width)*f)
}

// sample returns sample i of a table as 0..1.
func sample(table []byte, i, width int) float64 {
	if width == 1 {
		return float64(table[i]) / 255
	}
	return float64(binary.BigEndian.Uint16(table[2*i:])) / 65535
}

// clampUnit clips x to 0..1. NaN becomes 0.
func clampUnit(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	return min(x, 1)
}
