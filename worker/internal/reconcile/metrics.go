package reconcile

import (
	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/photo"
)

// Values of the label stage.
const (
	stageDownload = "download" // the original's bytes, after the first
	stageRender   = "render"   // decode, resample, encode
	stageUpload   = "upload"   // variants and manifest
)

// outcomeError is the outcome of a reconcile that failed, beside the [Outcomes] of one that did not.
const outcomeError = "error"

// formatUnknown is that of a photo whose header is what made its decoder panic.
const formatUnknown photo.Format = "unknown"

// Metrics are the reconciler's instruments. Every series begins at zero.
type Metrics struct {
	photos, rejections, panics   *prometheus.CounterVec
	conflicts, bytesIn, pixelsIn prometheus.Counter
	rendering                    prometheus.Gauge
	stage                        *prometheus.HistogramVec
	eventToManifest              prometheus.Histogram
}

// NewMetrics returns instruments registered with reg, or with none if reg is nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		photos:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_photos_total", Help: "Photos reconciled, by outcome."}, []string{"outcome"}),
		rejections: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_rejections_total", Help: "Photos rejected, by reason."}, []string{"reason"}),
		panics:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_decoder_panics_total", Help: "Photos rejected because their decoder panicked, by format."}, []string{"format"}),
		conflicts:  prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_reconcile_conflicts_total", Help: "Reconciles begun again because S3 changed meanwhile."}),
		bytesIn:    prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_original_bytes_total", Help: "Bytes of originals read."}),
		pixelsIn:   prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_original_pixels_total", Help: "Pixels of originals rendered."}),
		rendering:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "darkroom_renders_busy", Help: "Photos being rendered."}),
		stage: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "darkroom_stage_seconds", Help: "Time a photo spent in a stage.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 16), NativeHistogramBucketFactor: 1.1}, []string{"stage"}),
		eventToManifest: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "darkroom_event_to_manifest_seconds", Help: "Time from S3's event to the manifest.",
			Buckets: prometheus.ExponentialBuckets(0.05, 2, 16), NativeHistogramBucketFactor: 1.1}),
	}
	for _, o := range append([]Outcome{outcomeError}, Outcomes...) {
		m.photos.WithLabelValues(string(o))
	}
	for _, r := range photo.Reasons {
		m.rejections.WithLabelValues(string(r))
	}
	for _, f := range append([]photo.Format{formatUnknown}, photo.Formats...) {
		m.panics.WithLabelValues(string(f))
	}
	for _, s := range []string{stageDownload, stageRender, stageUpload} {
		m.stage.WithLabelValues(s)
	}
	if reg != nil {
		reg.MustRegister(m.photos, m.rejections, m.panics, m.conflicts, m.bytesIn, m.pixelsIn, m.rendering, m.stage, m.eventToManifest)
	}
	return m
}
