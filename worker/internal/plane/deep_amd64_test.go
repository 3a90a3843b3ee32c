package plane

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// checkDeepRows is checkRows for samples with more bits.
func checkDeepRows(t *testing.T, n, taps, stride, outs int, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	some := func(count int) []int16 {
		s := make([]int16, count)
		for i := range s {
			s[i] = int16(r.Uint32())
		}
		return s
	}
	const guard = 0x5a5a
	src, weights := some((taps-1)*stride+n), some(taps)
	got, want := slices.Repeat([]int16{guard}, n+64), slices.Repeat([]int16{guard}, n+64)
	deepVertical(got[32:32+n:32+n], src, stride, weights)
	deepVerticalPortable(want[32:32+n:32+n], src, stride, weights)
	if !slices.Equal(got, want) {
		t.Fatalf("vertical: n %d, taps %d, stride %d: other samples", n, taps, stride)
	}
	k := &kernel{taps: min(taps, n), starts: make([]int32, outs), weights: some(outs * min(taps, n)), end: n}
	for i := range k.starts {
		k.starts[i] = int32(r.IntN(n - k.taps + 1))
	}
	row := some(n)
	got, want = slices.Repeat([]int16{guard}, outs+64), slices.Repeat([]int16{guard}, outs+64)
	deepHorizontal(got[32:32+outs:32+outs], row, k)
	deepHorizontalPortable(want[32:32+outs:32+outs], row, k.starts, k.weights, k.taps)
	if !slices.Equal(got, want) {
		t.Fatalf("horizontal: n %d, taps %d, outputs %d: other samples", n, taps, outs)
	}
}

func TestDeepVectorsAreThePortableCode(t *testing.T) {
	if !hasAVX2 {
		t.Skip("this machine has no AVX2")
	}
	for n := 1; n < 100; n++ {
		for taps := 1; taps <= 34; taps++ {
			checkDeepRows(t, n, taps, n+n%5, 1+(n*7+taps)%67, uint64(n*100+taps))
		}
	}
	checkDeepRows(t, 4001, 24, 4096, 2003, 9)
}

func FuzzDeepVectorsAreThePortableCode(f *testing.F) {
	f.Add([]byte{16, 0, 8, 4, 0}, uint64(1))
	f.Add([]byte{33, 0, 2, 5, 7}, uint64(2))
	f.Fuzz(func(t *testing.T, shape []byte, seed uint64) {
		if len(shape) < 5 {
			return
		}
		n := 1 + int(binary.LittleEndian.Uint16(shape))%3000
		checkDeepRows(t, n, 1+int(shape[2])%96, n+int(shape[4]), 1+int(shape[3]), seed)
	})
}

// A slice that ends too early panics; the assembly never sees it.
func TestDeepVectorsAskForTheirSlices(t *testing.T) {
	for name, f := range map[string]func(){
		"vertical": func() { deepVertical(make([]int16, 16), make([]int16, 31), 16, make([]int16, 2)) },
		"horizontal": func() {
			deepHorizontal(make([]int16, 4), make([]int16, 7), &kernel{taps: 8, starts: make([]int32, 4), weights: make([]int16, 32), end: 8})
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
