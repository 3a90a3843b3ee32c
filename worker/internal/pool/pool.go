// Package pool drains a queue with a bounded number of slots: it receives messages, hands each to a handler, keeps
// its lease alive meanwhile, and settles it by the handler's answer. It knows no queue but the [Queue] it is given.
//
// A message is deleted only after its handler has returned nil. A handler that fails keeps the message: it comes back
// after a back-off, and the queue's redrive policy decides when that has happened often enough. When the context of
// [Pool.Run] ends the pool drains: no further poll starts, jobs in hand go on until the drain timeout, and what is
// not finished by then is released at once to the other workers. Nothing is in flight when Run returns.
//
// Delivery is at least once, so a handler must be safe to repeat.
package pool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Message is one received message and the lease on it.
type Message struct {
	ID           string // stays the same over receives
	Body         string
	Receipt      string // names this receive when the message is settled; a secret, never logged
	ReceiveCount int    // of this receive, from 1
}

// Queue is a queue with leases, as SQS is. Its methods are safe for concurrent use.
type Queue interface {
	// Receive leases up to max messages (1 to 10), waiting up to wait for the first. The lease lasts for visibility.
	Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]Message, error)
	// Delete removes the message for good.
	Delete(ctx context.Context, m Message) error
	// SetVisibility makes the lease end d from now; 0 releases the message. If the lease is no longer ours the
	// error is an [ErrLeaseLost].
	SetVisibility(ctx context.Context, m Message, d time.Duration) error
}

var (
	// ErrLeaseLost reports that the message is no longer leased under this receipt: it went back to the queue, to
	// another worker or to the dead-letter queue. It is the cause of the cancellation of a handler's context.
	ErrLeaseLost = errors.New("lease lost")
	// ErrDrained is the cause of the cancellation of a handler's context at the drain timeout.
	ErrDrained = errors.New("drain timeout")
	// ErrDeadline is the cause of the cancellation of a handler's context at the job timeout.
	ErrDeadline = errors.New("job timeout")
)

// Handler does the work that a message asks for. Its context ends when the job must stop, with one of this
// package's errors as the cause.
type Handler func(ctx context.Context, m Message) error

// Config holds a pool's settings. A zero field means its default.
type Config struct {
	Slots        int           // messages in hand at once; default 4 x GOMAXPROCS
	PollWait     time.Duration // longest wait of an empty receive, at most 20 s as SQS has it; default 20 s
	Visibility   time.Duration // length of a lease, extended after each third of it, 3 s to 12 h; default 30 s
	JobTimeout   time.Duration // longest a handler may take, below the 12 h for which SQS extends a lease; default 10 min
	DrainTimeout time.Duration // from the end of Run's context to its return; default 20 s
	Log          *slog.Logger  // default discards
	Metrics      *Metrics      // default unregistered
}

// withDefaults returns c with each zero field replaced.
func (c Config) withDefaults() Config {
	setDefault(&c.Slots, 4*runtime.GOMAXPROCS(0))
	setDefault(&c.PollWait, 20*time.Second)
	setDefault(&c.Visibility, 30*time.Second)
	setDefault(&c.JobTimeout, 10*time.Minute)
	setDefault(&c.DrainTimeout, 20*time.Second)
	setDefault(&c.Log, slog.New(slog.DiscardHandler))
	if c.Metrics == nil {
		c.Metrics = NewMetrics(nil)
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate reports the first setting that is out of its range.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case c.Slots < 1 || c.Slots > 10_000:
		return fmt.Errorf("slots: %d is not within 1 to 10000", c.Slots)
	case c.PollWait < 0 || c.PollWait > 20*time.Second:
		return fmt.Errorf("poll wait: %v is not within 0 to 20s", c.PollWait)
	case c.Visibility < 3*time.Second || c.Visibility > 12*time.Hour:
		return fmt.Errorf("visibility: %v is not within 3s to 12h", c.Visibility)
	case c.JobTimeout < 0 || c.JobTimeout > 11*time.Hour:
		return fmt.Errorf("job timeout: %v is not within 0 to 11h", c.JobTimeout)
	case c.DrainTimeout < 0 || c.DrainTimeout > time.Hour:
		return fmt.Errorf("drain timeout: %v is not within 0 to 1h", c.DrainTimeout)
	}
	return nil
}

// Pool is a running or finished consumer of one queue.
type Pool struct {
	cfg    Config
	queue  Queue
	handle Handler
	slots  chan struct{} // holds one element for each slot taken
	jobs   sync.WaitGroup
	ready  atomic.Bool
}

// New returns a pool that will drain queue into handle.
func New(cfg Config, queue Queue, handle Handler) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("pool: %w", err)
	}
	cfg = cfg.withDefaults()
	cfg.Metrics.slots.Set(float64(cfg.Slots))
	return &Pool{cfg: cfg, queue: queue, handle: handle, slots: make(chan struct{}, cfg.Slots)}, nil
}

// Ready reports whether the last receive succeeded and the pool is not draining.
func (p *Pool) Ready() bool { return p.ready.Load() }

// Run consumes the queue until ctx ends, then drains and returns. It is called once.
func (p *Pool) Run(ctx context.Context) {
	// Neither a poll in the air nor a job in hand ends with ctx: a cancelled receive may strand the messages it
	// was about to return until their visibility timeout.
	intake, stopIntake := context.WithCancel(context.WithoutCancel(ctx))
	work, stopWork := context.WithCancelCause(context.WithoutCancel(ctx))
	finished := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-ctx.Done():
		case <-finished:
			return
		}
		p.ready.Store(false)
		p.cfg.Log.Info("draining", "jobs", len(p.slots), "timeout", p.cfg.DrainTimeout.String())
		// What is left of the timeout is for handlers to return and for their messages to be released.
		t := time.NewTimer(p.cfg.DrainTimeout * 4 / 5)
		defer t.Stop()
		select {
		case <-t.C:
			stopIntake()
			stopWork(ErrDrained)
		case <-finished:
		}
	})
	p.intake(ctx, intake, work)
	p.jobs.Wait()
	close(finished)
	watch.Wait()
	stopIntake()
	stopWork(nil)
	p.cfg.Log.Info("drained")
}

// intake receives messages and starts their jobs until run ends. poll is the context of receives.
func (p *Pool) intake(run, poll, work context.Context) {
	failures := 0
	for {
		n := p.takeSlots(run)
		if n == 0 {
			return
		}
		messages, err := p.queue.Receive(poll, n, p.cfg.PollWait, p.cfg.Visibility)
		for range n - len(messages) {
			p.freeSlot()
		}
		if err != nil && poll.Err() == nil {
			failures++
			pause := backoff(failures, time.Second, 30*time.Second)
			p.ready.Store(false)
			p.cfg.Metrics.receiveErrors.Inc()
			p.cfg.Log.Error("receive failed", "error", err, "pause", pause.String())
			sleep(run, pause)
			continue
		}
		failures = 0
		p.cfg.Metrics.received.Add(float64(len(messages)))
		p.ready.Store(run.Err() == nil)
		for _, m := range messages {
			p.jobs.Go(func() {
				defer p.freeSlot()
				if run.Err() != nil {
					// It came while draining and has not been started.
					p.release(work, m)
					return
				}
				p.job(work, m)
			})
		}
	}
}

// receiveMax is the most messages that SQS returns at once:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
const receiveMax = 10

// takeSlots waits for a free slot and takes as many as one receive can fill. It returns 0 once ctx has ended.
func (p *Pool) takeSlots(ctx context.Context) int {
	if ctx.Err() != nil {
		return 0
	}
	select {
	case <-ctx.Done():
		return 0
	case p.slots <- struct{}{}:
	}
	n := 1
	for n < receiveMax {
		select {
		case p.slots <- struct{}{}:
			n++
			continue
		default:
		}
		break
	}
	return n
}

func (p *Pool) freeSlot() { <-p.slots }

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
