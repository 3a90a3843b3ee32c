package hevc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// block is a block of coefficients, and the prediction to which its residual is added.
type block struct {
	kind, log2, columns, rows, depth int

	coeffs [1024]int16
	pix    []uint16 // the prediction starts at the second sample; those outside the block must stay
	stride int
}

func (b *block) String() string {
	return fmt.Sprintf("kind %d, %d x %d, first %d columns and %d rows, depth %d",
		b.kind, 1<<b.log2, 1<<b.log2, b.columns, b.rows, b.depth)
}

// randomBlock returns a block with one of several kinds of coefficients: small, large, extreme or few.
func randomBlock(r *rand.Rand) *block {
	b := &block{log2: 2 + r.IntN(4), depth: 8 + r.IntN(5)}
	size := 1 << b.log2
	if b.log2 == 2 {
		b.kind = r.IntN(2)
	}
	b.columns, b.rows = 1+r.IntN(size), 1+r.IntN(size)
	if r.IntN(2) == 0 { // most pictures have few coefficients
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
			case 4: // coefficients that make the sums largest
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

// add adds the block to a copy of its prediction, which starts at the second sample. It returns all samples and the
// coefficients that remain.
func (b *block) add(add func([]uint16, int, *[1024]int16, int, int, int, int, int)) (pix []uint16, coeffs [1024]int16) {
	pix, coeffs = slices.Clone(b.pix), b.coeffs
	end := ((1<<b.log2)-1)*b.stride + 1<<b.log2 // the last row ends with the block
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
