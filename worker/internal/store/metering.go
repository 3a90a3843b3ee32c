package store

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Role says what a bucket is for. It is the label "bucket" of the metrics.
type Role string

const (
	RoleUploads  Role = "uploads"
	RoleVariants Role = "variants"
)

// Values of the label "operation": the methods of [Bucket]. All deletes count as one operation, and so do both
// listings.
const (
	opHead   = "head"
	opGet    = "get"
	opList   = "list"
	opPut    = "put"
	opDelete = "delete"
	opCheck  = "check"
)

// roleOperations lists the operations that a worker performs on each bucket.
var roleOperations = map[Role][]string{
	RoleUploads:  {opHead, opGet, opList, opDelete, opCheck},
	RoleVariants: {opGet, opList, opPut, opDelete, opCheck},
}

// Values of the label "outcome". Only the last two are failures.
const (
	outcomeOK          = "ok"
	outcomeNotFound    = "not_found"
	outcomeConflict    = "conflict"
	outcomeCancelled   = "cancelled" // the caller gave up
	outcomeUnavailable = "unavailable"
	outcomeError       = "error"
)

var outcomes = []string{outcomeOK, outcomeNotFound, outcomeConflict, outcomeCancelled, outcomeUnavailable, outcomeError}

// Metrics measures the operations on buckets. Every series that a worker needs starts at zero.
type Metrics struct {
	operations *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
}

// NewMetrics returns metrics that are registered with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_store_operations_total",
			Help: "Operations on a bucket, by outcome. An operation includes its retries; a listing includes all of its pages."},
			[]string{"bucket", "operation", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "darkroom_store_operation_seconds",
			Help:                        "Time that operations on a bucket took. A get includes reading the object, without the pauses of its reader.",
			Buckets:                     []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour},
			[]string{"bucket", "operation"}),
	}
	for role, operations := range roleOperations {
		for _, op := range operations {
			m.seconds.WithLabelValues(string(role), op)
			for _, outcome := range outcomes {
				m.operations.WithLabelValues(string(role), op, outcome)
			}
		}
	}
	reg.MustRegister(m.operations, m.seconds)
	return m
}

// Measure returns a Bucket that performs every operation on b and counts it. Each operation counts once, when it has
// ended: a get when its body is at the end, fails or is closed, a listing when its loop ends.
func (m *Metrics) Measure(role Role, b Bucket) Bucket { return &measured{m, role, b} }

type measured struct {
	metrics *Metrics
	role    Role
	bucket  Bucket
}

// observe counts an operation that took that long and ended with err.
func (b *measured) observe(ctx context.Context, op string, took time.Duration, err error) {
	b.metrics.seconds.WithLabelValues(string(b.role), op).Observe(took.Seconds())
	b.metrics.operations.WithLabelValues(string(b.role), op, outcomeOf(ctx, err)).Inc()
}

// outcomeOf classifies an error. A cancelled operation is not a failure; one that exceeds its deadline is.
func outcomeOf(ctx context.Context, err error) string {
	switch {
	case err == nil:
		return outcomeOK
	case errors.Is(context.Cause(ctx), ErrStalled):
		return outcomeError
	case errors.Is(err, context.Canceled), errors.Is(ctx.Err(), context.Canceled):
		return outcomeCancelled
	case errors.Is(err, ErrNotFound):
		return outcomeNotFound
	case errors.Is(err, ErrConflict):
		return outcomeConflict
	case errors.Is(err, ErrUnavailable):
		return outcomeUnavailable
	}
	return outcomeError
}

// measure performs an operation that ends when it returns.
func (b *measured) measure(ctx context.Context, op string, perform func() error) error {
	start := time.Now()
	err := perform()
	b.observe(ctx, op, time.Since(start), err)
	return err
}

// Head implements [Bucket].
func (b *measured) Head(ctx context.Context, key string) (o Object, err error) {
	err = b.measure(ctx, opHead, func() error {
		o, err = b.bucket.Head(ctx, key)
		return err
	})
	return o, err
}

// Put implements [Bucket].
func (b *measured) Put(ctx context.Context, key string, c Content) error {
	return b.measure(ctx, opPut, func() error { return b.bucket.Put(ctx, key, c) })
}

// DeleteIfMatch implements [Bucket].
func (b *measured) DeleteIfMatch(ctx context.Context, key, etag string) error {
	return b.measure(ctx, opDelete, func() error { return b.bucket.DeleteIfMatch(ctx, key, etag) })
}

// Delete implements [Bucket].
func (b *measured) Delete(ctx context.Context, keys []string) error {
	return b.measure(ctx, opDelete, func() error { return b.bucket.Delete(ctx, keys) })
}

// Check implements [Bucket].
func (b *measured) Check(ctx context.Context) error {
	return b.measure(ctx, opCheck, func() error { return b.bucket.Check(ctx) })
}

// Get implements [Bucket].
func (b *measured) Get(ctx context.Context, key, etag string) (Object, io.ReadCloser, error) {
	start := time.Now()
	o, body, err := b.bucket.Get(ctx, key, etag)
	took := time.Since(start)
	if err != nil {
		b.observe(ctx, opGet, took, err)
		return o, nil, err
	}
	return o, &measuredBody{ReadCloser: body, ctx: ctx, bucket: b, took: took}, nil
}

// measuredBody adds up the time of a get.
type measuredBody struct {
	io.ReadCloser
	ctx    context.Context // context of the get
	bucket *measured
	took   time.Duration
	ended  bool
}

func (r *measuredBody) Read(p []byte) (int, error) {
	start := time.Now()
	n, err := r.ReadCloser.Read(p)
	r.took += time.Since(start)
	switch {
	case err == io.EOF:
		r.end(nil)
	case err != nil:
		r.end(err)
	}
	return n, err
}

// Close ends a get that was not read to its end, which is no failure.
func (r *measuredBody) Close() error {
	r.end(nil)
	return r.ReadCloser.Close()
}

func (r *measuredBody) end(err error) {
	if !r.ended {
		r.ended = true
		r.bucket.observe(r.ctx, opGet, r.took, err)
	}
}

// DeleteVersions implements [Bucket].
func (b *measured) DeleteVersions(ctx context.Context, versions []Version) error {
	return b.measure(ctx, opDelete, func() error { return b.bucket.DeleteVersions(ctx, versions) })
}

// List implements [Bucket].
func (b *measured) List(ctx context.Context, prefix, after string) iter.Seq2[Entry, error] {
	return measuredListing(ctx, b, b.bucket.List(ctx, prefix, after))
}

// ListVersions implements [Bucket].
func (b *measured) ListVersions(ctx context.Context, prefix string) iter.Seq2[Version, error] {
	return measuredListing(ctx, b, b.bucket.ListVersions(ctx, prefix))
}

// measuredListing counts a listing when its loop ends.
func measuredListing[T any](ctx context.Context, b *measured, listing iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var took time.Duration // without the time that the loop body takes
		var failed error
		start := time.Now()
		for e, err := range listing {
			took += time.Since(start)
			if err != nil {
				failed = err
			}
			if !yield(e, err) {
				b.observe(ctx, opList, took, failed)
				return
			}
			start = time.Now()
		}
		b.observe(ctx, opList, took+time.Since(start), failed)
	}
}
