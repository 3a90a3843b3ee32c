//go:build amd64 || arm64

package raster

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// filterCase is one call of vertical and one of horizontal.
type filterCase struct {
	n, taps, stride int
	outs            int
	seed            uint64
	wild            bool // weights and rows of any size: both versions must overflow alike
}

// checkFilters compares the vector code with the portable code.
func checkFilters(t *testing.T, c filterCase) {
	t.Helper()
	checkFilter[uint8](t, c)
	checkFilter[int16](t, c)
}

func checkFilter[S sample](t *testing.T, c filterCase) {
	t.Helper()
	const guard = 0x5a
	r := rand.New(rand.NewPCG(c.seed, 1))
	src := random((c.taps-1)*c.stride+c.n, func() S { return S(r.Uint32()) })
	weight := func() int16 { return int16(r.IntN(3<<weightBits/2/c.taps+2) - 1<<weightBits/4/c.taps) }
	intermediate := func() int16 { return int16(r.IntN(1<<(8+rowBits+1)) - 1<<(6+rowBits)) }
	if c.wild {
		weight = func() int16 { return int16(r.Uint32()) }
		intermediate = weight
	}
	weights := random(c.taps, weight)
	got, want := slices.Repeat([]int16{guard}, c.n+64), slices.Repeat([]int16{guard}, c.n+64)
	vertical(got[32:32+c.n:32+c.n], src, c.stride, weights)
	verticalPortable(want[32:32+c.n:32+c.n], src, c.stride, weights)
	if !slices.Equal(got, want) {
		t.Fatalf("vertical of %T: %+v: samples differ", src, c)
	}

	k := &kernel{taps: min(c.taps, c.n), end: c.n}
	k.starts = random(c.outs, func() int32 { return int32(r.IntN(c.n - k.taps + 1)) })
	k.weights = random(c.outs*k.taps, weight)
	row := random(c.n, intermediate)
	gotRow, wantRow := slices.Repeat([]S{guard}, c.outs+64), slices.Repeat([]S{guard}, c.outs+64)
	horizontal(gotRow[32:32+c.outs:32+c.outs], row, k)
	horizontalPortable(wantRow[32:32+c.outs:32+c.outs], row, k.starts, k.weights, k.taps)
	if !slices.Equal(gotRow, wantRow) {
		t.Fatalf("horizontal to %T: %+v: samples differ", gotRow, c)
	}
}

func random[T any](count int, next func() T) []T {
	s := make([]T, count)
	for i := range s {
		s[i] = next()
	}
	return s
}

func TestVectorsEqualPortableCode(t *testing.T) {
	if !hasVectors {
		t.Skip("this machine has no vector instructions")
	}
	for n := 1; n < 100; n++ {
		for taps := 1; taps <= 34; taps++ {
			checkFilters(t, filterCase{n, taps, n + n%5, 1 + (n*7+taps)%67, uint64(n*100 + taps), taps%3 == 0})
		}
	}
	checkFilters(t, filterCase{4001, 24, 4096, 2003, 9, false})
	checkFilters(t, filterCase{65535, 8, 65535, 65535, 10, false})
}

func FuzzVectorsEqualPortableCode(f *testing.F) {
	f.Add([]byte{16, 0, 8, 4, 0, 1}, uint64(1))
	f.Add([]byte{33, 0, 2, 5, 7, 0}, uint64(2))
	f.Add([]byte{200, 3, 64, 250, 40, 1}, uint64(3))
	f.Fuzz(func(t *testing.T, shape []byte, seed uint64) {
		if len(shape) < 6 {
			return
		}
		n := 1 + int(binary.LittleEndian.Uint16(shape))%3000
		checkFilters(t, filterCase{n, 1 + int(shape[2])%96, n + int(shape[4]), 1 + int(shape[3]), seed, shape[5]&1 == 0})
	})
}

// TestVectorsCheckTheirSlices checks that a slice that is too short panics in Go, before the assembly reads it.
func TestVectorsCheckTheirSlices(t *testing.T) {
	t.Run("samples", testSliceChecks[uint8])
	t.Run("deep samples", testSliceChecks[int16])
}

func testSliceChecks[S sample](t *testing.T) {
	for name, f := range map[string]func(){
		"vertical": func() { vertical(make([]int16, 16), make([]S, 31), 16, make([]int16, 2)) },
		"horizontal": func() {
			horizontal(make([]S, 4), make([]int16, 7), &kernel{taps: 8, starts: make([]int32, 4), weights: make([]int16, 32), end: 8})
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
