package reconcile

import (
	"context"
	"errors"
	"fmt"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// ErrBadMessage reports a message that names no photo: its body cannot be parsed, or an event has another bucket or a
// key that is not a photo's. The message goes to the dead-letter queue for an operator. If an error in the chain has a
// method Reason() string, it returns what is wrong: [BadBucket], [BadKey], or the reason that the parser's error gives.
var ErrBadMessage = errors.New("bad message")

// Reasons of an [ErrBadMessage].
const (
	BadBucket = "foreign-bucket"
	BadKey    = "foreign-key"
)

// eventError is an error that says what is wrong with an event.
type eventError struct {
	reason string
	err    error
}

func (e *eventError) Error() string   { return fmt.Sprintf("%v: %v", ErrBadMessage, e.err) }
func (e *eventError) Unwrap() []error { return []error{ErrBadMessage, e.err} }

// Reason returns what the dead-letter queue shows.
func (e *eventError) Reason() string { return e.reason }

// Message reconciles every photo that the events of a message name. It returns nil once the outcome of each photo is
// stored, so that the caller can delete the message.
//
// A failure does not stop it, unless the store is unavailable or ctx ends. A failure that a retry may mend outweighs a
// bad event: the error is an [ErrBadMessage] only if no photo has failed. So no message goes to the dead-letter queue
// with an unfinished photo. When it is received again, Message repeats only what failed.
func (r *Reconciler) Message(ctx context.Context, body string) error {
	return r.message(ctx, body, false)
}

// Redelivered is [Reconciler.Message] for a message that was received before. The worker that received it may have died
// before it wrote the manifest, so Redelivered also deletes variants that no manifest names. That takes one listing for
// each photo.
func (r *Reconciler) Redelivered(ctx context.Context, body string) error {
	return r.message(ctx, body, true)
}

func (r *Reconciler) message(ctx context.Context, body string, redelivered bool) error {
	events, bad := r.cfg.ParseEvents(body)
	if bad != nil {
		bad = fmt.Errorf("%w: %w", ErrBadMessage, bad)
	}
	var failed error
	for _, e := range events {
		if ctx.Err() != nil {
			return errors.Join(failed, context.Cause(ctx))
		}
		err := r.event(ctx, e, redelivered)
		switch {
		case errors.Is(err, store.ErrUnavailable):
			return errors.Join(failed, err)
		case errors.Is(err, ErrBadMessage):
			bad = errors.Join(bad, err)
		case err != nil:
			failed = errors.Join(failed, err)
		}
	}
	if failed != nil {
		return failed
	}
	return bad
}

// event reconciles the photo that an event names.
func (r *Reconciler) event(ctx context.Context, e Event, redelivered bool) error {
	if e.Bucket != r.cfg.Bucket {
		return &eventError{BadBucket, fmt.Errorf("the event is of bucket %.80q: want %q", e.Bucket, r.cfg.Bucket)}
	}
	r.cfg.Recognized(ctx)
	ref, err := photo.ParseKey(e.Key)
	if err != nil {
		return &eventError{BadKey, err}
	}
	_, err = r.reconcile(ctx, &target{ref: ref, kind: e.Name, event: e.Time, begun: redelivered || e.Name == EventSweep, verify: e.Name == EventVerify, discard: e.Name == EventDiscard})
	return err
}
