// Package trouble disturbs the workers of a system: it kills and freezes them, and makes S3 refuse their requests.
package trouble

import (
	"context"
	"slices"
	"sync"
	"time"

	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/soak/internal/system"
	"darkroom/worker/wait"
)

// Workers are the processes that can be disturbed, numbered from 0.
type Workers interface {
	KillWorker(i int)
	SuspendWorker(i int) (resume func(), err error)
}

// Disturber disturbs the workers at the planned moments.
type Disturber struct {
	Processed func(context.Context) int // returns the number of photos processed so far
	Metrics   []string                  // URLs of the workers' metrics
	Workers   Workers
	Refuse    func(context.Context, faults.Refusal) error

	mu     sync.Mutex
	counts Counts
	errs   []error
}

// Counts counts what happened to the workers.
type Counts struct {
	Settings
	Interrupted int // messages that workers were rendering or forwarding when they were killed or stopped
}

// patience is how long a kill or a freeze waits for a busy worker.
const patience = 3 * time.Second

// Run carries out the plan. When it returns, at the end of the plan or of ctx, no worker is stopped and S3 refuses nothing.
func (d *Disturber) Run(ctx context.Context, p Plan) {
	var all sync.WaitGroup
	all.Go(func() {
		for i, m := range p.Kills {
			if d.await(ctx, m) {
				d.kill(ctx, i)
			}
		}
	})
	all.Go(func() {
		for i, m := range p.freezes {
			if d.await(ctx, m) {
				d.freeze(ctx, i, m.length)
			}
		}
	})
	all.Go(func() {
		for _, o := range p.outages {
			if d.await(ctx, o.moment) {
				d.outage(ctx, o)
			}
		}
	})
	all.Wait()
}

// await waits until more photos are processed than the moment says. It reports false if ctx ends first.
func (d *Disturber) await(ctx context.Context, m moment) bool {
	for d.Processed(ctx) <= m.after {
		if wait.For(ctx, 50*time.Millisecond) != nil {
			return false
		}
	}
	return ctx.Err() == nil
}

// busyWorker returns a worker that is rendering or forwarding messages, and the number of these messages. It begins with
// worker n. After the time patience it returns an idle worker. It reports false if ctx ends first.
func (d *Disturber) busyWorker(ctx context.Context, n int) (worker, messages int, ok bool) {
	deadline := time.Now().Add(patience)
	for i := n; ; i++ {
		worker = i % len(d.Metrics)
		v, err := system.ReadMetrics(ctx, d.Metrics[worker])
		if messages = int(v[system.SlotsBusy] + v[system.RoutesBusy]); err == nil && (messages > 0 || time.Now().After(deadline)) {
			return worker, messages, true
		}
		if wait.For(ctx, 20*time.Millisecond) != nil {
			return 0, 0, false
		}
	}
}

// kill kills a busy worker.
func (d *Disturber) kill(ctx context.Context, n int) {
	worker, messages, ok := d.busyWorker(ctx, n)
	if !ok {
		return
	}
	d.Workers.KillWorker(worker)
	d.record(func(c *Counts) { c.Kills++; c.Interrupted += messages })
}

// freeze stops a worker for longer than the visibility timeout. Other workers get its messages, and then it goes on.
func (d *Disturber) freeze(ctx context.Context, n int, length time.Duration) {
	worker, messages, ok := d.busyWorker(ctx, n)
	if !ok {
		return
	}
	resume, err := d.Workers.SuspendWorker(worker)
	if err != nil { // the worker was just killed
		return
	}
	defer resume()
	if wait.For(ctx, length) == nil {
		d.record(func(c *Counts) { c.Freezes++; c.Interrupted += messages })
	}
}

// outage makes S3 refuse the workers for some time.
func (d *Disturber) outage(ctx context.Context, o outage) {
	err := d.Refuse(ctx, o.answer)
	if err == nil {
		_ = wait.For(ctx, o.length)
	}
	if end := d.Refuse(context.WithoutCancel(ctx), faults.Refusal{}); err == nil {
		err = end
	}
	switch {
	case err != nil && ctx.Err() == nil:
		d.fail(err)
	case o.policy:
		d.record(func(c *Counts) { c.Policies++ })
	default:
		d.record(func(c *Counts) { c.Credentials++ })
	}
}

func (d *Disturber) record(add func(*Counts)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	add(&d.counts)
}

func (d *Disturber) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.errs = append(d.errs, err)
}

// Counts returns the counts, and the errors that kept disturbances from happening.
func (d *Disturber) Counts() (Counts, []error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts, slices.Clone(d.errs)
}
