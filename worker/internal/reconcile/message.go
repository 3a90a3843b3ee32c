package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/internal/s3event"
	"darkroom/worker/photo"
)

// ErrBadMessage reports a message that will never name a photo: not an S3 event, of another bucket, or with a key
// that is no photo's. It is the operator's to look at, in the dead-letter queue.
var ErrBadMessage = errors.New("bad message")

// Message reconciles every photo that a message's events name. It returns nil once the outcome of each is in S3, so
// that the message can be deleted. All of its photos are tried, even after one has failed.
func (r *Reconciler) Message(ctx context.Context, body string) error {
	events, err := s3event.Parse(body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadMessage, err)
	}
	var failed error
	for _, e := range events {
		failed = errors.Join(failed, r.event(ctx, e))
	}
	return failed
}

func (r *Reconciler) event(ctx context.Context, e s3event.Event) error {
	if e.Bucket != r.cfg.Bucket {
		return fmt.Errorf("%w: event of bucket %.80q, want %q", ErrBadMessage, e.Bucket, r.cfg.Bucket)
	}
	ref, err := photo.ParseKey(e.Key)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadMessage, err)
	}
	outcome, err := r.Reconcile(ctx, ref)
	if err != nil {
		return err
	}
	if (outcome == Made || outcome == Rejected) && !e.Time.IsZero() {
		r.cfg.Metrics.eventToManifest.Observe(time.Since(e.Time).Seconds())
	}
	r.cfg.Log.Debug("reconciled", "key", e.Key, "event", e.Name, "outcome", outcome)
	return nil
}
