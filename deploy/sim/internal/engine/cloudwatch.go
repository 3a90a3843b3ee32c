package engine

import (
	"math"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
)

// remembered is how many minutes an evaluation sees.
const remembered = 30

// Watch is what CloudWatch has been sent: one sample of each metric at the end of each minute.
type Watch struct{ visible, inFlight, tasks autoscaling.Series }

func (w *Watch) Sample(visible, inFlight, running int) {
	w.visible = append(w.visible, float64(visible))
	w.inFlight = append(w.inFlight, float64(inFlight))
	tasks := float64(running)
	if running == 0 {
		tasks = math.NaN() // no task, no sample of its CPU
	}
	w.tasks = append(w.tasks, tasks)
}

// At is what can be had at a moment: all minutes that are over, without the values that are still on their way.
func (w *Watch) At(now time.Duration, a AWS) Measured {
	over := int(now / a.MetricPeriod)
	known := min(int((now-a.MetricLag)/a.MetricPeriod), len(w.visible))
	cut := func(s autoscaling.Series) autoscaling.Series {
		from := max(0, over-remembered)
		out := make(autoscaling.Series, 0, over-from)
		for i := from; i < over; i++ {
			if i < known {
				out = append(out, s[i])
			} else {
				out = append(out, math.NaN())
			}
		}
		return out
	}
	return Measured{cut(w.visible), cut(w.inFlight), cut(w.tasks)}
}
