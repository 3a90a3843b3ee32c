package pool

import "github.com/prometheus/client_golang/prometheus"

// What became of a received message: values of the label outcome.
const (
	outcomeDeleted    = "deleted"     // handled and deleted
	outcomeNotDeleted = "not_deleted" // handled, but the delete failed: it will come again
	outcomeRetried    = "retried"     // the handler failed: it comes again after a back-off
	outcomeReleased   = "released"    // given back while draining
	outcomeLeaseLost  = "lease_lost"  // the lease ended before the handler did
)

// Metrics are the pool's instruments. Every series begins at zero.
type Metrics struct {
	slots, busy             prometheus.Gauge
	received, receiveErrors prometheus.Counter
	settled                 *prometheus.CounterVec
	jobSeconds              prometheus.Histogram
}

// NewMetrics returns instruments registered with reg, or with none if reg is nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		slots:         prometheus.NewGauge(prometheus.GaugeOpts{Name: "darkroom_slots", Help: "Messages that may be in hand at once."}),
		busy:          prometheus.NewGauge(prometheus.GaugeOpts{Name: "darkroom_slots_busy", Help: "Messages in hand."}),
		received:      prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_messages_received_total", Help: "Messages received from the queue."}),
		receiveErrors: prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_receive_errors_total", Help: "Receives that failed."}),
		settled:       prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_messages_settled_total", Help: "Messages let go of, by what became of them."}, []string{"outcome"}),
		jobSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "darkroom_job_seconds", Help: "Time from receiving a message to settling it.",
			Buckets: prometheus.ExponentialBuckets(0.01, 2, 15), NativeHistogramBucketFactor: 1.1}),
	}
	for _, o := range []string{outcomeDeleted, outcomeNotDeleted, outcomeRetried, outcomeReleased, outcomeLeaseLost} {
		m.settled.WithLabelValues(o)
	}
	if reg != nil {
		reg.MustRegister(m.slots, m.busy, m.received, m.receiveErrors, m.settled, m.jobSeconds)
	}
	return m
}
