package pool

import (
	"darkroom/worker/internal/queue"

	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// settleTries is how often a call that settles a message is made. After that the lease runs out by itself.
const settleTries = 5

// settle ends a message's stay by its handler's error and, if the try was cancelled, by the cause.
func (p *Pool) settle(ph phases, j *job, err, cause error) {
	if !p.leases.claim(j) {
		return // it was released because the handler did not return in time
	}
	switch {
	case err == nil:
		p.delete(j, outcomeDeleted)
	case errors.Is(cause, queue.ErrNotInFlight):
		// Whoever holds the message now does the work.
		p.settled(j, outcomeLeaseLost)
	case errors.Is(err, ErrBadMessage):
		p.deadLetter(ph, j, err)
	case errors.Is(cause, ErrDrained):
		p.release(ph, j)
	default:
		p.retry(ph, j, err, cause)
	}
}

// deadLetter sends a message that nobody can handle to the dead-letter queue. One that cannot go there comes back,
// until the redrive policy takes it there.
func (p *Pool) deadLetter(ph phases, j *job, reason error) {
	ctx, cancel := context.WithTimeout(ph.calls, callTimeout)
	defer cancel()
	if err := p.queue.DeadLetter(ctx, j.Message, reasonOf(reason)); err != nil {
		p.cfg.Log.Error("bad message not sent to the dead-letter queue", "message", j.ID, "error", err)
		p.retry(ph, j, reason, nil)
		return
	}
	p.cfg.Log.Warn("bad message sent to the dead-letter queue", "message", j.ID, "error", reason)
	p.delete(j, outcomeDeadLettered)
}

// reasonOf is what the dead-letter queue gets to read.
func reasonOf(err error) string {
	var named interface{ Reason() string }
	if errors.As(err, &named) {
		return named.Reason()
	}
	return err.Error()
}

// release gives a message back at once, for another worker to take. That is no failure.
func (p *Pool) release(ph phases, j *job) {
	p.setVisibility(ph, j, 0)
	p.settled(j, outcomeReleased)
}

// retry has a message come back after a back-off.
func (p *Pool) retry(ph phases, j *job, err, cause error) {
	reason := retryTransient
	switch {
	case errors.Is(err, errPanic):
		reason = retryPanic
	case errors.Is(cause, ErrDeadline):
		reason = retryDeadline
	case errors.Is(err, ErrUnavailable):
		reason = retryUnavailable
	}
	pause := min(backoff(j.ReceiveCount, retryFirst, retryMost), p.leases.room(j, time.Now()))
	p.cfg.Metrics.retries.WithLabelValues(reason).Inc()
	p.cfg.Log.Error("job failed", "message", j.ID, "receives", j.ReceiveCount, "reason", reason, "pause", pause.String(), "error", err)
	p.setVisibility(ph, j, pause)
	p.settled(j, outcomeRetried)
}

// setVisibility lets go of a message. No extension is in the air any more when it asks, and none follows.
func (p *Pool) setVisibility(ph phases, j *job, timeout time.Duration) {
	p.leases.stop(ph.calls, j)
	var err error
	for try := 1; try <= settleTries; try++ {
		ctx, cancel := context.WithTimeout(ph.calls, callTimeout)
		err = p.queue.SetVisibility(ctx, []queue.VisibilityChange{{Message: j.Message, Timeout: timeout}})[0]
		cancel()
		if err == nil || errors.Is(err, queue.ErrNotInFlight) || ph.calls.Err() != nil {
			break
		}
		sleep(ph.calls, backoff(try, settleFirst, settleMost))
	}
	if err != nil {
		p.cfg.Log.Warn("visibility not set, the lease runs out by itself", "message", j.ID, "error", err)
	}
}

// settled counts what became of a message.
func (p *Pool) settled(j *job, outcome string) {
	p.leases.forget(j)
	p.cfg.Metrics.settledAs(outcome, time.Since(j.Received))
}

const (
	// A failed message comes back after retryFirst, twice as long after each further failure, at most retryMost.
	retryFirst = 2 * time.Second
	retryMost  = 5 * time.Minute
	// A call that settles messages is made again after settleFirst and so on.
	settleFirst = 100 * time.Millisecond
	settleMost  = time.Second
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
