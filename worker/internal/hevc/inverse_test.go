package hevc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// transMatrix has columns 0 to 15 of the matrix of the DCT, as the standard lists them (8.6.4.2): a line for each
// coefficient.
var transMatrix = [32][16]int64{
	{64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64},
	{90, 90, 88, 85, 82, 78, 73, 67, 61, 54, 46, 38, 31, 22, 13, 4},
	{90, 87, 80, 70, 57, 43, 25, 9, -9, -25, -43, -57, -70, -80, -87, -90},
	{90, 82, 67, 46, 22, -4, -31, -54, -73, -85, -90, -88, -78, -61, -38, -13},
	{89, 75, 50, 18, -18, -50, -75, -89, -89, -75, -50, -18, 18, 50, 75, 89},
	{88, 67, 31, -13, -54, -82, -90, -78, -46, -4, 38, 73, 90, 85, 61, 22},
	{87, 57, 9, -43, -80, -90, -70, -25, 25, 70, 90, 80, 43, -9, -57, -87},
	{85, 46, -13, -67, -90, -73, -22, 38, 82, 88, 54, -4, -61, -90, -78, -31},
	{83, 36, -36, -83, -83, -36, 36, 83, 83, 36, -36, -83, -83, -36, 36, 83},
	{82, 22, -54, -90, -61, 13, 78, 85, 31, -46, -90, -67, 4, 73, 88, 38},
	{80, 9, -70, -87, -25, 57, 90, 43, -43, -90, -57, 25, 87, 70, -9, -80},
	{78, -4, -82, -73, 13, 85, 67, -22, -88, -61, 31, 90, 54, -38, -90, -46},
	{75, -18, -89, -50, 50, 89, 18, -75, -75, 18, 89, 50, -50, -89, -18, 75},
	{73, -31, -90, -22, 78, 67, -38, -90, -13, 82, 61, -46, -88, -4, 85, 54},
	{70, -43, -87, 9, 90, 25, -80, -57, 57, 80, -25, -90, -9, 87, 43, -70},
	{67, -54, -78, 38, 85, -22, -90, 4, 90, 13, -88, -31, 82, 46, -73, -61},
	{64, -64, -64, 64, 64, -64, -64, 64, 64, -64, -64, 64, 64, -64, -64, 64},
	{61, -73, -46, 82, 31, -88, -13, 90, -4, -90, 22, 85, -38, -78, 54, 67},
	{57, -80, -25, 90, -9, -87, 43, 70, -70, -43, 87, 9, -90, 25, 80, -57},
	{54, -85, -4, 88, -46, -61, 82, 13, -90, 38, 67, -78, -22, 90, -31, -73},
	{50, -89, 18, 75, -75, -18, 89, -50, -50, 89, -18, -75, 75, 18, -89, 50},
	{46, -90, 38, 54, -90, 31, 61, -88, 22, 67, -85, 13, 73, -82, 4, 78},
	{43, -90, 57, 25, -87, 70, 9, -80, 80, -9, -70, 87, -25, -57, 90, -43},
	{38, -88, 73, -4, -67, 90, -46, -31, 85, -78, 13, 61, -90, 54, 22, -82},
	{36, -83, 83, -36, -36, 83, -83, 36, 36, -83, 83, -36, -36, 83, -83, 36},
	{31, -78, 90, -61, 4, 54, -88, 82, -38, -22, 73, -90, 67, -13, -46, 85},
	{25, -70, 90, -80, 43, 9, -57, 87, -87, 57, -9, -43, 80, -90, 70, -25},
	{22, -61, 85, -90, 73, -38, -4, 46, -78, 90, -82, 54, -13, -31, 67, -88},
	{18, -50, 75, -89, 89, -75, 50, -18, -18, 50, -75, 89, -89, 75, -50, 18},
	{13, -38, 61, -78, 88, -90, 85, -73, 54, -31, 4, 22, -46, 67, -82, 90},
	{9, -25, 43, -57, 70, -80, 87, -90, 90, -87, 80, -70, 57, -43, 25, -9},
	{4, -13, 22, -31, 38, -46, 54, -61, 67, -73, 78, -82, 85, -88, 90, -90},
}

// transform1D is the one-dimensional transformation of 8.6.4.2.
func transform1D(x []int64, kind int) []int64 {
	if kind == dst {
		m := [4][4]int64{{29, 55, 74, 84}, {74, 74, 0, -74}, {84, -29, -74, 55}, {55, -84, 74, -29}}
		y := make([]int64, 4)
		for i := range y {
			for j := range x {
				y[i] += m[j][i] * x[j]
			}
		}
		return y
	}
	size := len(x)
	y := make([]int64, size)
	for i := range y {
		for j := range x {
			row := j * 32 / size
			if i < 16 {
				y[i] += transMatrix[row][i] * x[j]
			} else { // columns 16 to 31 repeat the others in reverse, odd coefficients with the other sign
				y[i] += transMatrix[row][31-i] * x[j] * int64(1-row%2*2)
			}
		}
	}
	return y
}

// residualOf is the scaled transformation process (8.6.4.2) and the shift of 8.6.2, in the standard's words.
func residualOf(coeffs *[1024]int16, kind, log2, depth int) (r [1024]int32) {
	size := 1 << log2
	var g [32][32]int64
	for x := range size {
		column := make([]int64, size)
		for y := range column {
			column[y] = int64(coeffs[y<<log2|x])
		}
		for y, e := range transform1D(column, kind) {
			g[y][x] = min(max((e+64)>>7, -32768), 32767)
		}
	}
	shift := 20 - depth
	for y := range size {
		for x, v := range transform1D(g[y][:size], kind) {
			r[y<<log2|x] = int32((v + 1<<(shift-1)) >> shift)
		}
	}
	return r
}

// block is a block of coefficients and the prediction that its residual is added to.
type block struct {
	kind, log2, columns, rows, depth int

	coeffs [1024]int16
	pix    []uint16 // the prediction starts at the second sample; those outside of the block must stay
	stride int
}

func (b *block) String() string {
	return fmt.Sprintf("kind %d, %d x %d, first %d columns and %d rows, depth %d",
		b.kind, 1<<b.log2, 1<<b.log2, b.columns, b.rows, b.depth)
}

// randomBlock makes a block whose coefficients are of one of several kinds: small, large, extreme or few.
func randomBlock(r *rand.Rand) *block {
	b := &block{log2: 2 + r.IntN(4), depth: 8 + r.IntN(5)}
	size := 1 << b.log2
	if b.log2 == 2 {
		b.kind = r.IntN(2)
	}
	b.columns, b.rows = 1+r.IntN(size), 1+r.IntN(size)
	if r.IntN(2) == 0 { // as in most pictures
		b.columns, b.rows = 1+r.IntN(min(size, 4)), 1+r.IntN(min(size, 4))
	}
	manner := r.IntN(5)
	for y := range b.rows {
		for x := range b.columns {
			v := 0
			switch manner {
			case 0:
				v = r.IntN(65) - 32
			case 1:
				v = r.IntN(65536) - 32768
			case 2:
				v = []int{-32768, 32767}[r.IntN(2)]
			case 3:
				if r.IntN(8) == 0 {
					v = r.IntN(4097) - 2048
				}
			case 4: // what makes the sums largest
				v = 32767
				if transMatrix[y<<(5-b.log2)][0]*transMatrix[x<<(5-b.log2)][r.IntN(size)%16] < 0 {
					v = -32768
				}
			}
			b.coeffs[y<<b.log2|x] = int16(v)
		}
	}
	b.stride = size + 2 + r.IntN(40)
	b.pix = make([]uint16, size*b.stride)
	for i := range b.pix {
		switch r.IntN(4) {
		case 0:
			b.pix[i] = 0
		case 1:
			b.pix[i] = 1<<b.depth - 1
		default:
			b.pix[i] = uint16(r.IntN(1 << b.depth))
		}
	}
	return b
}

// add adds the block to a copy of its prediction, from the second sample on. It returns all samples and the coefficients
// that remain.
func (b *block) add(add func([]uint16, int, *[1024]int16, int, int, int, int, int)) (pix []uint16, coeffs [1024]int16) {
	pix, coeffs = slices.Clone(b.pix), b.coeffs
	end := ((1<<b.log2)-1)*b.stride + 1<<b.log2 // no sample more than the block has
	add(pix[1:][:end:end], b.stride, &coeffs, b.kind, b.log2, b.columns, b.rows, b.depth)
	return pix, coeffs
}

// TestInverse compares the transforms with the definition in the standard.
func TestInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 6))
	for range 1500 {
		b := randomBlock(r)
		size := 1 << b.log2
		residual := residualOf(&b.coeffs, b.kind, b.log2, b.depth)
		want := slices.Clone(b.pix)
		for y := range size {
			for x := range size {
				p := &want[1+y*b.stride+x]
				*p = uint16(min(max(int32(*p)+residual[y<<b.log2|x], 0), 1<<b.depth-1))
			}
		}
		for name, add := range map[string]func([]uint16, int, *[1024]int16, int, int, int, int, int){
			"addInverse": addInverse, "addInversePortable": addInversePortable, "inverse and addResidual": addSeparately,
		} {
			got, coeffs := b.add(add)
			if i := firstDifference(got, want); i >= 0 {
				t.Fatalf("%s: %v: at %d of stride %d: got %d, want %d", name, b, i, b.stride, got[i], want[i])
			}
			if coeffs != [1024]int16{} {
				t.Fatalf("%s: %v: coefficients remain", name, b)
			}
		}
		coeffs := b.coeffs
		var got [1024]int32
		for i := range got {
			got[i] = r.Int32()
		}
		inverse(&got, &coeffs, b.kind, b.log2, b.columns, b.rows, b.depth)
		if !slices.Equal(got[:size*size], residual[:size*size]) {
			t.Fatalf("inverse: %v: other residual samples", b)
		}
	}
}

// addSeparately is addInverse in two steps.
func addSeparately(pix []uint16, stride int, coeffs *[1024]int16, kind int, log2, columns, rows, depth int) {
	var res [1024]int32
	inverse(&res, coeffs, kind, log2, columns, rows, depth)
	addResidual(pix, stride, &res, log2, depth)
}

func firstDifference(a, b []uint16) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

// TestInverseConstant tries values of a block's only coefficient, from the lowest to the highest.
func TestInverseConstant(t *testing.T) {
	for _, depth := range []int{8, 10, 12} {
		for log2 := 2; log2 <= 5; log2++ {
			for dc := -1 << 15; dc < 1<<15; dc += 37 {
				b := &block{log2: log2, columns: 1, rows: 1, depth: depth, stride: 33, pix: make([]uint16, 32*33)}
				b.coeffs[0] = int16(dc)
				b.pix[1] = 1 << (depth - 1)
				got, _ := b.add(addInverse)
				shift := 20 - depth
				r := (64*((64*dc+64)>>7) + 1<<(shift-1)) >> shift
				if want := min(max(1<<(depth-1)+r, 0), 1<<depth-1); int(got[1]) != want {
					t.Fatalf("%v, coefficient %d: got %d, want %d", b, dc, got[1], want)
				}
			}
		}
	}
}

// FuzzInverse compares the transforms that this machine uses with the portable ones.
func FuzzInverse(f *testing.F) {
	for i := range uint64(8) {
		f.Add(i, uint8(i), uint8(i/2), uint8(7*i), uint8(3*i), uint8(i), []byte{128, 0, 127, 255, 3, 5, 1, 200})
	}
	f.Fuzz(func(t *testing.T, seed uint64, log2, kind, columns, rows, depth uint8, data []byte) {
		r := rand.New(rand.NewPCG(seed, 1))
		b := randomBlock(r)
		for b.log2 != 2+int(log2%4) {
			b = randomBlock(r)
		}
		size := 1 << b.log2
		b.kind, b.columns, b.rows, b.depth = dct, 1+int(columns)%size, 1+int(rows)%size, 8+int(depth%5)
		if b.log2 == 2 {
			b.kind = int(kind % 2)
		}
		clear(b.coeffs[:])
		for y := range b.rows {
			for x := range b.columns {
				if len(data) >= 2 {
					b.coeffs[y<<b.log2|x] = int16(data[0])<<8 | int16(data[1])
					data = data[2:]
				}
			}
		}
		for i := range b.pix {
			b.pix[i] &= 1<<b.depth - 1
		}
		got, gotCoeffs := b.add(addInverse)
		want, wantCoeffs := b.add(addInversePortable)
		if i := firstDifference(got, want); i >= 0 {
			t.Fatalf("%v: at %d of stride %d: got %d, want %d", b, i, b.stride, got[i], want[i])
		}
		if gotCoeffs != wantCoeffs {
			t.Fatalf("%v: coefficients remain", b)
		}
	})
}

func BenchmarkInverse(b *testing.B) {
	for _, shape := range []struct{ kind, log2, columns, rows int }{
		{dst, 2, 4, 4}, {dct, 2, 4, 4}, {dct, 3, 1, 1}, {dct, 3, 4, 4}, {dct, 3, 8, 8},
		{dct, 4, 1, 1}, {dct, 4, 4, 4}, {dct, 4, 8, 8}, {dct, 4, 16, 16},
		{dct, 5, 1, 1}, {dct, 5, 4, 4}, {dct, 5, 8, 8}, {dct, 5, 16, 16}, {dct, 5, 32, 32},
	} {
		for _, kernel := range []struct {
			name string
			add  func([]uint16, int, *[1024]int16, int, int, int, int, int)
		}{{"used", addInverse}, {"portable", addInversePortable}} {
			size := 1 << shape.log2
			name := fmt.Sprintf("%s/size=%d/kind=%d/columns=%d/rows=%d", kernel.name,
				size, shape.kind, shape.columns, shape.rows)
			b.Run(name, func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 1))
				var block, coeffs [1024]int16
				for y := range shape.rows {
					for x := range shape.columns {
						block[y*size+x] = int16(r.IntN(401) - 200)
					}
				}
				pix := make([]uint16, 64*64)
				b.ReportAllocs()
				for b.Loop() {
					for y := range shape.rows {
						copy(coeffs[y*size:][:shape.columns], block[y*size:][:shape.columns])
					}
					kernel.add(pix, 64, &coeffs, shape.kind, shape.log2, shape.columns, shape.rows, 8)
				}
			})
		}
	}
}
