package pool

import (
	"context"
	"sync"
	"time"
)

// phases are the contexts of a run, in the order in which they end. Only the first ends with the context of Run:
// cancelling a receive could strand the messages that it was about to return, and handlers are to finish.
type phases struct {
	running   context.Context // until the pool is asked to stop
	working   context.Context // until 4/5 of the drain timeout: receives in progress, and handlers
	returning context.Context // until 9/10 of it: handlers that are slow to return after their cancellation
	calling   context.Context // until its end: calls to the queue
}

// startPhases starts a run. The function that it returns ends the run.
func (p *Pool) startPhases(ctx context.Context) (ph phases, end func()) {
	whole := context.WithoutCancel(ctx)
	working, endWorking := context.WithCancelCause(whole)
	returning, endReturning := context.WithCancel(whole)
	calling, endCalling := context.WithCancel(whole)
	over := make(chan struct{})
	var clock sync.WaitGroup
	clock.Go(func() {
		select {
		case <-ctx.Done():
		case <-over:
			return
		}
		p.health.drain()
		p.cfg.Log.Info("draining", "messages", p.inFlight.count(), "timeout", p.cfg.DrainTimeout.String())
		begun := time.Now()
		for _, step := range []struct {
			tenths int
			end    func()
		}{{8, func() { endWorking(ErrDrained) }}, {9, endReturning}, {10, endCalling}} {
			select {
			case <-time.After(p.cfg.DrainTimeout/10*time.Duration(step.tenths) - time.Since(begun)):
				step.end()
			case <-over:
				return
			}
		}
	})
	return phases{ctx, working, returning, calling}, func() {
		close(over)
		clock.Wait()
		endWorking(nil)
		endReturning()
		endCalling()
	}
}

// awaitDeliveries waits until the last delivery has ended. If a handler does not return although its context was
// cancelled, awaitDeliveries abandons it and releases its message. Another worker may then repeat the work while it
// still goes on here, which is safe.
func (p *Pool) awaitDeliveries(ph phases) {
	ended := make(chan struct{})
	go func() {
		p.deliveries.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return
	case <-ph.returning.Done():
	}
	var releases sync.WaitGroup
	for _, d := range p.inFlight.claimRest() {
		p.cfg.Log.Error("handler has not returned, its message is released", "message", d.ID)
		releases.Go(func() { p.release(ph, d) })
	}
	releases.Wait()
	// Deliveries that are being settled end by themselves, at the latest with the calls.
	select {
	case <-ended:
	case <-p.inFlight.emptied():
	case <-ph.calling.Done():
	}
}
