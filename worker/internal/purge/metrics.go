package purge

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Values of the label "state" of photos.
const (
	photoRequested = "requested" // the request is in the queue
	photoPurged    = "purged"    // the CDN has confirmed it, and the tombstone says so
)

// Values of the label "operation" of calls to the CDN.
const (
	opPurge  = "purge"
	opStatus = "status"
)

// Values of the label "outcome" of calls to the CDN.
const (
	callOK    = "ok"
	callBusy  = "busy" // the CDN has too many purges in progress
	callError = "error"
)

// Metrics are those of purges. Every series starts at zero.
type Metrics struct {
	photos  *prometheus.CounterVec
	calls   *prometheus.CounterVec
	seconds prometheus.Histogram
	overdue prometheus.Counter
}

// NewMetrics returns metrics that are registered with reg, unless it is nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		photos: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_purge_photos_total",
			Help: "Erased photos, by state: their purge from the CDN was requested, or it is complete."}, []string{"state"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_purge_calls_total",
			Help: "Calls to the CDN, by operation and outcome. One purge covers up to 100 photos."}, []string{"operation", "outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "darkroom_purge_seconds",
			Help:    "Time from the request of a photo's purge until the CDN has confirmed it.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 14), NativeHistogramBucketFactor: 1.1}),
		overdue: prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_purge_overdue_total",
			Help: "Times that a purge failed or was not complete more than 15 minutes after its request. It is retried until it is complete."}),
	}
	for _, state := range []string{photoRequested, photoPurged} {
		m.photos.WithLabelValues(state)
	}
	for _, op := range []string{opPurge, opStatus} {
		for _, outcome := range []string{callOK, callBusy, callError} {
			m.calls.WithLabelValues(op, outcome)
		}
	}
	if reg != nil {
		reg.MustRegister(m.photos, m.calls, m.seconds, m.overdue)
	}
	return m
}

// called counts a call to the CDN.
func (m *Metrics) called(op string, err error) {
	outcome := callOK
	switch {
	case errors.Is(err, ErrBusy):
		outcome = callBusy
	case err != nil && !errors.Is(err, ErrUnknown):
		outcome = callError
	}
	m.calls.WithLabelValues(op, outcome).Inc()
}
