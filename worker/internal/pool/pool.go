// Package pool drains a queue with a bounded number of slots: it receives messages, hands each to a handler, keeps
// its lease alive meanwhile, and settles it by the handler's answer. It knows no queue but the [Queue] it is given.
//
// What becomes of a message, by what its handler returned:
//
//   - nil: it is deleted, in a batch with others. Nothing is deleted before.
//   - an [ErrBadMessage]: it goes to the dead-letter queue with the reason and is deleted, at its first receive.
//   - an [ErrUnavailable]: what the handler depends on is down, not this one message. A circuit breaker then pauses
//     receives; messages in hand keep their lease and are tried again in place once the dependency is back.
//   - anything else, a panic included: it comes back after a back-off by its receive count, and the queue's redrive
//     policy decides when that has happened often enough.
//
// Leases are extended from the receive until the message is settled, in batches. An extension is over before a
// visibility is set for good, so none overwrites a back-off. A handler's context ends within a second of the answer
// of the queue that says that the lease is lost, or of its end by this machine's clock. SQS ends every lease 12 hours
// after its receive: extensions stop there, and then the lease counts as lost.
//
// When the context of [Pool.Run] ends the pool drains: no further poll starts, jobs in hand go on until four fifths
// of the drain timeout, and what is not finished by then is released at once to the other workers. Nothing is in
// flight when Run returns.
//
// A poll in the air is let return: a queue may hand messages to a receive that was cancelled, and nobody sees them
// until their visibility timeout. An idle poll may wait longer than the drain may, so one that has not come back by
// four fifths of the drain timeout is cancelled after all: exiting late would cost every job in hand, while this can
// delay a message that arrives in the rest of that poll, by one visibility timeout. With a drain timeout of 5/4 of
// the poll wait or more no poll is ever cancelled.
//
// Delivery is at least once, so a handler must be safe to repeat.
package pool

import (
	"darkroom/worker/internal/queue"

	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// What handlers report: see the package comment.
var (
	// ErrBadMessage reports a message that no further try can handle. The dead-letter queue gets as the reason what an
	// error in the chain with a method Reason() string says, or else the text of the error.
	ErrBadMessage = errors.New("bad message")
	// ErrUnavailable reports that something every message needs does not answer.
	ErrUnavailable = errors.New("unavailable")
)

// Causes of the cancellation of a handler's context, beside [queue.ErrNotInFlight].
var (
	ErrDrained  = errors.New("drain timeout") // the time for handlers while draining is over
	ErrDeadline = errors.New("job timeout")   // the job took too long
)

// Handler does the work that a message asks for. Its context ends when the job must stop, with one of this
// package's errors as the cause. Nothing but its return frees its slot: [Pool.Healthy] tells of one that does not.
type Handler func(ctx context.Context, m queue.Message) error

// Queue is what the pool asks of a queue.
type Queue interface {
	queue.Consumer
	DeadLetter(ctx context.Context, m queue.Message, reason string) error
}

// Pool is a running or finished consumer of one queue.
type Pool struct {
	cfg     Config
	queue   Queue
	handle  Handler
	pollers int // most polls in the air

	free     atomic.Int32  // slots; only the intake takes, jobs give back
	wake     chan struct{} // tells the intake that a slot is free or that the breaker has closed
	jobs     sync.WaitGroup
	leases   leases
	deletes  chan *job     // jobs whose message is to be deleted
	finished chan struct{} // closed when no job is left that may settle a message
	breaker  breaker
	health   health
}

// New returns a pool that will drain queue into handle.
func New(cfg Config, q Queue, handle Handler) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("pool: %w", err)
	}
	cfg = cfg.withDefaults()
	p := &Pool{
		cfg: cfg, queue: q, handle: handle, pollers: (cfg.Slots + q.Limits().Batch - 1) / q.Limits().Batch,
		wake: make(chan struct{}, 1), deletes: make(chan *job), finished: make(chan struct{}),
	}
	p.free.Store(int32(cfg.Slots))
	p.leases.init(cfg, q.Limits())
	p.breaker.init(cfg, p.poke)
	cfg.Metrics.observe(&p.leases)
	cfg.Metrics.slots.Set(float64(cfg.Slots))
	return p, nil
}

// Run consumes the queue until ctx ends, then drains and returns, within the drain timeout. It is called once.
func (p *Pool) Run(ctx context.Context) {
	ph, drained := p.phases(ctx)
	defer drained()
	p.health.begin()
	defer p.health.end()
	var loops sync.WaitGroup
	loops.Go(func() { p.heartbeat(ph) })
	loops.Go(func() { p.deleter(ph) })

	p.intake(ph)
	p.awaitJobs(ph)
	close(p.finished)
	loops.Wait()
	p.breaker.wait()
	p.cfg.Log.Info("drained")
}

// poke has the intake look again at whether it can start a poll.
func (p *Pool) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// callTimeout bounds a call to the queue that does not wait for messages.
const callTimeout = 3 * time.Second

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
