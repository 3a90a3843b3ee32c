package pool

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// The breaker opens when this many messages in a row were unavailable, all within the window. One message is
	// enough when the probe fails too.
	breakerMessages = 3
	breakerWindow   = time.Minute
	// While it is open the probe is made after probeFirst and so on.
	probeFirst   = time.Second
	probeMost    = 15 * time.Second
	probeTimeout = 5 * time.Second
)

// breaker is the circuit breaker between handlers and what all of them depend on.
//
// Closed, it lets every job pass. It opens when several different messages in a row are unavailable, or when one is
// and the probe fails too: one message alone may have an object of its own that does not answer. Open, it holds jobs,
// each with its slot and lease, and receives pause. When the probe succeeds one of the held jobs tries alone; the
// breaker closes when that job gets an answer, whatever it is.
type breaker struct {
	probe func(context.Context) error
	log   *slog.Logger
	gauge prometheus.Gauge
	poke  func() // tells the intake that the breaker has closed

	trial    chan struct{} // its token lets one held job pass
	verdicts chan bool     // whether that job got an answer
	recovery sync.WaitGroup

	mu     sync.Mutex
	failed map[string]time.Time // messages that were unavailable since one was handled
	closed chan struct{}        // not nil while the breaker is open, and closed when that is over
	why    error                // it opened
}

func (b *breaker) init(cfg Config, poke func()) {
	b.probe, b.log, b.gauge, b.poke = cfg.Probe, cfg.Log, cfg.Metrics.breakerOpen, poke
	b.trial, b.verdicts, b.failed = make(chan struct{}), make(chan bool, 1), map[string]time.Time{}
}

// pass waits until the job may call its handler. The job that tries alone owes the breaker its verdict. An error says
// why the job may not: the pool drains, or the job's context has ended.
func (b *breaker) pass(run, job context.Context) (trial bool, err error) {
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
	case <-run.Done():
		return false, ErrDrained
	case <-job.Done():
		return false, context.Cause(job)
	}
}

// answer is what a try says of the dependency.
type answer int

const (
	answerNone        answer = iota // the try was cut short
	answerHandled                   // the message is done
	answerOther                     // it failed for another reason
	answerUnavailable               // the dependency did not answer
)

// verdict takes what a job's try says, and reports whether the job is to wait and try again in place.
func (b *breaker) verdict(run context.Context, j *job, trial bool, a answer, err error) (again bool) {
	if trial {
		b.verdicts <- a == answerHandled || a == answerOther
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch a {
	case answerHandled:
		clear(b.failed)
		return false
	case answerNone, answerOther:
		return false
	}
	now := time.Now()
	b.failed[j.ID] = now
	for id, at := range b.failed {
		if now.Sub(at) > breakerWindow {
			delete(b.failed, id)
		}
	}
	if b.closed != nil {
		return true
	}
	if len(b.failed) >= breakerMessages {
		b.open(run, err)
		return true
	}
	b.mu.Unlock()
	down := b.ask(j.ctx)
	b.mu.Lock()
	if b.closed == nil && down != nil && j.ctx.Err() == nil {
		b.open(run, down)
	}
	return b.closed != nil
}

// ask makes one probe.
func (b *breaker) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return b.probe(ctx)
}

// open opens the breaker. While the pool drains nobody waits for it to close.
func (b *breaker) open(run context.Context, why error) {
	b.closed, b.why = make(chan struct{}), why
	b.gauge.Set(1)
	b.log.Error("breaker open, receives pause", "error", why)
	if run.Err() == nil {
		b.recovery.Go(func() { b.recover(run) })
	}
}

// recover closes the breaker once the dependency is back.
func (b *breaker) recover(run context.Context) {
	for try := 1; ; try++ {
		sleep(run, backoff(try, probeFirst, probeMost))
		if run.Err() != nil {
			return
		}
		if err := b.ask(run); err != nil {
			b.log.Warn("still unavailable", "error", err)
			continue
		}
		if !b.tryOne(run) {
			b.log.Warn("still unavailable, although the probe succeeds")
			continue
		}
		b.mu.Lock()
		close(b.closed)
		b.closed, b.why = nil, nil
		clear(b.failed)
		b.gauge.Set(0)
		b.mu.Unlock()
		b.log.Info("breaker closed")
		b.poke()
		return
	}
}

// tryOne has one held job try alone and reports whether it got an answer. Where none is held the probe must do.
func (b *breaker) tryOne(run context.Context) bool {
	select {
	case b.trial <- struct{}{}:
	default:
		return true
	}
	select {
	case ok := <-b.verdicts:
		return ok
	case <-run.Done():
		return false
	}
}

// isOpen reports whether the breaker is open.
func (b *breaker) isOpen() bool { return b.cause() != nil }

// cause returns why the breaker is open, or nil.
func (b *breaker) cause() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.why
}

// wait waits for the breaker's goroutine, after the run has ended.
func (b *breaker) wait() { b.recovery.Wait() }
