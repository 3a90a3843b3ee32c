package simulation

import (
	"math"
	"math/rand/v2"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
)

// remembered is the number of periods that an evaluation sees.
const remembered = 30

// Delivery is how the points of one metric arrive.
type Delivery struct {
	Least, Most time.Duration // from the end of the period, evenly spread
	Loss        float64       // share of the points that never arrive; 1 is a metric without any point
}

func (d Delivery) valid() bool {
	return d.Least >= 0 && d.Most >= d.Least && d.Loss >= 0 && d.Loss <= 1
}

// Mean returns the mean lag of the points that arrive.
func (d Delivery) Mean() time.Duration { return (d.Least + d.Most) / 2 }

// metric holds the samples of one metric, and when each arrives.
type metric struct {
	values  autoscaling.Series
	arrives []time.Duration
}

// never is the arrival of a lost point.
const never = time.Duration(math.MaxInt64)

func (m *metric) add(r *rand.Rand, now time.Duration, v float64, d Delivery) {
	at := now + uniform(r, d.Least, d.Most)
	if d.Loss > 0 && r.Float64() < d.Loss {
		at = never
	}
	m.values, m.arrives = append(m.values, v), append(m.arrives, at)
}

// since returns the values from a period on, with NaN for those that have not arrived.
func (m *metric) since(from, over int, now time.Duration) autoscaling.Series {
	out := make(autoscaling.Series, 0, over-from)
	for i := from; i < over; i++ {
		v := math.NaN()
		if i < len(m.values) && m.arrives[i] <= now {
			v = m.values[i]
		}
		out = append(out, v)
	}
	return out
}

// CloudWatch holds the samples sent to CloudWatch: one of each metric at the end of each minute, and one of the CPU at
// the end of each of its shorter periods.
type CloudWatch struct{ visible, inFlight, tasks, cpu, eventsVisible, eventsInFlight metric }

// Sample adds the samples of the minute that ends now.
func (w *CloudWatch) Sample(r *rand.Rand, now time.Duration, a AWS, visible, inFlight, running int) {
	tasks := float64(running)
	if running == 0 {
		tasks = math.NaN() // without a task there is no sample of its CPU
	}
	w.visible.add(r, now, float64(visible), a.Visible)
	w.inFlight.add(r, now, float64(inFlight), a.InFlight)
	w.tasks.add(r, now, tasks, a.Tasks)
}

// SampleEvents adds the samples of the queue that S3 notifies, if that is another.
func (w *CloudWatch) SampleEvents(r *rand.Rand, now time.Duration, a AWS, visible, inFlight int) {
	w.eventsVisible.add(r, now, float64(visible), a.Visible)
	w.eventsInFlight.add(r, now, float64(inFlight), a.InFlight)
}

// Available returns the metrics as an evaluation sees them at a moment: one value for each minute that is over, and NaN
// for those that have not arrived yet.
func (w *CloudWatch) Available(now time.Duration, a AWS) Measured {
	over := int(now / a.MetricPeriod)
	from := max(0, over-remembered)
	m := Measured{Visible: w.visible.since(from, over, now), InFlight: w.inFlight.since(from, over, now),
		Tasks: w.tasks.since(from, over, now)}
	if len(w.eventsVisible.values) > 0 {
		m.EventsVisible, m.EventsInFlight = w.eventsVisible.since(from, over, now), w.eventsInFlight.since(from, over, now)
	}
	return m
}

// availableCPU is Available for the samples of the CPU: one value for each of their periods.
func (w *CloudWatch) availableCPU(now time.Duration, a AWS) autoscaling.Series {
	over := int(now / a.CPUPeriod)
	return w.cpu.since(max(0, over-remembered), over, now)
}
