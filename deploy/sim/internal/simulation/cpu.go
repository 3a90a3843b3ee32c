package simulation

import (
	"math"
	"time"
)

// processors integrates how long the processors of the tasks render, and how long the tasks run, over time. A task runs
// until its container has ended, so also while it drains.
type processors struct {
	tasks, busy int           // now: tasks, and processors that render
	last        time.Duration // moment up to which the sums below count
	run, render time.Duration // sums over the tasks, and over the processors
}

// change counts tasks and busy processors that begin or end now.
func (p *processors) change(now time.Duration, tasks, busy int) {
	since := now - p.last
	p.run += since * time.Duration(p.tasks)
	p.render += since * time.Duration(p.busy)
	p.last, p.tasks, p.busy = now, p.tasks+tasks, p.busy+busy
}

// usage is what the sums were at some moment.
type usage struct{ at, run, render time.Duration }

// usage returns the sums up to now.
func (p *processors) usage(now time.Duration) usage {
	p.change(now, 0, 0)
	return usage{now, p.run, p.render}
}

// average returns the average CPU utilization of the tasks since an earlier moment, in per cent, or NaN if none ran.
// each is the number of processors of a task.
func (u usage) average(since usage, each int) float64 {
	if u.run == since.run {
		return math.NaN()
	}
	return 100 * float64(u.render-since.render) / (float64(each) * float64(u.run-since.run))
}

// total returns the CPU utilization of all tasks together since an earlier moment, in per cent of one task.
func (u usage) total(since usage, each int) float64 {
	return 100 * float64(u.render-since.render) / (float64(each) * float64(u.at-since.at))
}

// highResolution reports whether a policy follows the CPU every 20 s.
func (c Config) highResolution() bool {
	for _, t := range c.Policies.TargetTracking {
		if t.HighResolution {
			return true
		}
	}
	return false
}

// sampleCPU takes a sample of the average CPU utilization since the previous one.
func (r *run) sampleCPU() {
	u := r.processors.usage(r.now)
	r.watch.cpu.add(r.rand, r.now, u.average(r.sampled, r.Worker.Processors), r.AWS.CPU)
	r.sampled = u
}
