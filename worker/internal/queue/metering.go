package queue

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Values of the label "queue".
const (
	NameEvents = "events" // the queue that storage notifies, if the worker forwards photos
	NamePhotos = "photos" // the queue that photos are rendered from
	NamePurges = "purges" // the queue of the purges from a CDN
)

// Values of the label "operation".
const (
	opReceive    = "receive" // the time includes the wait for a message
	opExtend     = "extend"  // any change of a visibility timeout, including a release
	opDelete     = "delete"
	opSend       = "send"
	opDeadLetter = "dead_letter"
	opDepth      = "depth" // depth of the queue or of its dead-letter queue
)

// Values of the label "outcome". Only the last one is a failure.
const (
	outcomeOK        = "ok"
	outcomeCancelled = "cancelled" // the caller gave up
	outcomeError     = "error"
)

// Metrics measures the calls to queues. Every series of a measured queue starts at zero.
type Metrics struct {
	operations *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
}

// NewMetrics returns metrics that are registered with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_queue_operations_total",
			Help: "Calls to the queues, by queue, operation and outcome. A batch counts once; it is an error if one of its messages fails."},
			[]string{"queue", "operation", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "darkroom_queue_operation_seconds",
			Help:    "Time of calls to the queues, by queue and operation. A receive includes its wait for a message.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 16), NativeHistogramBucketFactor: 1.1}, []string{"queue", "operation"}),
	}
	reg.MustRegister(m.operations, m.seconds)
	return m
}

// Measure returns a Queue that forwards every call to q and counts it under name, one of [NameEvents], [NamePhotos] and
// [NamePurges]. A batch counts as one call, as a queue charges for it, and as an error if one of its entries fails. A
// message that is no longer in flight is no failure, nor is a missing dead-letter queue when its depth is read.
func (m *Metrics) Measure(name string, q Queue) Queue {
	for _, op := range []string{opReceive, opExtend, opDelete, opSend, opDeadLetter, opDepth} {
		m.seconds.WithLabelValues(name, op)
		for _, outcome := range []string{outcomeOK, outcomeCancelled, outcomeError} {
			m.operations.WithLabelValues(name, op, outcome)
		}
	}
	return &measured{m, name, q}
}

type measured struct {
	metrics *Metrics
	name    string
	queue   Queue
}

// observe counts a call that began at start and ended with these errors.
func (q *measured) observe(ctx context.Context, op string, start time.Time, errs ...error) {
	q.metrics.seconds.WithLabelValues(q.name, op).Observe(time.Since(start).Seconds())
	q.metrics.operations.WithLabelValues(q.name, op, outcome(ctx, op, errs)).Inc()
}

// outcome classifies the errors of a call. A call that was cancelled is not a failure; one that exceeded its deadline
// is.
func outcome(ctx context.Context, op string, errs []error) string {
	result := outcomeOK
	for _, err := range errs {
		switch {
		case err == nil, errors.Is(err, ErrNotInFlight), op == opDepth && errors.Is(err, ErrNoDeadLetterQueue):
		case errors.Is(err, context.Canceled), errors.Is(ctx.Err(), context.Canceled):
			result = outcomeCancelled
		default:
			return outcomeError
		}
	}
	return result
}

// Limits implements [Consumer]. It is no call to the queue and is not counted.
func (q *measured) Limits() Limits { return q.queue.Limits() }

// Receive implements [Consumer].
func (q *measured) Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]Message, error) {
	start := time.Now()
	messages, err := q.queue.Receive(ctx, max, wait, visibility)
	q.observe(ctx, opReceive, start, err)
	return messages, err
}

// SetVisibility implements [Consumer].
func (q *measured) SetVisibility(ctx context.Context, batch []VisibilityChange) []error {
	start := time.Now()
	errs := q.queue.SetVisibility(ctx, batch)
	q.observe(ctx, opExtend, start, errs...)
	return errs
}

// Delete implements [Consumer].
func (q *measured) Delete(ctx context.Context, batch []Message) []error {
	start := time.Now()
	errs := q.queue.Delete(ctx, batch)
	q.observe(ctx, opDelete, start, errs...)
	return errs
}

// Send implements [Sender].
func (q *measured) Send(ctx context.Context, messages []Outgoing) []error {
	start := time.Now()
	errs := q.queue.Send(ctx, messages)
	q.observe(ctx, opSend, start, errs...)
	return errs
}

// DeadLetter implements [Sender].
func (q *measured) DeadLetter(ctx context.Context, m Message, reason string) error {
	start := time.Now()
	err := q.queue.DeadLetter(ctx, m, reason)
	q.observe(ctx, opDeadLetter, start, err)
	return err
}

// Depth implements [Inspector].
func (q *measured) Depth(ctx context.Context) (Depth, error) {
	start := time.Now()
	d, err := q.queue.Depth(ctx)
	q.observe(ctx, opDepth, start, err)
	return d, err
}

// DeadLetterDepth implements [Inspector].
func (q *measured) DeadLetterDepth(ctx context.Context) (Depth, error) {
	start := time.Now()
	d, err := q.queue.DeadLetterDepth(ctx)
	q.observe(ctx, opDepth, start, err)
	return d, err
}
