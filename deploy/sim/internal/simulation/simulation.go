// Package simulation is a discrete-event simulation of what happens between an upload and its variants: uploads, S3's
// events, the queue, CloudWatch's metrics, the scaling policies, tasks that start and end on Fargate, and the workers
// in them.
//
// AWS's policies decide in package autoscaling. The fast policy decides in darkroom/worker/scaling, as in `worker
// scale`. All randomness comes from the seed: the same [Config] gives the same [Result].
//
// The simulation makes some simplifications. A queue is in order, but for the rule of fair queues. A worker with free
// slots always has a receive waiting. A photo is transferred first, download and upload in one, and rendered then.
package simulation

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/worker/scaling"
)

// Measured holds CloudWatch's metrics of the queues and the tasks: one value a minute, and one of the CPU every 20 s. NaN
// is a value that does not exist, or has not arrived yet.
type Measured struct {
	Visible, InFlight, Tasks      autoscaling.Series // the queue that photos are rendered from, and the tasks
	CPU                           autoscaling.Series // average utilization in per cent; only for policies that follow it
	EventsVisible, EventsInFlight autoscaling.Series // the queue that S3 notifies; empty if that is the same
}

// Metric computes the metric that a policy follows.
type Metric func(Measured) autoscaling.Series

// Config describes one run. The times in Arrivals and Reclaims count from its start.
type Config struct {
	Seed          uint64
	Arrivals      []time.Duration // time of each upload, in order
	Poison        float64         // share of the photos whose every try fails
	WarmUp        time.Duration   // latencies do not include photos uploaded before this time
	Worker        Worker
	Fleet         Fleet
	AWS           AWS
	Policies      autoscaling.Config
	Metrics       map[string]Metric // key: name of the policy
	Fast          *scaling.Fast     // nil: off
	Midnight      time.Duration     // start of the first hour that History does not have
	History       []float64         // load of each hour before Midnight: CPU of all tasks, in per cent of one task
	Reclaims      []Reclaim
	Deployments   []Deployment  // in order
	Moves         int           // tasks that zone rebalancing moves each minute
	Routing       *Routing      // nil: there is one queue
	BoardOf       []int32       // board of each photo, from 1; nil: each photo is on a board of its own
	Boards        int           // boards that the photos are on, each a prefix of originals in S3; 0 means that S3 limits nothing
	PointInterval time.Duration // between two points of Result.Points
}

// Reclaim is a moment at which AWS reclaims Spot tasks.
type Reclaim struct {
	At     time.Duration
	Share  float64       // share of all running tasks, taken from those on Spot
	NoSpot time.Duration // time after it in which no Spot task starts
}

// Validate reports the first setting that cannot be used.
func (c Config) Validate() error {
	if !slices.IsSorted(c.Arrivals) || len(c.Arrivals) == 0 || c.Arrivals[0] < 0 {
		return errors.New("arrivals: want at least one upload, in order, at 0 or later")
	}
	if len(c.Deployments) > 0 {
		if err := c.Fleet.Rolling.validate(); err != nil {
			return err
		}
	}
	if c.BoardOf != nil && (len(c.BoardOf) != len(c.Arrivals) || c.Boards != 0) {
		return errors.New("boards: want the board of each photo, or only the number of boards")
	}
	if c.Moves < 0 {
		return fmt.Errorf("moves (%d) must not be negative", c.Moves)
	}
	if c.Poison < 0 || c.Poison > 1 || c.PointInterval <= 0 {
		return fmt.Errorf("share of poison (%v) must be 0 to 1, and the interval between points (%v) more than 0", c.Poison, c.PointInterval)
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
	if c.Midnight < 0 {
		return fmt.Errorf("midnight (%v) must not be before the start", c.Midnight)
	}
	if c.Fast != nil {
		if err := c.Fast.Validate(); err != nil {
			return err
		}
	}
	return errors.Join(c.Worker.validate(), c.Routing.validate(), c.Fleet.validate(), c.AWS.validate())
}

// tail is the longest time that is simulated after the last upload.
const tail = 12 * time.Hour

// run is the state of a run.
type run struct {
	Config
	clock
	rand       *rand.Rand
	photos     []photo
	queue      queue
	events     events
	fleet      fleet
	watch      CloudWatch
	group      *autoscaling.Group
	shards     [shards]prefix // in the variants bucket
	processors processors
	sampled    usage // at the last sample of the CPU
	forecast   forecast
	last       scaling.Reading // last reading of the fast policy
	unsettled  int             // photos without an outcome
	toDeploy   int             // deployments to come
	result     Result
}

// Run simulates until all photos have an outcome and the added tasks are gone again, or until 12 hours after the last
// upload.
func Run(c Config) (*Result, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	group, err := autoscaling.NewGroup(c.Policies)
	if err != nil {
		return nil, err
	}
	originals := 0
	if c.Boards > 0 {
		c.Arrivals, originals = land(c.Arrivals, c.Boards)
	}
	r := &run{Config: c, rand: rand.New(rand.NewPCG(c.Seed, 0x6461726b726f6f6d)), photos: make([]photo, len(c.Arrivals)), group: group, unsettled: len(c.Arrivals)}
	r.result.Puts.Originals = originals
	r.queue = r.newQueue()
	r.fleet.desired = c.Policies.Min
	for range c.Policies.Min { // these tasks have been running for a long time
		r.startTask(r.launch(r.nextOnSpot()))
	}
	r.schedule(c.Arrivals[0], event{kind: eventUploaded})
	r.schedule(0, event{kind: eventPoint})
	r.schedule(c.AWS.MetricPeriod, event{kind: eventSample})
	r.schedule(c.AWS.MetricPeriod+c.AWS.AlarmDelay, event{kind: eventEvaluate})
	if c.highResolution() {
		r.schedule(c.AWS.CPUPeriod, event{kind: eventSampleCPU})
		r.schedule(c.AWS.CPUEvaluation, event{kind: eventEvaluateCPU})
	}
	r.startForecast()
	if c.Fast != nil {
		r.schedule(0, event{kind: eventPoll})
	}
	if c.Moves > 0 {
		r.schedule(moveInterval, event{kind: eventMove})
	}
	for i, reclaim := range c.Reclaims {
		r.schedule(reclaim.At, event{kind: eventReclaim, photo: int32(i)})
	}
	for i, d := range c.Deployments {
		r.schedule(d.At, event{kind: eventDeploy, photo: int32(i)})
		r.toDeploy++
	}
	end := c.Arrivals[len(c.Arrivals)-1] + tail
	for !r.done() {
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

// done reports that nothing is left to simulate.
func (r *run) done() bool {
	least := max(r.Policies.Min, r.group.Floor())
	return r.unsettled == 0 && !r.deploying() && len(r.fleet.alive)-r.fleet.moving <= least && r.fleet.desired <= least
}

func (r *run) handle(e event) {
	switch e.kind {
	case eventUploaded:
		r.uploaded(e.photo)
	case eventVisible:
		r.visible(e)
	case eventTransferred:
		r.transferred(e)
	case eventRendered:
		r.rendered(e)
	case eventStored:
		r.stored(e)
	case eventFailed:
		r.failed(e)
	case eventTaskReady:
		r.startTask(e.task)
		r.moved(e.task)
		r.route()
		r.dispatch()
	case eventUnprotected:
		r.unprotected(e)
	case eventProtect:
		r.protect(e)
	case eventTaskEnded, eventHealthy:
		r.reconcile()
	case eventUnhealthy:
		r.unhealthy(e.task)
	case eventDeploy:
		r.toDeploy--
		r.deploy(e.photo)
	case eventDrained:
		r.drainTimedOut(e.task)
	case eventKilled:
		r.killTask(e.task)
	case eventSample:
		r.watch.Sample(r.rand, r.now, r.AWS, r.queue.Len(), r.queue.InFlight(), r.fleet.running)
		if r.Routing != nil {
			r.watch.SampleEvents(r.rand, r.now, r.AWS, r.events.waiting.n, r.events.inFlight)
		}
		r.schedule(r.now+r.AWS.MetricPeriod, e)
	case eventEvaluate:
		r.decide()
		r.schedule(r.now+r.AWS.MetricPeriod, e)
	case eventPoll:
		r.pollQueue()
		r.schedule(r.now+r.AWS.PollInterval, e)
	case eventRead:
		r.read(e)
	case eventSend:
		if e.count == r.fleet.tasks[e.task].intake.batches {
			r.send(e.task)
		}
	case eventForwarded:
		r.forwarded(e)
	case eventRouted:
		r.routed(e.task, int(e.count))
	case eventReclaim:
		r.reclaim(r.Reclaims[e.photo])
	case eventMove:
		r.move()
		r.schedule(r.now+moveInterval, e)
	case eventSampleCPU:
		r.sampleCPU()
		r.schedule(r.now+r.AWS.CPUPeriod, e)
	case eventEvaluateCPU:
		r.decideByCPU()
		r.schedule(r.now+r.AWS.CPUEvaluation, e)
	case eventHour:
		r.hour()
	case eventForecast:
		r.followForecast()
	case eventPoint:
		r.point()
		r.schedule(r.now+r.PointInterval, e)
	}
}

var epoch = time.Unix(0, 0)
