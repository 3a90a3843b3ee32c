package format

import (
	"runtime"
	"testing"

	"darkroom/deploy/testkit/race"
)

// TestFramesMemory compares the estimate with what is allocated up to the second frame. What later frames allocate
// takes the place of garbage. All frames of these AVIFs are decoded for the first one.
func TestFramesMemory(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector changes what is allocated")
	}
	pictures := codedPictures(t)
	frames := []string{pictures[2].anmf(0, 0, 0, 0), pictures[3].anmf(0, 0, 0, 0)}
	for name, data := range map[string][]byte{
		"GIF": randomGIF(t, 1), "PNG": randomAPNG(t, 1).file(0), "PNG of 16 bits": randomAPNG(t, 2).file(0),
		"WebP": animatedWebP(0, frames...), "AVIF": sequenceFile(t, "plain"), "AVIF with alpha": sequenceFile(t, "alpha"), "AVIF of 10 bits": sequenceFile(t, "deep"),
	} {
		for round := range 2 { // first a codec is compiled, and tables are made
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			h, a, r := open(t, data, Limits{Pixels: 1 << 20})
			for range 2 {
				if _, err := r.Next(t.Context()); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			runtime.ReadMemStats(&after)
			took, estimate := int64(after.TotalAlloc-before.TotalAlloc), FramesMemory(data, h, a)
			if round == 1 && took > estimate {
				t.Errorf("%s: %d bytes were allocated, the estimate is %d", name, took, estimate)
			}
		}
	}
}
