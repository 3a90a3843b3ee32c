package vp8l

import (
	"runtime"
	"testing"
)

// groupsOf returns a picture of tiles of 4 x 4 pixels. Each has its own group, whose green code has the largest table
// for its few bits: 2048 symbols of 11 bits.
func groupsOf(side int) []byte {
	w := bitWriter{}
	w.put(0x2f, 8)
	w.put(side-1, 14)
	w.put(side-1, 14)
	w.put(0, 1+3+1) // no transform
	w.put(1, 1)
	w.put(maxCacheBits, 4)
	w.put(1, 1) // several groups
	w.put(0, 3)
	w.put(0, 1) // tiles without a cache
	byteCode := func() {
		w.put(0, 1)
		w.put(12-4, 4) // 17 18 0 1 2 3 4 5 16 6 7 8
		w.put(0, 3*11)
		w.put(1, 3) // all lengths are 8
	}
	byteCode()
	w.put(1, 1)
	w.put(3, 3)
	w.put(256-2, 8)
	byteCode()
	w.put(0, 1)
	for range 2 {
		w.put(1, 4) // one symbol, 0
	}
	w.put(1, 4)
	tiles := tiles(side, 2) * tiles(side, 2)
	for i := range tiles {
		for b := range 8 {
			w.put(i>>(7-b), 1)
		}
		for b := range 8 {
			w.put(i>>(15-b), 1)
		}
	}
	for range tiles {
		w.put(0, 1)
		w.put(15-4, 4) // up to 11
		w.put(0, 3*14)
		w.put(1, 3) // all lengths are 11
		w.put(1, 1)
		w.put(5, 3)
		w.put(2048-2, 12)
		for range 4 {
			w.put(1, 4)
		}
	}
	for range side * side { // the first symbol
		w.put(0, 11)
	}
	return w.data
}

// TestCodesTakeWhatTheySay checks that many groups of large codes take no more memory than [Memory] and [CodesMemory]
// return, and that too many are refused.
func TestCodesTakeWhatTheySay(t *testing.T) {
	for _, c := range []struct {
		side int
		ok   bool
	}{{64, true}, {256, true}, {320, false}} {
		data := groupsOf(c.side)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		d, err := newDecoder(t.Context(), data[headerBytes:], c.side, c.side)
		if (err == nil) != c.ok {
			t.Errorf("%d tiles: %v", c.side*c.side/16, err)
			continue
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		took := int64(after.HeapAlloc) - int64(before.HeapAlloc)
		says := Memory(c.side, c.side) + CodesMemory(c.side, c.side, int64(len(data)))
		t.Logf("%d tiles in %d bytes: %d bytes of memory, at most %d", c.side*c.side/16, len(data), took, says)
		if took > says {
			t.Errorf("%d tiles take %d bytes, want at most %d", c.side*c.side/16, took, says)
		}
		runtime.KeepAlive(d)
	}
}
