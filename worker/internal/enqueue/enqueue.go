// Package enqueue has the workers reconcile photos: it sends the queue events of them, as S3 does when they change.
//
// An operator's command could reconcile photos itself. To send events instead leaves the work to the workers, with
// their limits, retries and dead-letter queue, needs no right to write to a bucket, and loses nothing when the command
// is interrupted. Nor can it do harm: an event is a hint, a worker looks at its own buckets and does what they ask
// for, and an event of a bucket that is not its own it refuses. The events have no time, so they do not count as
// photos that users wait for.
package enqueue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/time/rate"

	"darkroom/worker/photo"
	"darkroom/worker/s3event"
)

// BatchMost is the most messages that are sent at once:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
const BatchMost = 10

// Queue takes messages.
type Queue interface {
	// Send sends up to BatchMost messages and returns an error, or nil, for each.
	Send(ctx context.Context, bodies []string) []error
}

// sendTimeout bounds the sending of a batch.
const sendTimeout = 30 * time.Second

// ErrBudget reports that as many events have been sent as may be.
var ErrBudget = errors.New("the budget is spent")

// Limits bound what a command does. The zero value bounds nothing.
type Limits struct {
	Rate   float64 // messages a second, 0 for any number
	Max    int     // messages, 0 for any number
	DryRun bool    // send none
}

// Validate reports the first limit that is out of its range.
func (l Limits) Validate() error {
	switch {
	case l.Rate < 0:
		return fmt.Errorf("rate: %v messages a second: want 0 for no limit, or more", l.Rate)
	case l.Max < 0:
		return fmt.Errorf("max: %d messages: want 0 for no limit, or more", l.Max)
	}
	return nil
}

// Limiter returns what keeps a command to its rate, and how many messages it sends at once.
func (l Limits) Limiter() (*rate.Limiter, int) {
	if l.Rate == 0 {
		return rate.NewLimiter(rate.Inf, 0), BatchMost
	}
	batch := min(max(int(l.Rate), 1), BatchMost)
	return rate.NewLimiter(rate.Limit(l.Rate), batch), batch
}

// Config says what events are sent.
type Config struct {
	Limits
	Bucket string    // the uploads bucket's name
	Name   string    // of the events, for who reads a log
	Out    io.Writer // a line for each photo of a dry run; default none
}

// Events sends events. It is used by one goroutine.
type Events struct {
	cfg     Config
	queue   Queue
	limiter *rate.Limiter
	batch   int
	pending []photo.Ref
	added   int
	sent    int
}

// New returns a sender of events to queue.
func New(cfg Config, queue Queue) (*Events, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Bucket == "" {
		return nil, errors.New("the uploads bucket has no name")
	}
	if cfg.Out == nil {
		cfg.Out = io.Discard
	}
	e := &Events{cfg: cfg, queue: queue}
	e.limiter, e.batch = cfg.Limiter()
	return e, nil
}

// Add sends an event of a photo, for a reason that a dry run tells, now or with those that follow. The error is an
// [ErrBudget] if as many have been added as may be; then this one was not.
func (e *Events) Add(ctx context.Context, ref photo.Ref, reason string) error {
	if e.cfg.Max > 0 && e.added == e.cfg.Max {
		return ErrBudget
	}
	e.added++
	if e.cfg.DryRun {
		e.sent++
		_, err := fmt.Fprintf(e.cfg.Out, "%s\t%s\n", ref.Key(), reason)
		return err
	}
	if e.pending = append(e.pending, ref); len(e.pending) == e.batch {
		return e.Flush(ctx)
	}
	return nil
}

// Flush sends what has been added and not been sent. On an error some may not be.
func (e *Events) Flush(ctx context.Context) error {
	if len(e.pending) == 0 {
		return nil
	}
	if err := e.limiter.WaitN(ctx, len(e.pending)); err != nil {
		return fmt.Errorf("wait for the rate: %w", err)
	}
	bodies := make([]string, len(e.pending))
	for i, ref := range e.pending {
		bodies[i] = s3event.Format(s3event.Event{Name: e.cfg.Name, Bucket: e.cfg.Bucket, Key: ref.Key()})
	}
	// Once begun it is not interrupted: of a request that is, nobody knows whether it was done.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	var failed error
	for i, err := range e.queue.Send(ctx, bodies) {
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("send the event of %s: %w", e.pending[i], err))
			continue
		}
		e.sent++
	}
	e.pending = nil
	return failed
}

// Sent is how many events have been sent, or would have been but for the dry run.
func (e *Events) Sent() int { return e.sent }

// Pending reports whether something has been added and not been sent.
func (e *Events) Pending() bool { return len(e.pending) > 0 }
