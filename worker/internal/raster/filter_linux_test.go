//go:build linux && (amd64 || arm64)

package raster

import (
	"syscall"
	"testing"
)

// guarded returns n bytes of memory. Any access past their end faults.
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

func TestVectorsStayWithinTheirSlices(t *testing.T) {
	for n := 16; n < 80; n++ {
		stride, rows := n+n%3, 8
		src := guarded(t, (rows-1)*stride+n)
		vertical(make([]int16, n), src, stride, make([]int16, rows))

		k := &kernel{taps: 16, starts: make([]int32, n), weights: make([]int16, 16*n), end: 16}
		horizontal(guarded(t, n), make([]int16, 16), k)
	}
}
