package reconcile

import (
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/internal/engine"
)

// TestTimeline: a stage with several parts is their sum, and each part begins where the one before it ends.
func TestTimeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w timeline
		time.Sleep(time.Second)
		for _, part := range []struct {
			stage engine.Stage
			d     time.Duration
		}{{engine.Decode, 8}, {engine.Resample, 4}, {engine.Encode, 2}, {engine.Resample, 1}, {engine.Encode, 16}, {"", 32}} {
			w.enter(string(part.stage))
			time.Sleep(part.d)
		}
		w.enter("")
		if took := w.took(); len(took) != 3 || took["decode"] != 8 || took["resample"] != 5 || took["encode"] != 18 {
			t.Errorf("%v", took)
		}
		for i, p := range w.parts[1:] {
			if before := w.parts[i]; !before.to.Equal(p.from) {
				t.Errorf("%s ends at %v, %s begins at %v", before.stage, before.to, p.stage, p.from)
			}
		}
	})
}
