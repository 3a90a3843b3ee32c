package pool

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"darkroom/worker/wait"
)

const (
	// The breaker opens when this many messages in a row were unavailable, all within the window. One message is enough
	// when the probe fails too.
	breakerMessages = 3
	breakerWindow   = 15 * time.Minute
	// While the breaker is open, the first call of the probe comes after probeFirst. Each further pause doubles, up to
	// probeMost.
	probeFirst   = time.Second
	probeMost    = 15 * time.Second
	probeTimeout = 5 * time.Second
)

// breaker is the circuit breaker between handlers and the dependency that they share.
//
// While it is closed, every delivery may call its handler. It opens when several different messages in a row are
// unavailable, or when one is and the probe fails too: one message alone may depend on an object of its own that does
// not answer. While it is open, receives pause, and deliveries wait with their slots and visibility timeouts. When the
// probe succeeds, the delivery that has waited longest calls its handler as a trial. The breaker closes when the trial
// gets any answer.
//
// If a trial fails although the probe succeeds, its object may be broken, and so may those of the other waiting
// messages. Then no other message would ever get a trial. So the intake may receive one more, if a slot is free. That
// message waits for its trial like the others.
type breaker struct {
	probe func(context.Context) error
	log   *slog.Logger
	gauge func(open bool)
	wake  func() // tells the intake that it may receive

	trial    chan struct{} // admits one waiting delivery
	verdicts chan error    // nil if the trial got an answer
	recovery sync.WaitGroup

	mu     sync.Mutex
	failed map[string]time.Time // when each message was unavailable, since the last one that was handled
	closed chan struct{}        // not nil while the breaker is open; closed when it closes
	why    error                // why the breaker opened
	sample bool                 // the intake may receive one message although the breaker is open
}

func newBreaker(cfg Config, wake func()) *breaker {
	return &breaker{
		probe: cfg.Probe, log: cfg.Log, gauge: func(open bool) { cfg.Metrics.pause(pausedByBreaker, open) }, wake: wake,
		trial: make(chan struct{}), verdicts: make(chan error, 1), failed: map[string]time.Time{},
	}
}

// admit waits until the delivery may call its handler. The delivery that is the trial must report its verdict. An error
// says why the handler must not be called: the pool drains, or the context of the delivery has ended.
func (b *breaker) admit(running, delivery context.Context) (trial bool, err error) {
	b.mu.Lock()
	closed := b.closed
	b.mu.Unlock()
	if closed == nil {
		return false, nil
	}
	select {
	case <-closed:
		return false, nil
	case <-b.trial:
		return true, nil
	case <-running.Done():
		return false, ErrDrained
	case <-delivery.Done():
		return false, context.Cause(delivery)
	}
}

// verdict is what a call of the handler says about the dependency.
type verdict int

const (
	verdictNone        verdict = iota // the call was cancelled
	verdictHandled                    // the message is done
	verdictOther                      // the handler failed for another reason
	verdictUnavailable                // the dependency did not answer
)

// trialError returns nil if the call got an answer. err is what the handler returned.
func (v verdict) trialError(err error) error {
	switch v {
	case verdictHandled, verdictOther:
		return nil
	case verdictNone:
		return errors.New("the trial was cut short")
	}
	return err
}

// report records the verdict of a delivery, and returns whether the delivery must wait and call its handler again.
func (b *breaker) report(running context.Context, d *delivery, trial bool, v verdict, err error) (again bool) {
	if trial {
		b.verdicts <- v.trialError(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch v {
	case verdictHandled:
		clear(b.failed)
		return false
	case verdictNone, verdictOther:
		return false
	}
	now := time.Now()
	b.failed[d.ID] = now
	for id, when := range b.failed {
		if now.Sub(when) > breakerWindow {
			delete(b.failed, id)
		}
	}
	if b.closed != nil {
		return true
	}
	if len(b.failed) >= breakerMessages {
		b.trip(running, err)
		return true
	}
	b.mu.Unlock()
	down := b.callProbe(d.ctx)
	b.mu.Lock()
	if b.closed == nil && down != nil && d.ctx.Err() == nil {
		b.trip(running, down)
	}
	return b.closed != nil
}

// callProbe calls the probe once, within its timeout.
func (b *breaker) callProbe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return b.probe(ctx)
}

// trip opens the breaker. While the pool drains nobody waits for it to close.
func (b *breaker) trip(running context.Context, why error) {
	b.closed, b.why = make(chan struct{}), why
	b.gauge(true)
	b.log.Error("breaker open, receives pause", "error", why)
	if running.Err() == nil {
		b.recovery.Go(func() { b.awaitRecovery(running) })
	}
}

// awaitRecovery closes the breaker once the dependency is back.
func (b *breaker) awaitRecovery(running context.Context) {
	for attempt := 1; ; attempt++ {
		if wait.For(running, backoff(attempt, probeFirst, probeMost)) != nil {
			return
		}
		if err := b.callProbe(running); err != nil {
			b.log.Warn("still unavailable", "error", err)
			continue
		}
		if err := b.runTrial(running); err != nil {
			b.log.Warn("still unavailable, although the probe succeeds", "error", err)
			b.offerSample()
			continue
		}
		b.mu.Lock()
		close(b.closed)
		b.closed, b.why, b.sample = nil, nil, false
		clear(b.failed)
		b.gauge(false)
		b.mu.Unlock()
		b.log.Info("breaker closed")
		b.wake()
		return
	}
}

// runTrial admits one waiting delivery and returns nil if it got an answer. If none waits, the probe alone decides.
func (b *breaker) runTrial(running context.Context) error {
	select {
	case b.trial <- struct{}{}:
	default:
		return nil
	}
	select {
	case err := <-b.verdicts:
		return err
	case <-running.Done():
		return ErrDrained
	}
}

// offerSample lets the intake receive one message while the breaker is open.
func (b *breaker) offerSample() {
	b.mu.Lock()
	b.sample = true
	b.mu.Unlock()
	b.wake()
}

// takeSample reports whether the intake may receive one message, once for each offer.
func (b *breaker) takeSample() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	offered := b.sample
	b.sample = false
	return offered
}

// isOpen reports whether the breaker is open.
func (b *breaker) isOpen() bool { return b.cause() != nil }

// cause returns why the breaker is open, or nil.
func (b *breaker) cause() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.why
}

// join waits for the breaker's goroutine, after the run has ended.
func (b *breaker) join() { b.recovery.Wait() }
