package pool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"
)

// settleTimeout bounds the final calls for a message: they are made even when the job was cancelled.
const settleTimeout = 3 * time.Second

// job handles one message under a heartbeat and settles it.
func (p *Pool) job(work context.Context, m Message) {
	start := time.Now()
	p.cfg.Metrics.busy.Inc()
	defer p.cfg.Metrics.busy.Dec()

	deadline, cancelDeadline := context.WithTimeoutCause(work, p.cfg.JobTimeout, ErrDeadline)
	defer cancelDeadline()
	ctx, cancel := context.WithCancelCause(deadline)
	defer cancel(nil)

	// The heartbeat has ended before the message is settled, so that no late extension overwrites a back-off.
	var heartbeat sync.WaitGroup
	beat, stopBeat := context.WithCancel(ctx)
	heartbeat.Go(func() { p.heartbeat(beat, m, cancel) })
	err := p.protect(ctx, m)
	stopBeat()
	heartbeat.Wait()

	p.settle(work, m, err, context.Cause(ctx))
	p.cfg.Metrics.jobSeconds.Observe(time.Since(start).Seconds())
}

// protect calls the handler and turns its panic into an error.
func (p *Pool) protect(ctx context.Context, m Message) (err error) {
	defer func() {
		if v := recover(); v != nil {
			p.cfg.Log.Error("handler panicked", "message", m.ID, "panic", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("message %s: panic: %v", m.ID, v)
		}
	}()
	return p.handle(ctx, m)
}

// heartbeat extends the lease until ctx ends; if it is lost, it cancels the job.
func (p *Pool) heartbeat(ctx context.Context, m Message, cancel context.CancelCauseFunc) {
	t := time.NewTicker(p.cfg.Visibility / 3)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		switch err := p.queue.SetVisibility(ctx, m, p.cfg.Visibility); {
		case err == nil || ctx.Err() != nil:
		case errors.Is(err, ErrLeaseLost):
			cancel(ErrLeaseLost)
			return
		default:
			// Two more beats come before the lease ends.
			p.cfg.Log.Warn("lease not extended", "message", m.ID, "error", err)
		}
	}
}

// settle ends the message's stay by the handler's error and, if the job was cancelled, by its cause.
func (p *Pool) settle(work context.Context, m Message, err, cause error) {
	switch {
	case err == nil:
		p.delete(work, m)
	case errors.Is(cause, ErrLeaseLost):
		// Whoever holds the message now does the work.
		p.cfg.Metrics.settled.WithLabelValues(outcomeLeaseLost).Inc()
		p.cfg.Log.Warn("lease lost", "message", m.ID, "receives", m.ReceiveCount)
	case errors.Is(cause, ErrDrained):
		p.release(work, m)
	default:
		pause := backoff(m.ReceiveCount, retryFirst, retryMost)
		p.cfg.Metrics.settled.WithLabelValues(outcomeRetried).Inc()
		p.cfg.Log.Error("job failed", "message", m.ID, "receives", m.ReceiveCount, "pause", pause.String(), "error", err)
		p.setVisibility(work, m, pause)
	}
}

// delete removes a finished message. If that fails for good the message comes back, and its handler finds that
// nothing is left to do.
func (p *Pool) delete(work context.Context, m Message) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(work), settleTimeout)
	defer cancel()
	var err error
	for try := 1; try <= 3; try++ {
		if err = p.queue.Delete(ctx, m); err == nil {
			p.cfg.Metrics.settled.WithLabelValues(outcomeDeleted).Inc()
			return
		}
		sleep(ctx, backoff(try, 100*time.Millisecond, time.Second))
	}
	p.cfg.Metrics.settled.WithLabelValues(outcomeNotDeleted).Inc()
	p.cfg.Log.Error("message not deleted, it will be received again", "message", m.ID, "error", err)
}

// release gives a message back at once, for another worker to take. That is no failure.
func (p *Pool) release(work context.Context, m Message) {
	p.cfg.Metrics.settled.WithLabelValues(outcomeReleased).Inc()
	p.setVisibility(work, m, 0)
}

// setVisibility lets go of a message; if that fails the lease runs out by itself.
func (p *Pool) setVisibility(work context.Context, m Message, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(work), settleTimeout)
	defer cancel()
	if err := p.queue.SetVisibility(ctx, m, d); err != nil {
		p.cfg.Log.Warn("visibility not set, the lease runs out by itself", "message", m.ID, "error", err)
	}
}

// A failed message comes back after retryFirst, twice as long after each further failure, at most retryMost.
const (
	retryFirst = 2 * time.Second
	retryMost  = 5 * time.Minute
)

// backoff returns a random pause between half of and the whole of first doubled tries-1 times, at most most. The
// randomness keeps messages that failed together from coming back together.
func backoff(tries int, first, most time.Duration) time.Duration {
	d := first
	for i := 1; i < tries && d < most; i++ {
		d *= 2
	}
	d = min(d, most)
	return d/2 + rand.N(d/2+1)
}
