package sandbox

import (
	"bytes"
	"testing"
)

// TestMemory checks that the memory does not move up to its expected size, keeps its content when it grows further, and
// is zero for the next instance.
func TestMemory(t *testing.T) {
	m := NewMemory(1 << 20)
	first := m.Allocate(0, 1<<32).Reallocate(64 << 10)
	first[9] = 7
	for _, size := range []uint64{1 << 19, 1 << 20} {
		if grown := m.Reallocate(size); len(grown) != int(size) || &grown[0] != &first[0] || grown[9] != 7 {
			t.Errorf("%d bytes within what is expected moved or changed", size)
		}
	}
	more := m.Reallocate(1<<20 + 64<<10)
	if len(more) != 1<<20+64<<10 || more[9] != 7 {
		t.Errorf("%d bytes, of which one is %d", len(more), more[9])
	}
	more[len(more)-1] = 8
	m.Free()
	if again := m.Allocate(0, 1<<32).Reallocate(uint64(len(more))); bytes.ContainsFunc(again, func(r rune) bool { return r != 0 }) {
		t.Error("the next instance sees the memory of the one before")
	}
}

// TestDamagedModule checks that a damaged module is an error.
func TestDamagedModule(t *testing.T) {
	for _, packed := range [][]byte{nil, []byte("no gzip")} {
		if err := NewModule(&packed).Run(t.Context(), NewMemory(1), func(*Instance) error { return nil }); err == nil {
			t.Errorf("%q runs", packed)
		}
	}
}
