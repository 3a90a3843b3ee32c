package pool

import (
	"darkroom/worker/internal/queue"

	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// What became of a received message: values of the label outcome.
const (
	outcomeDeleted      = "deleted"       // handled and deleted
	outcomeDeadLettered = "dead_lettered" // a bad message: sent to the dead-letter queue and deleted
	outcomeNotDeleted   = "not_deleted"   // one of these two, but the delete failed: it will come again
	outcomeRetried      = "retried"       // the handler failed: it comes again after a back-off
	outcomeReleased     = "released"      // given back while draining
	outcomeLeaseLost    = "lease_lost"    // the lease ended before the handler did
)

// Why a job is tried again: values of the label reason.
const (
	retryTransient   = "transient"
	retryDeadline    = "deadline"
	retryPanic       = "panic"
	retryUnavailable = "unavailable" // in place while the breaker is open, or after a back-off
)

// Metrics are the pool's instruments. Every series begins at zero.
type Metrics struct {
	slots, busy, breakerOpen prometheus.Gauge
	received                 prometheus.Counter
	leaseLosses              prometheus.Counter
	settled, retries         *prometheus.CounterVec
	jobSeconds, waitSeconds  prometheus.Histogram
	leases                   atomic.Pointer[leases] // of the pool that is observed
}

// NewMetrics returns instruments registered with reg, or with none if reg is nil. They are for one pool.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		slots:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "darkroom_slots", Help: "Messages that handlers may have at once."}),
		busy:        prometheus.NewGauge(prometheus.GaugeOpts{Name: "darkroom_slots_busy", Help: "Messages that handlers have."}),
		breakerOpen: prometheus.NewGauge(prometheus.GaugeOpts{Name: "darkroom_breaker_open", Help: "1 while receives pause because storage is unavailable."}),
		received:    prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_messages_received_total", Help: "Messages received from the queue."}),
		leaseLosses: prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_lease_losses_total", Help: "Leases lost while their job was in hand."}),
		settled:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_messages_settled_total", Help: "Messages let go of, by what became of them."}, []string{"outcome"}),
		retries:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_retries_total", Help: "Jobs to be tried again, in place or after a back-off, by reason."}, []string{"reason"}),
		jobSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "darkroom_job_seconds", Help: "Time from receiving a message to settling it.",
			Buckets: prometheus.ExponentialBuckets(0.01, 2, 15), NativeHistogramBucketFactor: 1.1}),
		waitSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "darkroom_queue_wait_seconds", Help: "Time that messages waited in the queue for their first receive.",
			Buckets: prometheus.ExponentialBuckets(0.05, 2, 20), NativeHistogramBucketFactor: 1.1}),
	}
	for _, o := range []string{outcomeDeleted, outcomeDeadLettered, outcomeNotDeleted, outcomeRetried, outcomeReleased, outcomeLeaseLost} {
		m.settled.WithLabelValues(o)
	}
	for _, r := range []string{retryTransient, retryDeadline, retryPanic, retryUnavailable} {
		m.retries.WithLabelValues(r)
	}
	inFlight := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "darkroom_messages_in_flight", Help: "Messages received and not yet settled."},
		func() float64 { return float64(m.leases.Load().count()) })
	oldest := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "darkroom_oldest_job_seconds", Help: "Time that the oldest of the messages in flight has been in hand."},
		func() float64 { return m.leases.Load().oldest().Seconds() })
	m.observe(&leases{})
	if reg != nil {
		reg.MustRegister(m.slots, m.busy, m.breakerOpen, m.received, m.leaseLosses, m.settled, m.retries, m.jobSeconds, m.waitSeconds, inFlight, oldest)
	}
	return m
}

// observe makes the gauges of messages in hand those of l.
func (m *Metrics) observe(l *leases) { m.leases.Store(l) }

// waited counts a message that was received. What it waits for another receive is not the queue's delay.
func (m *Metrics) waited(message queue.Message) {
	if message.ReceiveCount == 1 && !message.Sent.IsZero() {
		m.waitSeconds.Observe(max(0, time.Since(message.Sent).Seconds())) // the queue's clock is another
	}
}

// settledAs counts a message that was in hand for d.
func (m *Metrics) settledAs(outcome string, d time.Duration) {
	m.settled.WithLabelValues(outcome).Inc()
	m.jobSeconds.Observe(d.Seconds())
}

// Slots returns the gauge of the pool's slots, for a page that shows it.
func (m *Metrics) Slots() prometheus.Collector { return m.slots }

// Retries returns the counters of retries by reason, for a page that shows them.
func (m *Metrics) Retries() prometheus.Collector { return m.retries }
