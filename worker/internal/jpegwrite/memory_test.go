package jpegwrite

import (
	"fmt"
	"image"
	"math/rand/v2"
	"runtime"
	"testing"

	"darkroom/deploy/testkit/race"
)

// TestMemory compares Memory with what Encode allocates for the pictures that need most: noise of every strength.
func TestMemory(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector changes what is allocated")
	}
	samples := map[string]float64{"grey": 1, "4:4:4": 3, "4:2:2": 2, "4:4:0": 2, "4:2:0": 1.5}
	r := rand.New(rand.NewPCG(12, 1))
	for name, sampling := range samplings {
		for _, size := range []image.Point{{X: 1, Y: 1}, {X: 100, Y: 75}, {X: 640, Y: 481}, {X: 3000, Y: 20}} {
			for kind, strength := range map[string]int{"faint": 3, "middling": 17, "loud": 256} {
				p := picture(size.X, size.Y, sampling, func(int, int, int) byte { return byte(128 + r.IntN(strength) - strength/2) })
				for _, quality := range []int{100, 80} {
					for _, progressive := range []bool{false, true} {
						t.Run(fmt.Sprintf("%s/%v/%s/%d/%v", name, size, kind, quality, progressive), func(t *testing.T) {
							var before, after runtime.MemStats
							runtime.ReadMemStats(&before)
							if _, err := Encode(t.Context(), p, Options{Quality: quality, Progressive: progressive}); err != nil {
								t.Fatal(err)
							}
							runtime.ReadMemStats(&after)
							used, most := int64(after.TotalAlloc-before.TotalAlloc), Memory(size.X, size.Y, samples[name], progressive, 0)
							if used > most {
								t.Errorf("%d bytes are allocated, Memory says at most %d", used, most)
							}
							t.Logf("%d of %d", used, most)
						})
					}
				}
			}
		}
	}
}
