package reconcile

import (
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/internal/engine"
)

// TestStopwatch: a stage with several parts is their sum, and the time between stages belongs to none.
func TestStopwatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newStopwatch()
		time.Sleep(time.Second)
		for _, part := range []struct {
			stage engine.Stage
			d     time.Duration
		}{{engine.Decode, 8}, {engine.Resample, 4}, {engine.Encode, 2}, {engine.Resample, 1}, {engine.Encode, 16}, {"", 32}} {
			w.mark(part.stage)
			time.Sleep(part.d)
		}
		w.mark("")
		if len(w.took) != 3 || w.took[engine.Decode] != 8 || w.took[engine.Resample] != 5 || w.took[engine.Encode] != 18 {
			t.Errorf("%v", w.took)
		}
	})
}
