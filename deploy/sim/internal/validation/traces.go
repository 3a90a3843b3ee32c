package validation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/format"
	"darkroom/deploy/sim/internal/scenario"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/worker/plural"
	"darkroom/worker/scaling"
)

// Measurement compares a value of the simulator with one that somebody has published, or that follows from a formula.
type Measurement struct {
	What          string
	Sim, Observed float64
	Unit          string
	Tolerance     float64 // largest relative error
	Source        string
}

// relativeError returns the relative error.
func (m Measurement) relativeError() float64 { return m.Sim/m.Observed - 1 }

// Behaviour is how AWS is simulated for the traces.
type Behaviour struct {
	AWS simulation.AWS
	// tracks changes a target tracking policy before it is simulated. nil changes nothing.
	tracks func(*autoscaling.TargetTracking)
}

// Traces compares the simulator with published measurements.
func Traces(ctx context.Context, b Behaviour) ([]Measurement, error) {
	var all []Measurement
	for _, trace := range []func(context.Context, Behaviour) ([]Measurement, error){launchTraces, alarmTrace, sizeTrace, incidentTrace} {
		more, err := trace(ctx, b)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// traceSystem returns a service of tasks that render one photo at a time, on demand and without any limit. Nothing but
// rendering takes time.
func traceSystem(aws simulation.AWS, fewest, most int, photo time.Duration) traced {
	aws.EventMedian, aws.Call = 0, 0
	return traced{simulation.Config{
		Seed: 1, AWS: aws, PointInterval: time.Second,
		Policies: autoscaling.Config{Bounds: scaling.Bounds{Min: fewest, Max: most}},
		Worker: simulation.Worker{Processors: 1, Slots: 1, PhotoTime: photo, MaxReceives: 5, Visibility: 30 * time.Second,
			DrainTimeout: time.Minute, StopTimeout: 2 * time.Minute, Linger: -1},
		Fleet: simulation.Fleet{OnDemandWeight: 1, VCPU: 1, MemoryGB: 2}, Metrics: map[string]simulation.Metric{},
	}}
}

// traced is the configuration of a trace.
type traced struct{ simulation.Config }

// track adds a target tracking policy.
func (c *traced) track(b Behaviour, t autoscaling.TargetTracking, m simulation.Metric) {
	if b.tracks != nil {
		b.tracks(&t)
	}
	c.Policies.TargetTracking = append(c.Policies.TargetTracking, t)
	c.Metrics[t.Name] = m
}

// launchTraces asks a service for many tasks at once, and compares when they run.
func launchTraces(ctx context.Context, b Behaviour) ([]Measurement, error) {
	var all []Measurement
	for _, l := range launches {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		aws := b.AWS
		if l.burst > 0 {
			aws.LaunchBurst, aws.LaunchRate = l.burst, l.rate
		}
		if aws.ServiceRate *= l.services; l.serviceRate > 0 {
			aws.ServiceRate = l.serviceRate * l.services
		}
		c := traceSystem(aws, 1, l.tasks, 3*time.Hour)
		c.Arrivals = make([]time.Duration, 1)
		c.Policies.StepScaling = []autoscaling.StepScaling{{Name: "out", Type: autoscaling.ExactCapacity,
			Alarm: autoscaling.Alarm{Threshold: 0, Comparison: autoscaling.AtOrAbove, Periods: 1}, Steps: []autoscaling.Step{{Lower: 0, Upper: math.Inf(1), Adjustment: l.tasks}}}}
		c.Metrics["out"] = func(simulation.Measured) autoscaling.Series { return autoscaling.Series{1} }
		r, err := simulation.Run(c.Config)
		if err != nil {
			return nil, err
		}
		for _, o := range l.observed {
			all = append(all, Measurement{fmt.Sprintf("%s: %s tasks run after", l.what, format.Number(o.tasks)),
				runningAfter(r, o.tasks), o.after.Seconds(), "s", l.tolerance, l.source})
		}
	}
	return all, nil
}

// runningAfter returns how many seconds after the first change of the desired count a number of tasks runs.
func runningAfter(r *simulation.Result, tasks int) float64 {
	for _, p := range r.Points {
		if p.Running >= tasks && len(r.Changes) > 0 {
			return (p.At - r.Changes[0].At).Seconds()
		}
	}
	return math.Inf(1)
}

// alarmTrace puts a load on a service with target tracking, at a random second, and compares when it asks for more
// tasks and when they run.
func alarmTrace(ctx context.Context, b Behaviour) ([]Measurement, error) {
	const seeds = 40
	var all []Measurement
	for _, alarm := range alarms {
		policy := autoscaling.TargetTracking{Name: "track", Target: 0.5}
		metric := func(m simulation.Measured) autoscaling.Series { return m.Visible }
		if alarm.highResolution {
			policy.HighResolution, policy.NoScaleIn, policy.Target = true, true, 50
			metric = func(m simulation.Measured) autoscaling.Series { return m.CPU }
		}
		var triggered, running float64
		for seed := range uint64(seeds) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			c := traceSystem(b.AWS, 1, 2, time.Hour)
			c.Seed = seed + 1
			start := scenario.Quiet + time.Minute*time.Duration(seed)/seeds
			c.Arrivals = make([]time.Duration, 3)
			for i := range c.Arrivals {
				c.Arrivals[i] = start
			}
			c.track(b, policy, metric)
			r, err := simulation.Run(c.Config)
			if err != nil {
				return nil, err
			}
			decided := math.Inf(1)
			if len(r.Changes) > 0 {
				decided = (r.Changes[0].At - start).Seconds()
			}
			triggered += decided / seeds
			running += (decided + runningAfter(r, 2)) / seeds
		}
		all = append(all,
			Measurement{alarm.what + ": from the load to the decision", triggered, alarm.decided.Seconds(), "s",
				alarm.tolerance, alarm.source},
			Measurement{"the same, until the new task runs", running, alarm.running.Seconds(), "s", alarm.tolerance, alarm.source})
	}
	return all, nil
}

// sizeTrace has a backlog that does not shrink, and compares how many tasks target tracking wants for it.
func sizeTrace(_ context.Context, b Behaviour) ([]Measurement, error) {
	c := traceSystem(b.AWS, size.tasks, 100, 3*time.Hour)
	c.Arrivals = make([]time.Duration, size.messages+size.tasks)
	for i := range c.Arrivals {
		c.Arrivals[i] = scenario.Quiet
	}
	c.track(b, autoscaling.TargetTracking{Name: "track", Target: size.latency.Seconds()}, func(m simulation.Measured) autoscaling.Series {
		s := make(autoscaling.Series, len(m.Visible))
		for i := range s {
			s[i] = m.Visible[i] * size.perMessage.Seconds() / m.Tasks[i]
		}
		return s
	})
	r, err := simulation.Run(c.Config)
	if err != nil {
		return nil, err
	}
	wanted := size.tasks
	if len(r.Changes) > 0 {
		wanted = r.Changes[0].To
	}
	return []Measurement{{fmt.Sprintf("%s messages waiting for %s: tasks wanted", format.Number(size.messages),
		plural.Count(size.tasks, "task")), float64(wanted), float64(size.wanted), "", size.tolerance, size.source}}, nil
}

// incidentTrace has a pipeline lose a part of its throughput for a while, and compares how long its events wait. The
// two rates follow from the published peak and end of the delay, so only the reading between them is a prediction. Spot
// tasks that AWS takes back for a while are the lost throughput.
func incidentTrace(_ context.Context, b Behaviour) ([]Measurement, error) {
	i := incident
	// At the peak the event that is done is as old as the delay, and at the end all events are done.
	during := (i.peakAt - i.peak).Seconds() / i.peakAt.Seconds()
	after := (i.clearAt - (i.peakAt - i.peak)).Seconds() / (i.clearAt - i.peakAt).Seconds()
	const tasks = 200
	c := traceSystem(b.AWS, tasks, tasks, time.Second)
	c.AWS.StartLeast, c.AWS.StartMost, c.AWS.SlowStarts, c.AWS.LaunchBurst = 0, 0, 0, tasks
	c.Fleet.OnDemandWeight, c.Fleet.SpotWeight = 0, 1
	each := time.Duration(float64(time.Second) * after / tasks)
	for at := time.Duration(0); at < i.clearAt+10*time.Minute; at += each {
		c.Arrivals = append(c.Arrivals, at)
	}
	const start = time.Minute
	c.Reclaims = []simulation.Reclaim{{At: start, Share: 1 - during/after, NoSpot: i.peakAt}}
	r, err := simulation.Run(c.Config)
	if err != nil {
		return nil, err
	}
	// A point has the delay of the events that came just before it, which are done that much later.
	var peak, cleared, reading float64
	for _, p := range r.Points {
		delay, done := (p.P50 - time.Second).Seconds(), p.At+p.P50-start
		if delay > peak {
			peak = delay
		}
		if delay > 1 {
			cleared = done.Seconds()
		}
		if done <= i.readAt {
			reading = delay
		}
	}
	return []Measurement{
		{i.what + ": longest delay (sets the rates)", peak, i.peak.Seconds(), "s", i.tolerance, i.source},
		{i.what + ": until it was gone (sets the rates)", cleared, i.clearAt.Seconds(), "s", i.tolerance, i.source},
		{fmt.Sprintf("%s: delay %.0f min after its start", i.what, i.readAt.Minutes()), reading, i.read.Seconds(), "s",
			i.readTolerance, i.source},
	}, nil
}

// WriteMeasurements prints a table, with headings for the measurement and for what it is compared with. The error names
// each measurement that is off by more than its tolerance.
func WriteMeasurements(w io.Writer, what, truth string, all []Measurement) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintf(t, "%s\tSIMULATOR\t%s\tOFF BY\tTOLERANCE\n", what, truth)
	var wrong error
	for _, m := range all {
		fmt.Fprintf(t, "%s\t%.4g%s\t%.4g%s\t%+.1f %%\t%.0f %%\n", m.What, m.Sim, m.Unit, m.Observed, m.Unit, 100*m.relativeError(),
			100*m.Tolerance)
		if !(math.Abs(m.relativeError()) <= m.Tolerance) {
			err := fmt.Errorf("%s is off by %.1f %%, more than %.0f %%", m.What, 100*m.relativeError(), 100*m.Tolerance)
			if m.Source != "" {
				err = fmt.Errorf("%w: %s", err, m.Source)
			}
			wrong = errors.Join(wrong, err)
		}
	}
	t.Flush()
	return wrong
}
