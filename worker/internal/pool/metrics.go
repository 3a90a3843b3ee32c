package pool

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/queue"
)

// Outcomes of a received message: values of the label "outcome".
const (
	outcomeDeleted           = "deleted"            // handled and deleted
	outcomeDeadLettered      = "dead_lettered"      // a bad message: sent to the dead-letter queue and deleted
	outcomeNotDeleted        = "not_deleted"        // one of the two above, but the delete failed: it will be received again
	outcomeRetried           = "retried"            // the handler failed: it comes back after a back-off
	outcomeReleased          = "released"           // made visible again while draining
	outcomeVisibilityExpired = "visibility_expired" // the visibility timeout ended before the handler returned
)

// Reasons why a message is tried again: values of the label "reason".
const (
	retryTransient   = "transient"
	retryDeadline    = "deadline"
	retryPanic       = "panic"
	retryUnavailable = "unavailable" // without a new receive while the breaker is open, or after a back-off
)

// Metrics are the metrics of one pool. Every series starts at zero.
type Metrics struct {
	slots, busy, breakerOpen prometheus.Gauge
	received                 prometheus.Counter
	visibilityExpirations    prometheus.Counter
	settled, retries         *prometheus.CounterVec
	jobSeconds               prometheus.Histogram
	quietWait, noisyWait     prometheus.Observer
	inFlight                 atomic.Pointer[inFlight] // source of the gauges of messages in flight
	pauses                   atomic.Uint32            // reasons why breakerOpen is 1
}

// Reasons why receives pause, as bits.
const (
	pausedByBreaker = 1 << iota
	pausedByStrangers
)

// pause records whether receives pause for this reason.
func (m *Metrics) pause(reason uint32, paused bool) {
	var all uint32
	if paused {
		all = m.pauses.Or(reason) | reason
	} else {
		all = m.pauses.And(^reason) &^ reason
	}
	m.breakerOpen.Set(float64(min(all, 1)))
}

// NewMetrics returns metrics that are registered with reg, unless reg is nil. They are for one pool.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	wait := prometheus.NewHistogramVec(waitOptions("darkroom_queue_wait_seconds",
		"Time from first sending a message to its first receive, by board: noisy, with more than a tenth of this worker's recent messages, or quiet."), []string{"board"})
	return newMetrics(reg, "darkroom_", wait, wait.WithLabelValues("quiet"), wait.WithLabelValues("noisy"))
}

// NewIntakeMetrics is [NewMetrics] for a pool whose handler only routes messages. The names begin with darkroom_intake.
func NewIntakeMetrics(reg prometheus.Registerer) *Metrics {
	wait := prometheus.NewHistogram(waitOptions("darkroom_intake_queue_wait_seconds",
		"Time from sending an event to its first receive."))
	return newMetrics(reg, "darkroom_intake_", wait, wait, wait)
}

func waitOptions(name, help string) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: name, Help: help, Buckets: prometheus.ExponentialBuckets(0.05, 2, 20),
		NativeHistogramBucketFactor: 1.1}
}

// newMetrics returns metrics whose names begin with prefix. quiet and noisy are the series of wait.
func newMetrics(reg prometheus.Registerer, prefix string, wait prometheus.Collector,
	quiet, noisy prometheus.Observer) *Metrics {
	m := &Metrics{
		slots: prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "slots",
			Help: "Maximum number of messages that handlers work on at once."}),
		busy: prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "slots_busy",
			Help: "Messages that handlers work on."}),
		breakerOpen: prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "breaker_open", Help: "1 while receives pause, because a dependency of the handlers is unavailable or no message so far was for this worker; otherwise 0."}),
		received: prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + "messages_received_total",
			Help: "Messages received from the queue."}),
		visibilityExpirations: prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + "visibility_expirations_total",
			Help: "Messages whose visibility timeout ended before their handler returned."}),
		settled: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "messages_settled_total",
			Help: "Messages settled, by outcome."}, []string{"outcome"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "retries_total",
			Help: "Failed attempts at a message that are retried, by reason."}, []string{"reason"}),
		jobSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + "job_seconds",
			Help:    "Time from receiving a message to settling it.",
			Buckets: prometheus.ExponentialBuckets(0.01, 2, 15), NativeHistogramBucketFactor: 1.1}),
		quietWait: quiet, noisyWait: noisy,
	}
	for _, o := range []string{outcomeDeleted, outcomeDeadLettered, outcomeNotDeleted, outcomeRetried, outcomeReleased, outcomeVisibilityExpired} {
		m.settled.WithLabelValues(o)
	}
	for _, r := range []string{retryTransient, retryDeadline, retryPanic, retryUnavailable} {
		m.retries.WithLabelValues(r)
	}
	messages := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: prefix + "messages_in_flight",
		Help: "Messages received and not yet settled."},
		func() float64 { return float64(m.inFlight.Load().count()) })
	oldest := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: prefix + "oldest_job_seconds",
		Help: "Time since the oldest message in flight was received."},
		func() float64 { return m.inFlight.Load().oldest().Seconds() })
	m.inFlight.Store(&inFlight{})
	if reg != nil {
		reg.MustRegister(m.slots, m.busy, m.breakerOpen, m.received, m.visibilityExpirations, m.settled, m.retries, m.jobSeconds, wait,
			messages, oldest)
	}
	return m
}

// observeWait records how long a message of a noisy or quiet group waited for its first receive. The time until a later
// receive is a back-off, not a delay of the queue.
func (m *Metrics) observeWait(message queue.Message, noisy bool) {
	if message.ReceiveCount != 1 || message.Sent.IsZero() {
		return
	}
	wait := m.quietWait
	if noisy {
		wait = m.noisyWait
	}
	wait.Observe(max(0, time.Since(message.Sent).Seconds())) // the clocks of the queue and of this machine differ
}

// countSettled counts a message that was settled d after its receive.
func (m *Metrics) countSettled(outcome string, d time.Duration) {
	m.settled.WithLabelValues(outcome).Inc()
	m.jobSeconds.Observe(d.Seconds())
}

// Slots returns the gauge of the pool's slots, for the status page.
func (m *Metrics) Slots() prometheus.Collector { return m.slots }

// Retries returns the counters of retries by reason, for the status page.
func (m *Metrics) Retries() prometheus.Collector { return m.retries }
