package engine

import (
	"maps"
	"slices"
	"testing"

	"darkroom/worker/internal/format"
)

// TestMemoryOfShapes compares the estimate with the memory that rendering takes, like TestMemoryIsMeasured, for
// pictures as wide or as high as is allowed. The thumb, which fills its box, keeps all their pixels up to its height or
// width.
func TestMemoryOfShapes(t *testing.T) {
	countsAllocations(t)
	e := engine(t, Config{})
	const runtimeMemory = 1 << 20
	for _, s := range []size{dim(format.MaxSide, 1), dim(1, format.MaxSide), dim(format.MaxSide, 12), dim(16383, 30)} {
		files := varieties(t, s.Width, s.Height)
		for _, name := range slices.Sorted(maps.Keys(files)) {
			file := files[name]
			h, err := e.Inspect(file)
			if err != nil {
				t.Errorf("%d x %d, %s: %v", s.Width, s.Height, name, err)
				continue
			}
			if most, estimate := peak(t, func() { render(t, e, file) }), e.Memory(h); most > estimate+runtimeMemory {
				t.Errorf("%d x %d, %s takes %d bytes, more than the estimate of %d", s.Width, s.Height, name, most, estimate)
			}
		}
	}
}
