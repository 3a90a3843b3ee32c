package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/token-lambda/internal/api"
	"darkroom/token-lambda/internal/photos"
)

// Prometheus keeps counters and histograms. Every series starts at zero.
type Prometheus struct {
	issued       prometheus.Counter
	bytes        prometheus.Counter
	unusable     prometheus.Counter
	refused      *prometheus.CounterVec
	quota        *prometheus.CounterVec
	exceeded     *prometheus.CounterVec
	latency      *prometheus.HistogramVec
	operations   *prometheus.CounterVec
	storeLatency *prometheus.HistogramVec
}

// NewPrometheus returns a Prometheus whose instruments are registered with reg.
func NewPrometheus(reg prometheus.Registerer) *Prometheus {
	p := &Prometheus{
		issued: prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_tokens_issued_total", Help: "Upload tokens issued."}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_token_bytes_total",
			Help: "Sizes of the photos that upload tokens were issued for, in bytes. No more can be uploaded, unless forms are allowed."}),
		unusable: prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_api_unusable_manifests_total",
			Help: "Photos that an answer reports as processing because their manifest cannot be used. Run worker backfill."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_requests_refused_total", Help: "Requests answered with a problem document, by the last part of its type."}, []string{"reason"}),
		quota: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_quota_requests_total",
			Help: "Requests for upload tokens that quotas apply to, by outcome: admitted, refused, or unknown if they could not be counted and were admitted."}, []string{"outcome"}),
		exceeded: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_quota_exceeded_total",
			Help: "Requests for upload tokens that exceed a quota, by the name of the quota. A request may exceed several."}, []string{"quota"}),
		latency: latencies("darkroom_request_seconds", "Time until a request was answered, by route and class of the status.",
			[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}, "route", "class"),
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_api_store_operations_total",
			Help: "Operations of the API on S3, by operation and outcome. An operation includes its retries."}, []string{"operation", "outcome"}),
		storeLatency: latencies("darkroom_api_store_operation_seconds", "Time that operations of the API on S3 took, by operation.",
			[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, "operation"),
	}
	for _, reason := range api.Reasons() {
		p.refused.WithLabelValues(reason)
	}
	for _, outcome := range api.QuotaOutcomes {
		p.quota.WithLabelValues(outcome)
	}
	for _, name := range api.QuotaPolicies {
		p.exceeded.WithLabelValues(name)
	}
	for _, route := range api.Routes {
		for _, class := range api.Classes {
			p.latency.WithLabelValues(route, class)
		}
	}
	for _, operation := range photos.Operations {
		p.storeLatency.WithLabelValues(operation)
		for _, outcome := range photos.Outcomes {
			p.operations.WithLabelValues(operation, outcome)
		}
	}
	reg.MustRegister(p.issued, p.bytes, p.unusable, p.refused, p.quota, p.exceeded, p.latency, p.operations, p.storeLatency)
	return p
}

// latencies returns a histogram that is classic, for scrapers that know no other, and native, with buckets 10 % apart.
func latencies(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour}, labels)
}

// Request implements [api.Metrics].
func (p *Prometheus) Request(m api.Measured) {
	p.issued.Add(float64(m.Issued))
	p.bytes.Add(float64(m.Bytes))
	p.unusable.Add(float64(m.UnusableManifests))
	if m.Refused != "" {
		p.refused.WithLabelValues(m.Refused).Inc()
	}
	if m.Quota != "" {
		p.quota.WithLabelValues(m.Quota).Inc()
	}
	for _, name := range m.Exceeded {
		p.exceeded.WithLabelValues(name).Inc()
	}
	p.latency.WithLabelValues(m.Route, m.Class()).Observe(m.Took.Seconds())
}

// StoreOperation implements [photos.Metrics].
func (p *Prometheus) StoreOperation(operation, outcome string, took time.Duration) {
	p.operations.WithLabelValues(operation, outcome).Inc()
	p.storeLatency.WithLabelValues(operation).Observe(took.Seconds())
}
