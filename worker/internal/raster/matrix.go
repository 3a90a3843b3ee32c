package raster

// Matrix holds the weights of red and blue in luma, in ten-thousandths; green has the rest (ITU-T H.273, 8.3). The zero
// value is BT.601, the matrix of JPEG.
type Matrix struct{ Red, Blue int }

const matrixUnit = 10000

// IsJPEG reports whether the matrix is BT.601, the matrix of JPEG.
func (m Matrix) IsJPEG() bool { return m == Matrix{} || m == Matrix{2990, 1140} }

// Coefficients returns what one unit of each colour difference adds to red, green and blue, multiplied by unit and
// rounded: red (Cr) to red, blue (Cb) and red to green, and blue to blue. The two for green are negative.
func (m Matrix) Coefficients(unit int64) (redRed, greenBlue, greenRed, blueBlue int64) {
	if m.IsJPEG() {
		m = Matrix{2990, 1140}
	}
	red, blue := int64(m.Red), int64(m.Blue)
	green := matrixUnit - red - blue
	redRed = divideRounded(2*(matrixUnit-red)*unit, matrixUnit)
	blueBlue = divideRounded(2*(matrixUnit-blue)*unit, matrixUnit)
	greenRed = -divideRounded(2*(matrixUnit-red)*red*unit/matrixUnit, green)
	greenBlue = -divideRounded(2*(matrixUnit-blue)*blue*unit/matrixUnit, green)
	return redRed, greenBlue, greenRed, blueBlue
}

// divideRounded returns n/d rounded half up. Both are positive.
func divideRounded(n, d int64) int64 { return (n + d/2) / d }

// rowConverter returns a function that converts a row to pixels. Each group of pitch pixels shares one sample of blue
// and one of red.
func (m Matrix) rowConverter() func(dst, light, blue, red []byte, pitch int) {
	if m.IsJPEG() {
		return colourRow
	}
	const bits = 16
	rr, gb, gr, bb := m.Coefficients(1 << bits)
	return func(dst, light, blue, red []byte, pitch int) {
		for x, v := range light {
			l, u, w := int(v)<<bits+1<<(bits-1), int(blue[x/pitch])-128, int(red[x/pitch])-128
			d := dst[4*x : 4*x+4 : 4*x+4]
			d[0] = clampByte((l + int(rr)*w) >> bits)
			d[1] = clampByte((l + int(gb)*u + int(gr)*w) >> bits)
			d[2] = clampByte((l + int(bb)*u) >> bits)
			d[3] = 0xff
		}
	}
}
