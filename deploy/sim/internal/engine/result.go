package engine

import (
	"slices"
	"time"
)

// Result is what a run came to.
type Result struct {
	End         time.Duration // of the run
	Settled     time.Duration // when the last photo had its outcome
	Drain       time.Duration // from the last upload until then
	Unsettled   int           // photos without one when the run was given up
	DeadLetters int
	Reclaimed   int // tasks that AWS took back
	PeakBacklog int // messages that could be received
	PeakTasks   int // at work
	P50, P99    time.Duration
	Max, Mean   time.Duration // from upload to ready, as the percentiles
	Counted     int           // photos that those are of
	Cost        Cost
	Points      []Point
	Changes     []Change

	latencies []latency
}

type latency struct{ upload, took time.Duration }

// Point is how things were at a moment.
type Point struct {
	At                time.Duration
	Visible, InFlight int
	Desired, Running  int
	// P50 and Max are of the photos that were uploaded since the point before; 0 if none was.
	P50, Max time.Duration
}

// Change is a decision that changed the desired count.
type Change struct {
	At       time.Duration
	From, To int
	Policy   string
}

func (r *run) point() {
	p := Point{At: r.now, Visible: r.queue.visible(), InFlight: r.queue.inFlight, Desired: r.fleet.desired, Running: r.fleet.running}
	r.result.Points = append(r.result.Points, p)
}

// finish stops the tasks and works out what is said of the whole run.
func (r *run) finish() {
	for i := range r.fleet.tasks {
		if t := &r.fleet.tasks[i]; t.state != gone {
			r.pay(t)
		}
	}
	r.point()
	res := &r.result
	res.End, res.Unsettled = r.now, r.open
	res.Drain = max(0, res.Settled-r.Arrivals[len(r.Arrivals)-1])
	res.PeakBacklog, res.PeakTasks = r.queue.peak, r.fleet.peak
	res.Cost = r.cost()
	res.byPoint()
	res.percentiles()
}

// byPoint gives each point the latencies of what was uploaded since the one before.
func (res *Result) byPoint() {
	slices.SortFunc(res.latencies, func(a, b latency) int { return int(a.upload - b.upload) })
	rest := res.latencies
	for i := range res.Points {
		p := &res.Points[i]
		n := 0
		for n < len(rest) && rest[n].upload < p.At {
			n++
		}
		if n > 0 {
			took := times(rest[:n])
			p.P50, p.Max = at(took, 0.5), took[n-1]
		}
		rest = rest[n:]
	}
}

func (res *Result) percentiles() {
	took := times(res.latencies)
	if res.Counted = len(took); res.Counted == 0 {
		return
	}
	var sum float64
	for _, t := range took {
		sum += float64(t)
	}
	res.P50, res.P99, res.Max = at(took, 0.5), at(took, 0.99), took[len(took)-1]
	res.Mean = time.Duration(sum / float64(len(took)))
}

func times(l []latency) []time.Duration {
	took := make([]time.Duration, len(l))
	for i := range l {
		took[i] = l[i].took
	}
	slices.Sort(took)
	return took
}

// at is the smallest value that the part q of the values does not exceed.
func at(sorted []time.Duration, q float64) time.Duration {
	return sorted[max(0, int(float64(len(sorted))*q+0.999999)-1)]
}
