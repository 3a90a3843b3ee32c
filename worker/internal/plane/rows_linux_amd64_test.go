package plane

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
)

// checkRows holds the vector instructions against the portable code for n samples, with weights of any size: sums that
// overflow have to overflow alike.
func checkRows(t *testing.T, n, taps, stride, outs int, seed uint64, wild bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	weight := func() int16 {
		if wild {
			return int16(r.Uint32())
		}
		return int16(r.IntN(3<<weightBits/2/taps+2) - 1<<weightBits/4/taps)
	}
	src := make([]uint8, (taps-1)*stride+n)
	for i := range src {
		src[i] = uint8(r.Uint32())
	}
	weights := make([]int16, taps)
	for i := range weights {
		weights[i] = weight()
	}
	const guard = 0x5a5a
	got, want := slices.Repeat([]int16{guard}, n+64), slices.Repeat([]int16{guard}, n+64)
	vertical(got[32:32+n:32+n], src, stride, weights)
	verticalPortable(want[32:32+n:32+n], src, stride, weights)
	if !slices.Equal(got, want) {
		t.Fatalf("vertical: n %d, taps %d, stride %d: other samples", n, taps, stride)
	}

	k := &kernel{taps: min(taps, n), starts: make([]int32, outs), weights: make([]int16, outs*min(taps, n)), end: n}
	row := make([]int16, n)
	for i := range row {
		row[i] = int16(r.Uint32())
		if !wild {
			row[i] = int16(r.IntN(1<<(8+rowBits+1)) - 1<<(6+rowBits))
		}
	}
	for i := range k.starts {
		k.starts[i] = int32(r.IntN(n - k.taps + 1))
	}
	for i := range k.weights {
		k.weights[i] = weight()
	}
	gotRow, wantRow := slices.Repeat([]uint8{guard & 0xff}, outs+64), slices.Repeat([]uint8{guard & 0xff}, outs+64)
	horizontal(gotRow[32:32+outs:32+outs], row, k)
	horizontalPortable(wantRow[32:32+outs:32+outs], row, k.starts, k.weights, k.taps)
	if !slices.Equal(gotRow, wantRow) {
		t.Fatalf("horizontal: n %d, taps %d, outputs %d: other samples", n, taps, outs)
	}
}

func TestVectorsAreThePortableCode(t *testing.T) {
	if !hasAVX2 {
		t.Skip("this machine has no AVX2")
	}
	for n := 1; n < 100; n++ {
		for taps := 1; taps <= 34; taps++ {
			checkRows(t, n, taps, n+n%5, 1+(n*7+taps)%67, uint64(n*100+taps), taps%3 == 0)
		}
	}
	checkRows(t, 4001, 24, 4096, 2003, 9, false)
	checkRows(t, 65535, 8, 65535, 65535, 10, false)
}

func FuzzVectorsAreThePortableCode(f *testing.F) {
	f.Add([]byte{16, 0, 8, 4, 0, 1}, uint64(1))
	f.Add([]byte{33, 0, 2, 5, 7, 0}, uint64(2))
	f.Add([]byte{200, 3, 64, 250, 40, 1}, uint64(3))
	f.Fuzz(func(t *testing.T, shape []byte, seed uint64) {
		if len(shape) < 6 {
			return
		}
		n := 1 + int(binary.LittleEndian.Uint16(shape))%3000
		checkRows(t, n, 1+int(shape[2])%96, n+int(shape[4]), 1+int(shape[3]), seed, shape[5]&1 == 0)
	})
}

// guarded returns memory of n bytes that ends where reading or writing on is a fault.
func guarded(t *testing.T, n int) []byte {
	t.Helper()
	page := syscall.Getpagesize()
	size := (n + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(m); err != nil {
			t.Error(err)
		}
	})
	if err := syscall.Mprotect(m[size:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return m[size-n : size : size]
}

func TestVectorsStayWithin(t *testing.T) {
	for n := 16; n < 80; n++ {
		stride, rows := n+n%3, 8
		src := guarded(t, (rows-1)*stride+n)
		vertical(make([]int16, n), src, stride, make([]int16, rows))

		k := &kernel{taps: 16, starts: make([]int32, n), weights: make([]int16, 16*n), end: 16}
		horizontal(guarded(t, n), make([]int16, 16), k)
	}
}
