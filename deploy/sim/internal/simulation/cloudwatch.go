package simulation

import (
	"math"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
)

// remembered is the number of minutes that an evaluation sees.
const remembered = 30

// CloudWatch holds the samples sent to CloudWatch: one of each metric at the end of each minute.
type CloudWatch struct{ visible, inFlight, tasks autoscaling.Series }

// Sample adds the samples of a minute.
func (w *CloudWatch) Sample(visible, inFlight, running int) {
	w.visible = append(w.visible, float64(visible))
	w.inFlight = append(w.inFlight, float64(inFlight))
	tasks := float64(running)
	if running == 0 {
		tasks = math.NaN() // without a task there is no sample of its CPU
	}
	w.tasks = append(w.tasks, tasks)
}

// Available returns the metrics as an evaluation sees them at a moment: one value for each minute that is over, and NaN for
// those that have not arrived yet.
func (w *CloudWatch) Available(now time.Duration, a AWS) Measured {
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
