// Package route moves the events of storage to the queue that photos are rendered from, one message for each photo,
// with its board as the message's group. The queue is fair between groups, so a board that floods delays itself and not
// the others. Storage cannot set a group itself.
//
// [Router.Handle] is the handler of a pool that consumes the events. It makes requests only to the queue, so a worker
// routes many times as fast as it renders, and routing never waits for rendering. A message is deleted from the events
// only after the queue has accepted every photo that it names. If a worker dies in between, the photos are sent twice,
// which does no harm: rendering a photo again finds nothing to do.
//
// # The short way
//
// Where nothing waits, the second queue would only cost time and requests. So a photo is rendered at once, with a slot
// that [Slots] lends, if its event is the only one of its message and was not received before, and if its board is not
// noisy (see package noisygroups). The pool that lends the slot decides whether anything waits. If storage turns out to
// be unavailable, the photo takes the long way nevertheless, and waits there until storage is back.
package route

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/noisygroups"
	"darkroom/worker/internal/queue"
	"darkroom/worker/photo"
	"darkroom/worker/s3event"
)

// ErrSend reports that the queue of the photos did not accept a message.
var ErrSend = errors.New("not sent to the photos queue")

// Sender is the queue of the photos. See [queue.Queue].
type Sender interface {
	Limits() queue.Limits
	Send(ctx context.Context, messages []queue.Outgoing) []error
}

// Slots lends slots of the pool that renders. See the method Lend of its pool.
type Slots interface {
	Lend(m queue.Message, group string) (giveBack func(), ok bool)
}

// Config holds a router's settings.
type Config struct {
	Bucket string // name of the uploads bucket
	// Redelivered is the name of the events that replaces that of an event whose message was received before. The worker
	// that received it first may have begun to render the photo.
	Redelivered string
	// Recognized is called when a message is meant for this worker.
	Recognized func(ctx context.Context)
	// Handle does all the work that a message asks for. It gets the messages that take the short way, and those with an
	// event that names no photo of the bucket, or with no event at all.
	Handle func(ctx context.Context, m queue.Message) error
	// Unavailable reports whether an error of Handle means that storage is unavailable.
	Unavailable func(err error) bool
	Registerer  prometheus.Registerer // may be nil
}

// Values of the label "way".
const (
	wayForwarded = "forwarded"
	wayShort     = "short"
	wayFailed    = "failed"
)

// Router forwards messages. Its methods are safe for concurrent use.
type Router struct {
	cfg    Config
	slots  Slots
	sender *batcher
	noise  noisygroups.Tracker
	photos *prometheus.CounterVec
}

// New returns a router to a queue. Every series of its metric starts at zero.
func New(cfg Config, to Sender, slots Slots) *Router {
	r := &Router{cfg: cfg, slots: slots, sender: &batcher{to: to, size: to.Limits().Batch},
		photos: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_intake_photos_total",
			Help: "Photos that events named, by way: forwarded to the photos queue, short if they were rendered at once, failed if they could not be forwarded."}, []string{"way"})}
	for _, way := range []string{wayForwarded, wayShort, wayFailed} {
		r.photos.WithLabelValues(way)
	}
	if cfg.Registerer != nil {
		cfg.Registerer.MustRegister(r.photos)
	}
	return r
}

// Handle routes one message. An error of the queue is an [ErrSend]; any other is one of [Config.Handle].
func (r *Router) Handle(ctx context.Context, m queue.Message) error {
	photos := r.photosOf(m)
	if len(photos) == 0 {
		return r.cfg.Handle(ctx, m)
	}
	r.cfg.Recognized(ctx)
	noisy := false
	for _, p := range photos {
		noisy = r.noise.Note(p.Group) || noisy
	}
	if len(photos) == 1 && m.ReceiveCount == 1 && !noisy {
		if giveBack, ok := r.slots.Lend(m, photos[0].Group); ok {
			err := r.handleLent(ctx, m, giveBack)
			if err == nil || !r.cfg.Unavailable(err) {
				r.photos.WithLabelValues(wayShort).Inc()
				return err
			}
		}
	}
	if err := r.sender.send(ctx, photos); err != nil {
		r.photos.WithLabelValues(wayFailed).Add(float64(len(photos)))
		return fmt.Errorf("%w: %w", ErrSend, err)
	}
	r.photos.WithLabelValues(wayForwarded).Add(float64(len(photos)))
	return nil
}

// handleLent handles a message with a lent slot. It returns the slot even if the handler panics: the pool of the events
// goes on after a panic.
func (r *Router) handleLent(ctx context.Context, m queue.Message, giveBack func()) error {
	defer giveBack()
	return r.cfg.Handle(ctx, m)
}

// photosOf returns a message to send for each event. It returns none if an event names no photo of the bucket: the
// whole message is then handled as by a worker that does not route.
func (r *Router) photosOf(m queue.Message) []queue.Outgoing {
	events, err := s3event.Parse(m.Body)
	if err != nil {
		return nil
	}
	photos := make([]queue.Outgoing, len(events))
	for i, e := range events {
		ref, err := photo.ParseKey(e.Key)
		if err != nil || e.Bucket != r.cfg.Bucket {
			return nil
		}
		if m.ReceiveCount > 1 && !strings.HasPrefix(e.Name, ownEvents) {
			e.Name = r.cfg.Redelivered
		}
		photos[i] = queue.Outgoing{Body: s3event.Format(e), Group: string(ref.Board), Sent: m.Sent}
	}
	return photos
}

// ownEvents is the beginning of the names of events from an operator's command. They ask for special work, so they keep
// their names.
const ownEvents = "Darkroom:"
