//go:build linux && (amd64 || arm64)

package hevc

import (
	"syscall"
	"testing"
	"unsafe"
)

// guarded returns n samples of memory. Any access past their end faults.
func guarded(t *testing.T, n int) []uint16 {
	t.Helper()
	page := syscall.Getpagesize()
	size := (2*n + page - 1) / page * page
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
	return unsafe.Slice((*uint16)(unsafe.Pointer(&m[size-2*n])), n)
}

func TestFilterKernelsStayWithinTheirSlices(t *testing.T) {
	for n := 1; n < 50; n++ {
		var table [8]int16
		offsetEdges(guarded(t, n), guarded(t, n), guarded(t, n), guarded(t, n), &table, 255)
		offsetBands(guarded(t, n), guarded(t, n), &table, 0, 3, 255)
	}
	for n := 1; n < 4; n++ {
		edges := make([]levels, n)
		for i := range edges {
			edges[i] = levels{tc: [4]int16{9, 9}, beta: [4]int16{64, 64}}
		}
		stride := 16*n + 3
		for rows := 8; rows <= 16; rows += 8 {
			lumaVertical(guarded(t, (rows-1)*stride+8*n), stride, rows, edges, 255)
			chromaVertical(guarded(t, (rows-1)*stride+8*n), stride, rows, edges, 255)
		}
		lumaHorizontal(guarded(t, 7*stride+16*n), stride, edges, 255)
		chromaHorizontal(guarded(t, 7*stride+16*n), stride, edges, 255)
	}
}
