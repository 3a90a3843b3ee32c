package heif

import (
	"runtime"
	"testing"

	"darkroom/deploy/testkit/race"
)

// countsAllocations skips a test under the race detector, which changes what is allocated. Run such tests without it as
// well.
func countsAllocations(t *testing.T) {
	t.Helper()
	if race.Enabled {
		t.Skip("the race detector changes what is allocated")
	}
}

// TestMemory compares the estimate with the bytes that are really allocated, for pictures whose pixels take most of
// them.
func TestMemory(t *testing.T) {
	countsAllocations(t)
	files := map[string][]byte{
		"AVIF": avifSeed(t, 700, 500, opaque), "AVIF with alpha": avifSeed(t, 320, 200, [4]uint8{0, 1, 2, 3}),
		"HEIC grid": gridOf(t, heicBrands, seed(t, "quadrants.heic"), 4, 4, 640, 384),
	}
	for _, name := range []string{"quadrants.heic", "alpha.heic", "deep.heic", "yuv444.heic", "yuv422.heic"} {
		files[name] = seed(t, name)
	}
	for _, name := range []string{"AVIF", "quadrants.heic"} { // the first picture compiles the codec
		if _, err := Decode(t.Context(), files[name]); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range files {
		h, err := ReadHeader(data)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := h.Decode(t.Context()); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if h.Tiles > 1 {
			continue
		}
		if took := int64(after.TotalAlloc - before.TotalAlloc); took > h.Memory(false) || took < h.Memory(false)/8 {
			t.Errorf("%s: %d bytes were allocated, the estimate is %d", name, took, h.Memory(false))
		}
	}
}
