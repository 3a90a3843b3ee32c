package h273

// Code points of matrix coefficients (table 4).
const (
	Identity    = 0 // green, blue and red
	MatrixBT709 = 1
	MatrixFCC   = 4
	MatrixBT601 = 6
	Matrix240M  = 7
	YCgCo       = 8
	BT2020NCL   = 9  // non-constant luminance
	BT2020CL    = 10 // constant luminance
	SMPTE2085   = 11 // Y'D'zD'x
	DerivedNCL  = 12 // derived from the primaries, non-constant luminance
	DerivedCL   = 13 // derived from the primaries, constant luminance
	ICtCp       = 14
)

// LumaWeights returns the weights of red and blue in luma, KR and KB (8.3), as fractions of 1; green has the rest. A
// matrix with constant luminance gets the weights of its non-constant counterpart, as in libheif. A code point that is
// reserved, unspecified or has no weights gets those of BT.601, the default of MIAF (ISO/IEC 23000-22, 7.3.6.4).
func LumaWeights(matrix, primaries int) (red, blue float64) {
	switch matrix {
	case MatrixBT709:
		return 0.2126, 0.0722
	case MatrixFCC:
		return 0.30, 0.11
	case Matrix240M:
		return 0.212, 0.087
	case BT2020NCL, BT2020CL:
		return 0.2627, 0.0593
	case DerivedNCL, DerivedCL: // equations 39 to 44
		if p, ok := PrimariesOf(primaries); ok {
			c := p.Colorants()
			return c[0][1], c[2][1]
		}
	}
	return 0.299, 0.114
}
