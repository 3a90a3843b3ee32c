package reconcile

import (
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/internal/variant"
)

// TestStopwatch: a stage that comes in parts is the sum of them, and what is between stages belongs to none.
func TestStopwatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stopwatch{took: map[variant.Stage]time.Duration{}}
		time.Sleep(time.Second)
		for _, part := range []struct {
			stage variant.Stage
			d     time.Duration
		}{{variant.Decode, 8}, {variant.Resample, 4}, {variant.Encode, 2}, {variant.Resample, 1}, {variant.Encode, 16}, {"", 32}} {
			w.mark(part.stage)
			time.Sleep(part.d)
		}
		w.mark("")
		if len(w.took) != 3 || w.took[variant.Decode] != 8 || w.took[variant.Resample] != 5 || w.took[variant.Encode] != 18 {
			t.Errorf("%v", w.took)
		}
	})
}
