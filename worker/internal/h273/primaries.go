// Package h273 holds the primaries and matrix coefficients of the code points of ITU-T H.273. HEIC, AVIF and PNG use
// these code points to describe the colours of a picture. Section, table and equation numbers are those of H.273.
package h273

// Point is a chromaticity: x and y of CIE 1931.
type Point struct{ X, Y float64 }

// XYZ returns the colour with this chromaticity and a luminance of 1.
func (p Point) XYZ() [3]float64 { return [3]float64{p.X / p.Y, 1, (1 - p.X - p.Y) / p.Y} }

// Primaries holds the chromaticities of red, green, blue and white.
type Primaries struct{ Red, Green, Blue, White Point }

// Code points of primaries (table 2).
const (
	BT709       = 1
	Unspecified = 2
	BT470M      = 4
	BT470BG     = 5
	BT601       = 6
	SMPTE240M   = 7
	Film        = 8
	BT2020      = 9
	XYZ         = 10
	DCIP3       = 11
	DisplayP3   = 12
	EBU3213     = 22
)

var (
	d65 = Point{0.3127, 0.3290}
	c   = Point{0.310, 0.316}

	smpteC = Primaries{Point{0.630, 0.340}, Point{0.310, 0.595}, Point{0.155, 0.070}, d65}

	byCode = map[int]Primaries{
		BT709:     {Point{0.640, 0.330}, Point{0.300, 0.600}, Point{0.150, 0.060}, d65},
		BT470M:    {Point{0.67, 0.33}, Point{0.21, 0.71}, Point{0.14, 0.08}, c},
		BT470BG:   {Point{0.64, 0.33}, Point{0.29, 0.60}, Point{0.15, 0.06}, d65},
		BT601:     smpteC,
		SMPTE240M: smpteC,
		Film:      {Point{0.681, 0.319}, Point{0.243, 0.692}, Point{0.145, 0.049}, c},
		BT2020:    {Point{0.708, 0.292}, Point{0.170, 0.797}, Point{0.131, 0.046}, d65},
		DCIP3:     {Point{0.680, 0.320}, Point{0.265, 0.690}, Point{0.150, 0.060}, Point{0.314, 0.351}},
		DisplayP3: {Point{0.680, 0.320}, Point{0.265, 0.690}, Point{0.150, 0.060}, d65},
		EBU3213:   {Point{0.630, 0.340}, Point{0.295, 0.605}, Point{0.155, 0.077}, d65},
	}
)

// PrimariesOf returns the primaries of a code point. It returns false if the code point is reserved or unspecified, and
// for CIE XYZ, whose primaries have no luminance.
func PrimariesOf(code int) (Primaries, bool) {
	p, ok := byCode[code]
	return p, ok
}

// Colorants returns X, Y and Z of red, green and blue at full strength, relative to a white of luminance 1.
func (p Primaries) Colorants() [3][3]float64 {
	r, g, b, w := p.Red.XYZ(), p.Green.XYZ(), p.Blue.XYZ(), p.White.XYZ()
	// Cramer's rule gives how much of each primary adds up to white. The conversions to float64 keep compilers from
	// fusing products and sums.
	det := func(a, b, c [3]float64) float64 {
		return float64(a[0]*(float64(b[1]*c[2])-float64(b[2]*c[1]))) +
			float64(a[1]*(float64(b[2]*c[0])-float64(b[0]*c[2]))) +
			float64(a[2]*(float64(b[0]*c[1])-float64(b[1]*c[0])))
	}
	all := det(r, g, b)
	scaled := func(v [3]float64, by float64) [3]float64 { return [3]float64{v[0] * by, v[1] * by, v[2] * by} }
	return [3][3]float64{scaled(r, det(w, g, b)/all), scaled(g, det(r, w, b)/all), scaled(b, det(r, g, w)/all)}
}
