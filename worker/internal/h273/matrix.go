package h273

// Code points of matrix coefficients (table 4).
const (
	Identity    = 0  // green, blue and red
	MatrixBT709 = 1  //
	MatrixFCC   = 4  //
	MatrixBT601 = 6  //
	Matrix240M  = 7  //
	YCgCo       = 8  //
	BT2020NCL   = 9  // non-constant luminance
	BT2020CL    = 10 // constant luminance
	SMPTE2085   = 11 // Y'D'zD'x
	DerivedNCL  = 12 // derived from the primaries, non-constant luminance
	DerivedCL   = 13 // derived from the primaries, constant luminance
	ICtCp       = 14 //
)

// LumaWeights returns how much red and blue count in luma (8.3, KR and KB); green has the rest. Constant luminance gets
// the weights of its sibling without, as libheif does it. Code points that are reserved, unspecified or no weights get
// those of BT.601, as MIAF wants it where nothing is said (ISO/IEC 23000-22, 7.3.6.4).
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
