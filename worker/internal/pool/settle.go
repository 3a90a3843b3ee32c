package pool

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"darkroom/worker/internal/queue"
	"darkroom/worker/wait"
)

// settleAttempts is how often a call that settles a message is made. After that the visibility timeout ends by itself.
const settleAttempts = 5

// settle ends a delivery according to its handler's error and, if the handler's context ended, to the cause.
func (p *Pool) settle(ph phases, d *delivery, err, cause error) {
	if !p.inFlight.claim(d) {
		return // the drain released it, because the handler did not return in time
	}
	switch {
	case err == nil:
		p.scheduleDelete(d, outcomeDeleted)
	case errors.Is(cause, queue.ErrNotInFlight):
		// Whoever receives the message next does the work.
		p.settled(d, outcomeVisibilityExpired)
	case errors.Is(err, ErrBadMessage):
		p.deadLetter(ph, d, err)
	case errors.Is(cause, ErrDrained):
		p.release(ph, d)
	default:
		p.retry(ph, d, err, cause)
	}
}

// deadLetter sends a bad message to the dead-letter queue and deletes it. A message that cannot be sent there is not
// deleted: it comes back after a back-off, until the redrive policy moves it.
func (p *Pool) deadLetter(ph phases, d *delivery, reason error) {
	ctx, cancel := context.WithTimeout(ph.calling, callTimeout)
	defer cancel()
	if err := p.queue.DeadLetter(ctx, d.Message, reasonText(reason)); err != nil {
		p.cfg.Log.Error("bad message not sent to the dead-letter queue", "message", d.ID, "error", err)
		p.retry(ph, d, reason, nil)
		return
	}
	p.cfg.Log.Warn("bad message sent to the dead-letter queue", "message", d.ID, "error", reason)
	p.scheduleDelete(d, outcomeDeadLettered)
}

// reasonText returns the reason that goes to the dead-letter queue.
func reasonText(err error) string {
	var named interface{ Reason() string }
	if errors.As(err, &named) {
		return named.Reason()
	}
	return err.Error()
}

// release makes a message visible at once for another worker. It does not count as a failure.
func (p *Pool) release(ph phases, d *delivery) {
	p.setVisibility(ph, d, 0)
	p.settled(d, outcomeReleased)
}

// retry makes a message come back after a back-off.
func (p *Pool) retry(ph phases, d *delivery, err, cause error) {
	reason := retryTransient
	switch {
	case errors.Is(err, errPanic):
		reason = retryPanic
	case errors.Is(cause, ErrDeadline):
		reason = retryDeadline
	case errors.Is(err, ErrUnavailable):
		reason = retryUnavailable
	}
	pause := min(backoff(d.ReceiveCount, retryFirst, retryMost), p.inFlight.remaining(d, time.Now()))
	p.cfg.Metrics.retries.WithLabelValues(reason).Inc()
	p.cfg.Log.Error("handler failed", "message", d.ID, "receives", d.ReceiveCount, "reason", reason,
		"pause", pause.String(), "error", err)
	p.setVisibility(ph, d, pause)
	p.settled(d, outcomeRetried)
}

// setVisibility sets the last visibility timeout of a delivery. It first waits for an extension in progress, and none
// follows.
func (p *Pool) setVisibility(ph phases, d *delivery, timeout time.Duration) {
	p.inFlight.stopExtending(ph.calling, d)
	var err error
	for attempt := 1; attempt <= settleAttempts; attempt++ {
		ctx, cancel := context.WithTimeout(ph.calling, callTimeout)
		err = p.queue.SetVisibility(ctx, []queue.VisibilityChange{{Message: d.Message, Timeout: timeout}})[0]
		cancel()
		if err == nil || errors.Is(err, queue.ErrNotInFlight) || ph.calling.Err() != nil {
			break
		}
		_ = wait.For(ph.calling, backoff(attempt, settleFirst, settleMost)) // an ended context is noticed by what follows
	}
	if err != nil {
		p.cfg.Log.Warn("visibility timeout not set, it ends by itself", "message", d.ID, "error", err)
	}
}

// settled counts the outcome of a message and forgets it.
func (p *Pool) settled(d *delivery, outcome string) {
	p.inFlight.remove(d)
	p.cfg.Metrics.countSettled(outcome, time.Since(d.Received))
}

const (
	// A failed message comes back after retryFirst. The pause doubles with each further failure, up to retryMost.
	retryFirst = 2 * time.Second
	retryMost  = 5 * time.Minute
	// A failed call that settles messages is repeated after settleFirst. Each further pause doubles, up to settleMost.
	settleFirst = 100 * time.Millisecond
	settleMost  = time.Second
)

// backoff returns a random pause between half of d and d, where d is first, doubled attempts-1 times, and at most most.
// The randomness keeps messages that failed together from coming back together.
func backoff(attempts int, first, most time.Duration) time.Duration {
	d := first
	for i := 1; i < attempts && d < most; i++ {
		d *= 2
	}
	d = min(d, most)
	return d/2 + rand.N(d/2+1)
}
