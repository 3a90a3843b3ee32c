//go:build linux && (amd64 || arm64)

package pngscan

import (
	"bytes"
	"math/rand/v2"
	"syscall"
	"testing"
)

// TestVectorsAreThePortableCode compares the vector code with the portable code. Inaccessible pages before and after
// both rows catch accesses outside them.
func TestVectorsAreThePortableCode(t *testing.T) {
	if !hasVectors {
		t.Skip("this machine has no vector instructions")
	}
	r := rand.New(rand.NewPCG(3, 1))
	one, other := guarded(t), guarded(t)
	for n := 1; n < 200; n++ {
		for _, pixel := range []int{1, 2, 3, 4} {
			for _, most := range []int{256, 3} {
				size := n * pixel
				first := func(m []byte) []byte { return m[:size:size] }
				last := func(m []byte) []byte { return m[len(m)-size:] }
				for _, rows := range [][2][]byte{{first(one), last(other)}, {last(one), first(other)}, {last(one), last(other)}} {
					row, above := rows[0], rows[1]
					for i := range row {
						row[i], above[i] = byte(r.IntN(most)), byte(r.IntN(most))
					}
					want := bytes.Clone(row)
					paethFrom(0, want, above, pixel)
					portable := bytes.Clone(row)
					paethPortable(portable, above, pixel)
					paethRow(row, above, pixel)
					if !bytes.Equal(row, want) || !bytes.Equal(portable, want) {
						t.Fatalf("%d pixels of %d bytes: other samples", n, pixel)
					}
				}
			}
		}
	}
}

// guarded returns memory between two pages that cannot be read.
func guarded(t *testing.T) []byte {
	t.Helper()
	page := syscall.Getpagesize()
	m, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(m) })
	for _, end := range [][]byte{m[:page], m[2*page:]} {
		if err := syscall.Mprotect(end, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return m[page : 2*page : 2*page]
}
