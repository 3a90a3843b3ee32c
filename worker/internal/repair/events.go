package repair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/time/rate"

	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/photo"
	"darkroom/worker/s3event"
)

// Queue takes the events. See [queue.Queue].
type Queue interface {
	Limits() queue.Limits
	Send(ctx context.Context, messages []queue.Outgoing) []error
}

// sendTimeout bounds the sending of a batch.
const sendTimeout = 30 * time.Second

// ErrBudget reports that the largest allowed number of events has been sent.
var ErrBudget = errors.New("the limit of events is reached")

// EventsConfig says which events to send.
type EventsConfig struct {
	sendlimit.Limits
	Bucket  string    // name of the uploads bucket
	Name    string    // name of the events that have none of their own
	Grouped bool      // the queue is the one that photos are rendered from, with a group for each board
	Out     io.Writer // gets a line for each photo of a dry run; default none
}

// Events sends events about photos to the queue, in the form that S3 uses. The events have no time, so they do not
// count as photos that users wait for. Events is for one goroutine.
type Events struct {
	cfg     EventsConfig
	queue   Queue
	limiter *rate.Limiter
	batch   int // most events in one call
	pending []addedEvent
	added   int
	sent    int
}

// addedEvent is an event that was added but not yet sent.
type addedEvent struct {
	ref  photo.Ref
	name string
}

// NewEvents returns an Events that sends to q.
func NewEvents(cfg EventsConfig, q Queue) (*Events, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Bucket == "" {
		return nil, errors.New("the name of the uploads bucket is missing")
	}
	if cfg.Out == nil {
		cfg.Out = io.Discard
	}
	e := &Events{cfg: cfg, queue: q}
	e.limiter, e.batch = cfg.Limiter(q.Limits().Batch)
	return e, nil
}

// Add sends an event about a photo, at once or in a batch with later ones. An empty name stands for that of the
// configuration. A dry run prints the reason. The error is an [ErrBudget] if no more events may be sent; this one is
// then left out.
func (e *Events) Add(ctx context.Context, ref photo.Ref, name, reason string) error {
	if e.cfg.Max > 0 && e.added == e.cfg.Max {
		return ErrBudget
	}
	e.added++
	if e.cfg.DryRun {
		e.sent++
		_, err := fmt.Fprintf(e.cfg.Out, "%s\t%s\n", ref.Key(), reason)
		return err
	}
	if e.pending = append(e.pending, addedEvent{ref, cmp.Or(name, e.cfg.Name)}); len(e.pending) == e.batch {
		return e.Flush(ctx)
	}
	return nil
}

// Flush sends the pending events. After an error some of them may not have been sent.
func (e *Events) Flush(ctx context.Context) error {
	if len(e.pending) == 0 {
		return nil
	}
	if err := e.limiter.WaitN(ctx, len(e.pending)); err != nil {
		return fmt.Errorf("wait for the rate limit: %w", err)
	}
	messages := make([]queue.Outgoing, len(e.pending))
	for i, p := range e.pending {
		messages[i].Body = s3event.Format(s3event.Event{Name: p.name, Bucket: e.cfg.Bucket, Key: p.ref.Key()})
		if e.cfg.Grouped {
			messages[i].Group = string(p.ref.Board)
		}
	}
	// Nobody knows whether an interrupted request took effect, so the send ignores the end of ctx once it has begun.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	var failed error
	for i, err := range e.queue.Send(ctx, messages) {
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("send the event of %s: %w", e.pending[i].ref, err))
			continue
		}
		e.sent++
	}
	e.pending = nil
	return failed
}

// SentCount returns how many events have been sent, or would have been in a dry run.
func (e *Events) SentCount() int { return e.sent }

// Pending reports whether there are events that have been added but not sent.
func (e *Events) Pending() bool { return len(e.pending) > 0 }
