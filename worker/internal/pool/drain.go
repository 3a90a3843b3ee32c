package pool

import (
	"context"
	"sync"
	"time"
)

// phases are the parts of a run, as contexts in the order in which they end. None but the first ends with the context
// of Run: a cancelled receive may strand the messages it was about to return, and what is in hand is to be finished.
type phases struct {
	run   context.Context // until the pool is asked to stop; then it drains
	work  context.Context // until 4/5 of the drain timeout: polls in the air, and handlers
	hands context.Context // until 9/10 of it: handlers that are slow to return after they were cancelled
	calls context.Context // until its end: calls to the queue
}

// phases begins a run. The function that it returns ends it.
func (p *Pool) phases(ctx context.Context) (ph phases, drained func()) {
	whole := context.WithoutCancel(ctx)
	work, endWork := context.WithCancelCause(whole)
	hands, endHands := context.WithCancel(whole)
	calls, endCalls := context.WithCancel(whole)
	over := make(chan struct{})
	var clock sync.WaitGroup
	clock.Go(func() {
		select {
		case <-ctx.Done():
		case <-over:
			return
		}
		p.health.drain()
		p.cfg.Log.Info("draining", "messages", p.leases.count(), "timeout", p.cfg.DrainTimeout.String())
		begun := time.Now()
		for _, step := range []struct {
			tenths int
			end    func()
		}{{8, func() { endWork(ErrDrained) }}, {9, endHands}, {10, endCalls}} {
			select {
			case <-time.After(p.cfg.DrainTimeout/10*time.Duration(step.tenths) - time.Since(begun)):
				step.end()
			case <-over:
				return
			}
		}
	})
	return phases{ctx, work, hands, calls}, func() {
		close(over)
		clock.Wait()
		endWork(nil)
		endHands()
		endCalls()
	}
}

// awaitJobs waits until the last job has ended. Handlers that do not return in spite of the cancellation are left
// behind, and their messages released: whoever gets one repeats work that may still go on here, which is safe.
func (p *Pool) awaitJobs(ph phases) {
	ended := make(chan struct{})
	go func() {
		p.jobs.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return
	case <-ph.hands.Done():
	}
	var releases sync.WaitGroup
	for _, j := range p.leases.unclaimed() {
		p.cfg.Log.Error("the handler has not returned, its message is released", "message", j.ID)
		releases.Go(func() { p.release(ph, j) })
	}
	releases.Wait()
	// Jobs that are being settled end by themselves, with the calls at the latest.
	select {
	case <-ended:
	case <-p.leases.none():
	case <-ph.calls.Done():
	}
}
