// Package pool consumes a queue with a bounded number of slots. It receives messages, calls a handler for each, keeps
// the message invisible to other consumers meanwhile, and settles it by what the handler returns. It works with any
// [Queue] and asks it for its limits.
//
// # Start
//
// The pool receives its first message when [Config.Prove] has succeeded. Until then it is neither [Pool.Ready] nor
// [Pool.Healthy]: a worker whose settings are wrong must not pass for one that works. After that an outage never makes
// it unhealthy, since a new process could not do better.
//
// # Outcomes
//
// What the pool does with a message depends on the error that its handler returns:
//
//   - nil: the pool deletes the message, in a batch with others. It never deletes a message earlier.
//   - an [ErrBadMessage]: the pool sends the message, with the reason, to the dead-letter queue at its first receive, and
//     then deletes it. If it cannot be sent, it is not deleted either: it comes back after a back-off. But until a handler
//     has called [Recognize] for a message, a bad one waits for up to a minute, and if others are bad too, receives pause:
//     then the settings are wrong and not the messages.
//   - an [ErrUnavailable]: something that every message needs is down, or refuses. If the probe agrees, or several different
//     messages in a row say so, a circuit breaker pauses receives. Messages already received stay invisible, and their
//     handlers are called again once the dependency is back. If only one message is affected, it is retried like one that
//     failed in another way.
//   - any other error, or a panic: the message comes back after a back-off that grows with its receive count. The queue's
//     redrive policy decides when it has failed too often.
//
// # Visibility timeout
//
// The pool extends the visibility timeout of every message from its receive until it is settled, in batches. It waits
// for an extension in progress before it sets a back-off, so that no extension overwrites one. When a visibility
// timeout ends, by the queue's answer or by this machine's clock, the handler's context ends within a second. A queue
// does not extend a visibility timeout beyond [queue.Limits].MaxVisibility after the receive. The pool stops there too.
//
// # Draining
//
// When the context of [Pool.Run] ends, the pool drains. It starts no receive. Handlers continue until four fifths of
// the drain timeout have passed; messages that are not done by then are released at once for other workers. When Run
// returns, no message is in flight.
//
// A receive in progress is allowed to return: a queue may hand messages to a receive that was cancelled, and then
// nobody sees them until their visibility timeout ends. But a receive at an empty queue may wait longer than the drain
// timeout. After four fifths of the drain timeout it is cancelled nevertheless: exiting late would cost every message
// in flight, while a cancelled receive can delay a message by one visibility timeout. No receive is ever cancelled if
// the drain timeout is at least 5/4 of the poll wait.
//
// Delivery is at least once, so a handler must be safe to repeat.
package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"darkroom/worker/internal/noisygroups"
	"darkroom/worker/internal/queue"
)

// Errors that handlers return: see the package comment.
var (
	// ErrBadMessage reports a message that no retry can handle. The reason in the dead-letter queue is that of an error
	// in the chain with a method Reason() string, or else the text of the error.
	ErrBadMessage = errors.New("bad message")
	// ErrUnavailable reports that something which every message needs does not answer, or refuses to.
	ErrUnavailable = errors.New("unavailable")
)

// Causes of the cancellation of a handler's context, besides [queue.ErrNotInFlight].
var (
	ErrDrained  = errors.New("drain timeout") // the drain leaves handlers no more time
	ErrDeadline = errors.New("job timeout")   // the handler took too long
)

// Handler does the work that a message asks for. Its context ends when it must stop, with one of this package's errors
// as the cause. Its slot is not free before it returns; [Pool.Healthy] reports a handler that does not return.
type Handler func(ctx context.Context, m queue.Message) error

// Queue is what the pool uses of a queue.
type Queue interface {
	queue.Consumer
	// DeadLetter sends a copy of the message to the dead-letter queue. It must fail, and send nothing, if that is the
	// queue itself.
	DeadLetter(ctx context.Context, m queue.Message, reason string) error
}

// Pool consumes one queue, once.
type Pool struct {
	cfg      Config
	queue    Queue
	limits   queue.Limits
	handle   Handler
	maxPolls int // most receives at once

	free       atomic.Int32  // free slots; the intake and Lend take them, deliveries and borrowers return them
	wake       chan struct{} // tells the intake that a slot is free or that a pause is over
	deliveries sync.WaitGroup
	inFlight   *inFlight
	deletes    chan *delivery // messages to delete
	finished   chan struct{}  // closed when no delivery is left that may settle a message
	proof      *proof
	strangers  *strangers
	breaker    *breaker
	health     health
	lending    *lending
	noise      noisygroups.Tracker // groups of the messages received
}

// New returns a pool that will consume q with the handler.
func New(cfg Config, q Queue, handle Handler) (*Pool, error) {
	limits := q.Limits()
	if err := cfg.Validate(limits); err != nil {
		return nil, fmt.Errorf("pool: %w", err)
	}
	cfg = cfg.withDefaults()
	p := &Pool{
		cfg: cfg, queue: q, limits: limits, handle: handle, maxPolls: (cfg.Slots + limits.Batch - 1) / limits.Batch,
		wake: make(chan struct{}, 1), deletes: make(chan *delivery), finished: make(chan struct{}),
		inFlight: newInFlight(cfg, limits), lending: newLending(cfg),
	}
	p.free.Store(int32(cfg.Slots))
	p.proof = newProof(cfg, p.wakeIntake)
	p.breaker = newBreaker(cfg, p.wakeIntake)
	p.strangers = newStrangers(cfg, p.wakeIntake)
	cfg.Metrics.inFlight.Store(p.inFlight)
	cfg.Metrics.slots.Set(float64(cfg.Slots))
	return p, nil
}

// Run consumes the queue until ctx ends, then drains and returns, within the drain timeout. It is called once.
func (p *Pool) Run(ctx context.Context) {
	ph, end := p.startPhases(ctx)
	defer end()
	p.health.begin()
	defer p.health.end()
	var loops sync.WaitGroup
	loops.Go(func() { p.extendLoop(ph) })
	loops.Go(func() { p.deleteLoop(ph) })
	loops.Go(func() { p.proof.loop(ph.running) })

	p.intake(ph)
	p.awaitDeliveries(ph)
	close(p.finished)
	loops.Wait()
	p.breaker.join()
	p.cfg.Log.Info("drained")
}

// wakeIntake makes the intake check again whether it can start a receive.
func (p *Pool) wakeIntake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// callTimeout bounds a call to the queue that does not wait for messages.
const callTimeout = 3 * time.Second
