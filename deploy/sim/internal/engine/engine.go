// Package engine plays what happens between an upload and its variants, event by event, without waiting: uploads, S3's
// events, the queue, CloudWatch's metrics, the scaling policies, tasks that start and end on Fargate, and the workers in them.
//
// The policies decide in darkroom/worker/scaling, as the scaler of the worker does. All that is random comes from the seed:
// the same [Config] gives the same [Result].
//
// What is simplified: the queue is in order; a worker with free slots always has a receive waiting at the queue; a photo is
// moved first (download and upload as one) and rendered then; a deployment never happens.
package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/worker/scaling"
)

// Measured is what CloudWatch has of the queue and the tasks: one value a minute, NaN where there is none (yet).
type Measured struct{ Visible, InFlight, Tasks autoscaling.Series }

// Metric works out the metric that a policy follows.
type Metric func(Measured) autoscaling.Series

// Config is one run. Times of Arrivals and Reclaims count from the begin.
type Config struct {
	Seed     uint64
	Arrivals []time.Duration // when each photo is uploaded, in order
	Poison   float64         // share of photos whose messages fail each time
	Warm     time.Duration   // photos uploaded before are not counted in latencies
	Worker   Worker
	Fleet    Fleet
	AWS      AWS
	Policies autoscaling.Config
	Metrics  map[string]Metric // by name of the policy
	Fast     *scaling.Fast     // nil: off
	Reclaims []Reclaim
	Step     time.Duration // between two points of Result.Points
}

// Reclaim is AWS taking Spot tasks back.
type Reclaim struct {
	At    time.Duration
	Share float64       // of all tasks that run, taken of those on Spot
	Dry   time.Duration // for which no Spot task starts
}

// Validate reports the first setting that cannot be used.
func (c Config) Validate() error {
	if !slices.IsSorted(c.Arrivals) || len(c.Arrivals) == 0 || c.Arrivals[0] < 0 {
		return errors.New("the uploads have to be in order, and at least one")
	}
	if c.Poison < 0 || c.Poison > 1 || c.Step <= 0 {
		return fmt.Errorf("a share of %v poison, a point every %v", c.Poison, c.Step)
	}
	for _, t := range c.Policies.TargetTracking {
		if c.Metrics[t.Name] == nil {
			return fmt.Errorf("policy %s has no metric", t.Name)
		}
	}
	for _, p := range c.Policies.StepScaling {
		if c.Metrics[p.Name] == nil {
			return fmt.Errorf("policy %s has no metric", p.Name)
		}
	}
	if c.Fast != nil {
		if err := c.Fast.Validate(); err != nil {
			return err
		}
	}
	return errors.Join(c.Worker.validate(), c.Fleet.validate(), c.AWS.validate())
}

// tail is the most that is played after the last upload.
const tail = 12 * time.Hour

// run is a run under way.
type run struct {
	Config
	clock
	rand   *rand.Rand
	photos []photo
	queue  queue
	fleet  fleet
	watch  Watch
	group  *autoscaling.Group
	last   scaling.Reading // of the fast policy
	open   int             // photos without an outcome
	result Result
}

// Run plays it until all photos have an outcome and the tasks that were added are gone again, for at most 12 hours after
// the last upload.
func Run(c Config) (*Result, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	group, err := autoscaling.NewGroup(c.Policies)
	if err != nil {
		return nil, err
	}
	r := &run{Config: c, rand: rand.New(rand.NewPCG(c.Seed, 0x6461726b726f6f6d)), photos: make([]photo, len(c.Arrivals)), group: group, open: len(c.Arrivals)}
	r.queue.waiting.buf = make([]int32, 1024)
	r.fleet.desired = c.Policies.Min
	for range c.Policies.Min { // they have run for long
		r.start(r.launch())
	}
	r.at(c.Arrivals[0], event{kind: upload})
	r.at(0, event{kind: point})
	r.at(c.AWS.MetricPeriod, event{kind: minute})
	r.at(c.AWS.MetricPeriod+c.AWS.MetricLag+c.AWS.AlarmDelay, event{kind: decide})
	if c.Fast != nil {
		r.at(0, event{kind: look})
	}
	for i, reclaim := range c.Reclaims {
		r.at(reclaim.At, event{kind: reclaimed, photo: int32(i)})
	}
	end := c.Arrivals[len(c.Arrivals)-1] + tail
	for !r.over() {
		e := r.next()
		if e.at > end {
			break
		}
		r.now = e.at
		r.handle(e)
	}
	r.finish()
	return &r.result, nil
}

// over reports that nothing is left to see.
func (r *run) over() bool {
	return r.open == 0 && len(r.fleet.alive) <= r.Policies.Min && r.fleet.desired <= r.Policies.Min
}

func (r *run) handle(e event) {
	switch e.kind {
	case upload:
		r.uploaded(e.photo)
	case visible:
		r.visible(e)
	case moved:
		r.moved(e)
	case rendered:
		r.rendered(e)
	case failed:
		r.failed(e)
	case ready:
		r.start(e.task)
		r.dispatch()
	case unprotected:
		r.unprotected(e)
	case drained:
		r.drainEnds(e.task)
	case killed:
		r.kill(e.task)
	case minute:
		r.watch.Sample(r.queue.visible(), r.queue.inFlight, r.fleet.running)
		r.at(r.now+r.AWS.MetricPeriod, e)
	case decide:
		r.decide()
		r.at(r.now+r.AWS.MetricPeriod, e)
	case look:
		r.look()
		r.at(r.now+r.AWS.LookPeriod, e)
	case reclaimed:
		r.reclaim(r.Reclaims[e.photo])
	case point:
		r.point()
		r.at(r.now+r.Step, e)
	}
}

// decide has the policies decide by what CloudWatch has.
func (r *run) decide() {
	m := r.watch.At(r.now, r.AWS)
	metrics := make(map[string]autoscaling.Series, len(r.Metrics))
	for name, metric := range r.Metrics {
		metrics[name] = metric(m)
	}
	d := r.group.Decide(epoch.Add(r.now), r.fleet.desired, metrics)
	r.want(d.Desired, d.Policy)
}

// look has the fast policy decide by the queue itself.
func (r *run) look() {
	now := scaling.Reading{At: epoch.Add(r.now), Visible: r.queue.visible(), InFlight: r.queue.inFlight, Running: r.fleet.running}
	n := r.Fast.Decide(r.last, now, r.fleet.desired)
	r.last = now
	r.want(n, "fast")
}

// want sets the desired count.
func (r *run) want(n int, policy string) {
	if n == r.fleet.desired {
		return
	}
	r.result.Changes = append(r.result.Changes, Change{r.now, r.fleet.desired, n, policy})
	r.fleet.desired = n
	r.reconcile()
}

var epoch = time.Unix(0, 0)
