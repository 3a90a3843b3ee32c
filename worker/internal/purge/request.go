package purge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/internal/queue"
	"darkroom/worker/photo"
)

// Sender adds messages to the queue of purges.
type Sender interface {
	// Send is described at [queue.Sender].
	Send(ctx context.Context, messages []queue.Outgoing) []error
}

// Requests sends requests for purges. It is safe for concurrent use.
type Requests struct {
	to      Sender
	metrics *Metrics
}

// NewRequests returns a Requests that sends to a queue.
func NewRequests(to Sender, metrics *Metrics) *Requests { return &Requests{to: to, metrics: metrics} }

// RequestPurge requests the purge of a photo that the buckets no longer hold. Once it returns nil, the request is in
// the queue and is carried out, even if this process ends.
func (r *Requests) RequestPurge(ctx context.Context, ref photo.Ref) error {
	body, err := message{Photos: []request{{Photo: ref.Key(), At: time.Now().UTC()}}}.body()
	if err != nil {
		return err
	}
	if err := errors.Join(r.to.Send(ctx, []queue.Outgoing{{Body: body}})...); err != nil {
		return fmt.Errorf("request the purge of %s: %w", ref, err)
	}
	r.metrics.photos.WithLabelValues(photoRequested).Inc()
	return nil
}
