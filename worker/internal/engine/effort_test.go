package engine

import (
	"math"
	"testing"

	"darkroom/worker/internal/format"
	"darkroom/worker/photo"
)

func TestEffort(t *testing.T) {
	avif := boxSpec("one", 1600, 1200, Inside, 80)
	avif.Formats = []Output{AVIF, WebP}
	for name, tc := range map[string]struct {
		spec          Spec
		width, height int
		want          float64
	}{
		"as many pixels as are accepted": {boxSpec("one", 100, 100, Inside, 80), 12_000, 10_000, 1},
		"a quarter of them":              {boxSpec("one", 1, 1, Inside, 80), 6000, 5000, 1},
		"an eighth":                      {boxSpec("one", 1, 1, Inside, 80), 3000, 5000, 0.5},
		"few":                            {boxSpec("one", 100, 100, Inside, 80), 100, 100, 0.1},
		"two files of a large variant":   {avif, 1600, 1200, 4 * 9 * 1600 * 1200 / 120e6},
	} {
		e := engine(t, Config{Specs: []Spec{tc.spec}})
		h := format.Header{Format: photo.JPEG, Width: tc.width, Height: tc.height, Orientation: 1, Components: 3}
		if got := e.Effort(Header{Header: h, plan: newPlan(e.specs, h, dim(1, 1), false)}); math.Abs(got-tc.want) > 1e-6 {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	if got := engine(t, Config{}).Effort(Header{}); got != 0.1 {
		t.Errorf("a header that is not from Inspect: %v", got)
	}
}
