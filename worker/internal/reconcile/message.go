package reconcile

import (
	"darkroom/worker/internal/store"

	"context"
	"errors"
	"fmt"

	"darkroom/worker/photo"
	"darkroom/worker/s3event"
)

// ErrBadMessage reports a message that will never name a photo: not an S3 event, of another bucket, or with a key
// that is no photo's. It is the operator's to look at, in the dead-letter queue. An error in its chain has a method
// Reason() string that says which.
var ErrBadMessage = errors.New("bad message")

// What is wrong with a bad message.
const (
	BadFormat = "not-an-s3-event"
	BadBucket = "foreign-bucket"
	BadKey    = "foreign-key"
)

// badMessage is an ErrBadMessage with its reason.
type badMessage struct {
	reason string
	err    error
}

func (b *badMessage) Error() string   { return fmt.Sprintf("%v: %v", ErrBadMessage, b.err) }
func (b *badMessage) Unwrap() []error { return []error{ErrBadMessage, b.err} }

// Reason is what the dead-letter queue gets to read: of several bad things, the first.
func (b *badMessage) Reason() string { return b.reason }

// Message reconciles every photo that a message's events name. It returns nil once the outcome of each is in S3, so
// that the message can be deleted.
//
// All of its photos are tried, even after one has failed, unless the store is unavailable or ctx ends. A failure that
// may mend outweighs what is bad: the error is an [ErrBadMessage] only when nothing else is left to do, so that a
// message that goes to the dead-letter queue takes no photo with it. Received again, the message repeats no work but
// that which failed: a photo that is done is found so.
func (r *Reconciler) Message(ctx context.Context, body string) error {
	return r.message(ctx, body, false)
}

// Redelivered is Message for one that was received before, and whose worker may have died over it: variants that no
// manifest names are looked for as well, which takes a LIST for each photo.
func (r *Reconciler) Redelivered(ctx context.Context, body string) error {
	return r.message(ctx, body, true)
}

func (r *Reconciler) message(ctx context.Context, body string, again bool) error {
	events, bad := s3event.Parse(body)
	if bad != nil {
		bad = &badMessage{BadFormat, bad}
	}
	var failed error
	for _, e := range events {
		if ctx.Err() != nil {
			return errors.Join(failed, context.Cause(ctx))
		}
		err := r.event(ctx, e, again)
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

// event reconciles the photo of an event, of whatever name: the event is a hint.
func (r *Reconciler) event(ctx context.Context, e s3event.Event, again bool) error {
	if e.Bucket != r.cfg.Bucket {
		return &badMessage{BadBucket, fmt.Errorf("event of bucket %.80q, want %q", e.Bucket, r.cfg.Bucket)}
	}
	ref, err := photo.ParseKey(e.Key)
	if err != nil {
		return &badMessage{BadKey, err}
	}
	outcome, err := r.reconcile(ctx, &job{ref: ref, event: e.Time, begun: again})
	if err != nil {
		return err
	}
	r.cfg.Log.Debug("reconciled", "key", e.Key, "event", e.Name, "outcome", outcome)
	return nil
}
