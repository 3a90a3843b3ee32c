package icc

import (
	"math"
	"testing"
)

// mat is a 3x3 matrix, row by row. Everything in this file is derived from chromaticities and shares nothing with the
// package.
type mat [3][3]float64

func (m mat) apply(v [3]float64) (w [3]float64) {
	for i := range w {
		w[i] = m[i][0]*v[0] + m[i][1]*v[1] + m[i][2]*v[2]
	}
	return w
}

func (m mat) times(n mat) (p mat) {
	for i := range p {
		for j := range p[i] {
			p[i][j] = m[i][0]*n[0][j] + m[i][1]*n[1][j] + m[i][2]*n[2][j]
		}
	}
	return p
}

func (m mat) inverse() (n mat) {
	minor := func(i, j int) float64 {
		a, b, c, d := (i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3
		return m[a][c]*m[b][d] - m[a][d]*m[b][c]
	}
	det := m[0][0]*minor(0, 0) + m[0][1]*minor(0, 1) + m[0][2]*minor(0, 2)
	for i := range n {
		for j := range n[i] {
			n[i][j] = minor(j, i) / det
		}
	}
	return n
}

func xyY(x, y float64) [3]float64 { return [3]float64{x / y, 1, (1 - x - y) / y} }

// toXYZ returns the matrix of an RGB space from the chromaticities of its primaries and its white.
func toXYZ(r, g, b, w [2]float64) mat {
	var m mat
	for i, c := range [3][2]float64{r, g, b} {
		col := xyY(c[0], c[1])
		m[0][i], m[1][i], m[2][i] = col[0], col[1], col[2]
	}
	scale := m.inverse().apply(xyY(w[0], w[1]))
	for i := range m {
		for j := range m[i] {
			m[i][j] *= scale[j]
		}
	}
	return m
}

// bradford adapts XYZ from one white to another.
func bradford(from, to [3]float64) mat {
	cone := mat{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}
	f, t := cone.apply(from), cone.apply(to)
	return cone.inverse().times(mat{{t[0] / f[0]}, {0, t[1] / f[1]}, {0, 0, t[2] / f[2]}}).times(cone)
}

var (
	d65 = [2]float64{0.3127, 0.3290}
	d50 = [2]float64{0.3457, 0.3585}

	srgbXYZ = toXYZ([2]float64{0.64, 0.33}, [2]float64{0.30, 0.60}, [2]float64{0.15, 0.06}, d65)
)

// rgbSpace is an RGB space that tests make matrix profiles for.
type rgbSpace struct {
	name   string
	xyz    mat
	white  [2]float64
	linear func(float64) float64
	trc    []byte
}

func gammaCurve(g float64) func(float64) float64 {
	return func(v float64) float64 { return math.Pow(v, g) }
}

func srgbLinear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func srgbEncoded(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

var rgbSpaces = []rgbSpace{
	{"sRGB", srgbXYZ, d65, srgbLinear, srgbPara()},
	{"Display P3", toXYZ([2]float64{0.68, 0.32}, [2]float64{0.265, 0.69}, [2]float64{0.15, 0.06}, d65), d65, srgbLinear, srgbPara()},
	{"Display P3, sampled", toXYZ([2]float64{0.68, 0.32}, [2]float64{0.265, 0.69}, [2]float64{0.15, 0.06}, d65), d65, srgbLinear, sampled(1024, srgbLinear)},
	{"Adobe RGB", toXYZ([2]float64{0.64, 0.33}, [2]float64{0.21, 0.71}, [2]float64{0.15, 0.06}, d65), d65, gammaCurve(563.0 / 256), curv(563.0 / 256)},
	{"ProPhoto RGB", toXYZ([2]float64{0.7347, 0.2653}, [2]float64{0.1596, 0.8404}, [2]float64{0.0366, 0.0001}, d50), d50, gammaCurve(1.8), para(0, 1.8)},
}

func (s rgbSpace) profile(version byte) []byte {
	m := bradford(xyY(s.white[0], s.white[1]), [3]float64{0.9642, 1, 0.8249}).times(s.xyz)
	column := func(i int) []byte { return xyzType([3]float64{m[0][i], m[1][i], m[2][i]}) }
	return profileBytes(version, "mntr", "RGB ", "XYZ ",
		tagData{"rXYZ", column(0)}, tagData{"gXYZ", column(1)}, tagData{"bXYZ", column(2)},
		tagData{"rTRC", s.trc}, tagData{"gTRC", s.trc}, tagData{"bTRC", s.trc})
}

// reference converts 8-bit values to sRGB, 0..1 and clipped, without a profile connection space.
func (s rgbSpace) reference(pix [3]byte) [3]float64 {
	return s.exact([3]float64{float64(pix[0]) / 255, float64(pix[1]) / 255, float64(pix[2]) / 255})
}

// exact is reference for values from 0 to 1.
func (s rgbSpace) exact(c [3]float64) [3]float64 {
	for i, v := range c {
		c[i] = s.linear(v)
	}
	c = s.xyz.apply(c)
	if s.white != d65 {
		c = bradford(xyY(s.white[0], s.white[1]), xyY(d65[0], d65[1])).apply(c)
	}
	c = srgbXYZ.inverse().apply(c)
	for i := range c {
		c[i] = srgbEncoded(min(max(c[i], 0), 1))
	}
	return c
}

// srgbLab returns Lab under D65 of an sRGB colour.
func srgbLab(c [3]float64) [3]float64 {
	for i := range c {
		c[i] = srgbLinear(c[i])
	}
	xyz, w := srgbXYZ.apply(c), xyY(d65[0], d65[1])
	var f [3]float64
	for i := range f {
		if t := xyz[i] / w[i]; t > 216.0/24389 {
			f[i] = math.Cbrt(t)
		} else {
			f[i] = (t*24389/27 + 16) / 116
		}
	}
	return [3]float64{116*f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])}
}

// deltaE returns the CIEDE2000 difference as G. Sharma, W. Wu and E. Dalal describe it (2005).
func deltaE(p, q [3]float64) float64 {
	rad := math.Pi / 180
	mean := (math.Hypot(p[1], p[2]) + math.Hypot(q[1], q[2])) / 2
	c7 := func(c float64) float64 { return math.Sqrt(math.Pow(c, 7) / (math.Pow(c, 7) + math.Pow(25, 7))) }
	g := 0.5 * (1 - c7(mean))
	polar := func(v [3]float64) (c, h float64) {
		a := (1 + g) * v[1]
		if c = math.Hypot(a, v[2]); c > 0 {
			h = math.Mod(math.Atan2(v[2], a)/rad+360, 360)
		}
		return c, h
	}
	c1, h1 := polar(p)
	c2, h2 := polar(q)
	dh, h := h2-h1, h1+h2
	switch {
	case c1*c2 == 0:
		dh = 0
	case math.Abs(dh) <= 180:
		h /= 2
	case h < 360:
		dh, h = dh-math.Copysign(360, dh), (h+360)/2
	default:
		dh, h = dh-math.Copysign(360, dh), (h-360)/2
	}
	l, c := (p[0]+q[0])/2-50, (c1+c2)/2
	cos := func(deg float64) float64 { return math.Cos(deg * rad) }
	t := 1 - 0.17*cos(h-30) + 0.24*cos(2*h) + 0.32*cos(3*h+6) - 0.20*cos(4*h-63)
	dl := (q[0] - p[0]) / (1 + 0.015*l*l/math.Sqrt(20+l*l))
	dc := (c2 - c1) / (1 + 0.045*c)
	dH := 2 * math.Sqrt(c1*c2) * math.Sin(dh/2*rad) / (1 + 0.015*c*t)
	rt := -2 * c7(c) * math.Sin(60*rad*math.Exp(-math.Pow((h-275)/25, 2)))
	return math.Sqrt(dl*dl + dc*dc + dH*dH + rt*dc*dH)
}

// TestDeltaE compares deltaE with the pairs that its authors published.
func TestDeltaE(t *testing.T) {
	for _, p := range [][7]float64{
		{50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425},
		{50, 3.1571, -77.2803, 50, 0, -82.7485, 2.8615},
		{50, 2.8361, -74.0200, 50, 0, -82.7485, 3.4412},
		{50, -1.3802, -84.2814, 50, 0, -82.7485, 1.0000},
		{50, 0, 0, 50, -1, 2, 2.3669},
		{50, 2.4900, -0.0010, 50, -2.4900, 0.0009, 7.1792},
		{50, 2.4900, -0.0010, 50, -2.4900, 0.0011, 7.2195},
		{50, -0.0010, 2.4900, 50, 0.0009, -2.4900, 4.8045},
		{50, -0.0010, 2.4900, 50, 0.0011, -2.4900, 4.7461},
		{50, 2.5, 0, 50, 0, -2.5, 4.3065},
		{50, 2.5, 0, 73, 25, -18, 27.1492},
		{50, 2.5, 0, 61, -5, 29, 22.8977},
		{50, 2.5, 0, 56, -27, -3, 31.9030},
		{50, 2.5, 0, 58, 24, 15, 19.4535},
		{60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644},
		{63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630},
		{22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373},
		{90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381},
		{6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377},
		{2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082},
	} {
		got := deltaE([3]float64(p[:3]), [3]float64(p[3:6]))
		if math.Abs(got-p[6]) > 0.00006 {
			t.Errorf("%v: got %.4f", p, got)
		}
	}
}
