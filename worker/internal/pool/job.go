package pool

import (
	"darkroom/worker/internal/queue"

	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// job is one message in hand.
type job struct {
	queue.Message
	cancel context.CancelCauseFunc
	ctx    context.Context // of all tries; ends with the lease and at the drain's cut

	lease   lease
	started time.Time // when the handler was last called; guarded by leases.mu
	outcome string    // what to count once the message is deleted
}

// newJob takes a message in hand. asked is when its receive began.
func (p *Pool) newJob(ph phases, m queue.Message, asked time.Time) *job {
	m.Received = time.Now()
	j := &job{Message: m}
	j.ctx, j.cancel = context.WithCancelCause(ph.work)
	p.leases.hold(j, asked)
	return j
}

// work handles a job's message and settles it.
func (p *Pool) work(ph phases, j *job) {
	p.cfg.Metrics.busy.Inc()
	defer p.cfg.Metrics.busy.Dec()
	defer j.cancel(nil)
	defer p.leases.ran(j)
	err, cause := p.tries(ph, j)
	p.settle(ph, j, err, cause)
}

// tries calls the handler, again and again while the breaker has it so. cause is why the last try's context ended.
func (p *Pool) tries(ph phases, j *job) (err, cause error) {
	for {
		trial, err := p.breaker.pass(ph.run, j.ctx)
		if err != nil {
			return err, err
		}
		p.leases.runs(j)
		err, cause = p.try(j)
		a := answerOther
		switch {
		case err == nil:
			a = answerHandled
		case cause != nil:
			a = answerNone
		case errors.Is(err, ErrUnavailable):
			a = answerUnavailable
		}
		if !p.breaker.verdict(ph.run, j, trial, a, err) {
			return err, cause
		}
		// The slot makes no progress while it waits for the breaker, and is not meant to.
		p.leases.ran(j)
		p.cfg.Metrics.retries.WithLabelValues(retryUnavailable).Inc()
	}
}

// try calls the handler once, until the job's deadline.
func (p *Pool) try(j *job) (err, cause error) {
	ctx, cancel := context.WithTimeoutCause(j.ctx, p.cfg.JobTimeout, ErrDeadline)
	defer cancel()
	err = p.protect(ctx, j.Message)
	if err != nil {
		cause = context.Cause(ctx)
	}
	return err, cause
}

// errPanic marks the error of a handler that panicked.
var errPanic = errors.New("handler panicked")

// protect calls the handler and turns its panic into an error.
func (p *Pool) protect(ctx context.Context, m queue.Message) (err error) {
	defer func() {
		if v := recover(); v != nil {
			p.cfg.Log.Error("handler panicked", "message", m.ID, "panic", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errPanic, v)
		}
	}()
	return p.handle(ctx, m)
}
