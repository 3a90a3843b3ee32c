package pool

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"darkroom/worker/internal/queue"
)

// delivery is one received message until it is settled.
type delivery struct {
	queue.Message
	cancel context.CancelCauseFunc
	ctx    context.Context // passed to the handler; ends with the visibility timeout, or when the drain cuts handlers off

	visibility visibility
	started    time.Time // when the handler was last called; guarded by inFlight.mu
	outcome    string    // what to count once the message is deleted
}

// newDelivery takes over a message. receiveBegun is when its receive began.
func (p *Pool) newDelivery(ph phases, m queue.Message, receiveBegun time.Time) *delivery {
	m.Received = time.Now()
	d := &delivery{Message: m}
	d.ctx, d.cancel = context.WithCancelCause(ph.working)
	d.ctx = context.WithValue(d.ctx, recognizeKey{}, p.strangers.recognize)
	d.ctx = context.WithValue(d.ctx, confirmKey{}, func(ctx context.Context) error { return p.confirm(ctx, ph, d) })
	p.inFlight.add(d, receiveBegun)
	return d
}

// work calls the handler and settles the message. It frees the slot early while the message waits for something else.
func (p *Pool) work(ph phases, d *delivery, freeSlot func()) {
	notBusy := sync.OnceFunc(p.cfg.Metrics.busy.Dec)
	p.cfg.Metrics.busy.Inc()
	defer notBusy()
	defer d.cancel(nil)
	err, cause := p.callUntilDone(ph, d)
	p.inFlight.handlerEnded(d) // settling may wait for the queue, which no new process would make faster
	if errors.Is(err, ErrBadMessage) && cause == nil && !p.strangers.isRecognized() {
		notBusy()
		freeSlot()
		if back := p.strangers.hold(ph.running, d, err); back != nil {
			err, cause = back, back
		}
	}
	p.settle(ph, d, err, cause)
}

// callUntilDone calls the handler, again and again while the breaker is open. cause is why the context of the last call
// ended.
func (p *Pool) callUntilDone(ph phases, d *delivery) (err, cause error) {
	for {
		trial, err := p.breaker.admit(ph.running, d.ctx)
		if err != nil {
			return err, err
		}
		p.inFlight.handlerStarted(d)
		err, cause = p.callWithTimeout(d)
		v := verdictOther
		switch {
		case err == nil:
			v = verdictHandled
		case cause != nil:
			v = verdictNone
		case errors.Is(err, ErrUnavailable):
			v = verdictUnavailable
		}
		if !p.breaker.report(ph.running, d, trial, v, err) {
			return err, cause
		}
		// A slot that waits for the breaker is not expected to make progress.
		p.inFlight.handlerEnded(d)
		p.cfg.Metrics.retries.WithLabelValues(retryUnavailable).Inc()
	}
}

// callWithTimeout calls the handler once, within the job timeout.
func (p *Pool) callWithTimeout(d *delivery) (err, cause error) {
	ctx, cancel := context.WithTimeoutCause(d.ctx, p.cfg.JobTimeout, ErrDeadline)
	defer cancel()
	err = p.callHandler(ctx, d.Message)
	if err != nil {
		cause = context.Cause(ctx)
	}
	return err, cause
}

// errPanic marks the error of a handler that panicked.
var errPanic = errors.New("handler panicked")

// callHandler calls the handler and returns its panic as an error.
func (p *Pool) callHandler(ctx context.Context, m queue.Message) (err error) {
	defer func() {
		if v := recover(); v != nil {
			p.cfg.Log.Error("handler panicked", "message", m.ID, "panic", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errPanic, v)
		}
	}()
	return p.handle(ctx, m)
}
