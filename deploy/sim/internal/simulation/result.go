package simulation

import (
	"slices"
	"time"
)

// Result is the outcome of a run.
type Result struct {
	End         time.Duration // end of the run
	Settled     time.Duration // time of the last photo's outcome
	Drain       time.Duration // from the last upload to the last photo's outcome
	Unsettled   int           // photos without an outcome at the end of the run
	DeadLetters int
	Reclaimed   int       // tasks reclaimed by AWS
	Blocked     int       // calls for protection that ECS refused
	Drained     int       // busy tasks that drained by their own decision
	Rollouts    []Rollout // deployments, in order
	Moved       int       // tasks that a replacement in another zone has ended
	PeakBacklog int       // visible messages
	PeakTasks   int       // running
	P50, P99    time.Duration
	Max, Mean   time.Duration // latency from upload to ready, like the percentiles
	Counted     int           // photos counted in the latencies
	Cost        Cost
	Requests    int  // requests of SQS
	Puts        Puts // if S3 limits them
	Points      []Point
	Changes     []Change

	latencies []latency
}

// latency is what one photo took.
type latency struct {
	upload, took time.Duration // moment of the upload, and time until ready
	wait         time.Duration // from its event to the receive by the worker that renders it
	board        int32
}

// Percentiles summarize the times of some photos.
type Percentiles struct{ P50, P99, Max time.Duration }

// Waits are the times of some photos.
type Waits struct {
	Counted     int
	Wait, Ready Percentiles   // from the event to the receive by the worker that renders it, and from the upload to ready
	Last        time.Duration // moment at which the last of them was ready
}

// Waits returns the times of the photos that count in the latencies and for which choose returns true. choose takes the
// board and the moment of the upload.
func (res *Result) Waits(choose func(board int32, upload time.Duration) bool) Waits {
	var w Waits
	var waits, ready []time.Duration
	for _, l := range res.latencies {
		if choose(l.board, l.upload) {
			waits, ready = append(waits, l.wait), append(ready, l.took)
			w.Last = max(w.Last, l.upload+l.took)
		}
	}
	w.Counted = len(ready)
	w.Wait, w.Ready = percentiles(waits), percentiles(ready)
	return w
}

// percentiles sorts times.
func percentiles(times []time.Duration) Percentiles {
	if len(times) == 0 {
		return Percentiles{}
	}
	slices.Sort(times)
	return Percentiles{quantile(times, 0.5), quantile(times, 0.99), times[len(times)-1]}
}

// Point is the state at one moment.
type Point struct {
	At                time.Duration
	Visible, InFlight int
	Desired, Running  int
	// P50 and Max are the latencies of photos uploaded since the previous point, 0 if there were none.
	P50, Max time.Duration
}

// Change is a change of the desired count.
type Change struct {
	At       time.Duration
	From, To int
	Policy   string
}

func (r *run) point() {
	p := Point{At: r.now, Desired: r.fleet.desired, Running: r.fleet.running}
	p.Visible, p.InFlight = r.messages()
	r.result.Points = append(r.result.Points, p)
}

// finish stops the tasks and computes the results of the whole run.
func (r *run) finish() {
	for i := range r.fleet.tasks {
		if t := &r.fleet.tasks[i]; t.state != gone {
			r.pay(t)
		}
	}
	r.point()
	if r.fleet.rollout != nil {
		r.endRollout(-1)
	}
	res := &r.result
	res.End, res.Unsettled = r.now, r.unsettled
	res.Drain = max(0, res.Settled-r.Arrivals[len(r.Arrivals)-1])
	res.PeakTasks = r.fleet.peak
	res.Cost = r.cost()
	res.byPoint()
	res.percentiles()
}

// byPoint sets the latencies of each point.
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
			p.P50, p.Max = quantile(took, 0.5), took[n-1]
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
	res.P50, res.P99, res.Max = quantile(took, 0.5), quantile(took, 0.99), took[len(took)-1]
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

// quantile returns the smallest value that a share q of the values does not exceed.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[max(0, int(float64(len(sorted))*q+0.999999)-1)]
}
