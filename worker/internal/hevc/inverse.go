package hevc

//go:generate go run darkroom/worker/internal/neon inverse_small_arm64.neon inverse_large_arm64.neon

// Kinds of inverse transforms (8.6.4.2).
const (
	dct = iota
	dst // for 4x4 blocks of luma
)

// columnShift is how many bits the first stage, which transforms the columns, drops. The second stage drops 20 minus
// the depth of the samples.
const columnShift = 7

// inverse calculates the residual samples of a block of scaled coefficients and stores them in res, in rows of 1<<log2
// (8.6.4.2). The coefficient at x, y is coeffs[y<<log2|x]. All coefficients that are not 0 have x < columns and y <
// rows, both at least 1. inverse sets these coefficients to 0.
func inverse(res *[1024]int32, coeffs *[1024]int16, kind int, log2, columns, rows, depth int) {
	inverseColumns(res[:], coeffs, kind, log2, columns, rows)
	size := 1 << log2
	shift := 20 - depth
	var line [32]int32
	for y := range size {
		row := res[y<<log2:][:size]
		inverseLine(&line, row[:columns], kind, log2)
		for x := range row {
			row[x] = (line[x] + 1<<(shift-1)) >> shift
		}
	}
}

// constantResidual returns the residual sample of a block whose transform is the DCT and whose only coefficient is dc,
// at 0, 0. All samples of such a block are equal.
func constantResidual(dc int16, depth int) int {
	shift := 20 - depth
	first := (64*int(dc) + 1<<(columnShift-1)) >> columnShift
	return (64*first + 1<<(shift-1)) >> shift
}

// dctAngles holds the weights of the DCT. Entry a approximates 64 times the square root of 2 times the cosine of a/64
// of half a turn. Entry 0 is 64, the weight of the constant.
var dctAngles = [33]int32{
	64, 90, 90, 90, 89, 88, 87, 85, 83, 82, 80, 78, 75, 73, 70, 67, 64,
	61, 57, 54, 50, 46, 43, 38, 36, 31, 25, 22, 18, 13, 9, 4, 0,
}

// dctMatrix is the left half of transMatrix (8.6.4.2): the weight of coefficient k in sample j is dctMatrix[k][j]. In
// the right half, even rows are mirrored, and odd rows are mirrored and negated. A DCT of fewer samples uses the
// matrix's first columns and every second, fourth or eighth row.
var dctMatrix = makeDCTMatrix()

func makeDCTMatrix() (m [32][16]int32) {
	for k := range m {
		for j := range m[k] {
			angle := (2*j + 1) * k % 128
			if angle > 64 {
				angle = 128 - angle
			}
			if angle > 32 {
				m[k][j] = -dctAngles[64-angle]
			} else {
				m[k][j] = dctAngles[angle]
			}
		}
	}
	return m
}

// dstMatrix is transMatrix of the DST: the weight of coefficient k in sample j is dstMatrix[k][j].
var dstMatrix = [4][4]int32{{29, 55, 74, 84}, {74, 74, 0, -74}, {84, -29, -74, 55}, {55, -84, 74, -29}}
