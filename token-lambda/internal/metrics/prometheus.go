package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/token-lambda/internal/api"
)

// Prometheus keeps counters and histograms. Every series begins at zero.
type Prometheus struct {
	issued  prometheus.Counter
	refused *prometheus.CounterVec
	latency *prometheus.HistogramVec
}

// NewPrometheus returns a Prometheus whose instruments are registered with reg.
func NewPrometheus(reg prometheus.Registerer) *Prometheus {
	p := &Prometheus{
		issued:  prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_tokens_issued_total", Help: "Upload tokens issued."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_requests_refused_total", Help: "Requests answered with a problem, by the last part of its type."}, []string{"reason"}),
		// Classic, for scrapers that know no other, and native, with buckets 10 % apart.
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "darkroom_request_seconds", Help: "Time until a request was answered, by route and class of the status.",
			Buckets:                     []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour}, []string{"route", "class"}),
	}
	for _, reason := range api.Reasons() {
		p.refused.WithLabelValues(reason)
	}
	for _, route := range api.Routes {
		for _, class := range api.Classes {
			p.latency.WithLabelValues(route, class)
		}
	}
	reg.MustRegister(p.issued, p.refused, p.latency)
	return p
}

// Request implements [api.Metrics].
func (p *Prometheus) Request(m api.Measured) {
	p.issued.Add(float64(m.Issued))
	if m.Refused != "" {
		p.refused.WithLabelValues(m.Refused).Inc()
	}
	p.latency.WithLabelValues(m.Route, m.Class()).Observe(m.Took.Seconds())
}
