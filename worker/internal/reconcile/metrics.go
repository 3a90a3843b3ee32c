package reconcile

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/photo"
)

// Values of the label outcome for a photo that has none of [Outcomes].
const (
	outcomeError       = "error"
	outcomeInterrupted = "interrupted" // the context was cancelled, which is no failure; a deadline would be one
)

// Values of the label problem of a stored manifest.
const (
	manifestUnreadable = "unreadable" // see [photo.ErrManifest]
	manifestNewer      = "newer"      // see [photo.ErrNewerManifest]
)

// formatUnknown is the format of a photo whose header made a decoder panic.
const formatUnknown photo.Format = "unknown"

// Metrics are the instruments of a [Reconciler]. Every series starts at zero.
type Metrics struct {
	photos, rejections, panics   *prometheus.CounterVec
	damaged                      *prometheus.CounterVec
	manifests, limits            *prometheus.CounterVec
	conflicts, bytesIn, pixelsIn prometheus.Counter
	variants, bytesOut           *prometheus.CounterVec
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
		damaged:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_damaged_photos_total", Help: "Photos rendered although their file is damaged, by format."}, []string{"format"}),
		manifests:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_manifest_problems_total", Help: "Manifests read that cannot be used and are replaced, or that a newer release wrote and are kept, by problem."}, []string{"problem"}),
		limits:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_limits_problems_total", Help: "Originals whose limits are missing, or unreadable so that the strictest apply, by problem."}, []string{"problem"}),
		conflicts:  prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_reconcile_conflicts_total", Help: "Photos started again because the buckets changed meanwhile."}),
		bytesIn:    prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_original_bytes_total", Help: "Bytes of originals read."}),
		pixelsIn:   prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_original_pixels_total", Help: "Pixels of originals rendered."}),
		variants:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_variants_total", Help: "Variants written, by format."}, []string{"format"}),
		bytesOut:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_variant_bytes_total", Help: "Bytes of variants written, by format."}, []string{"format"}),
		rendering:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "darkroom_renders_busy", Help: "Photos being rendered."}),
		stage: prometheus.NewHistogramVec(histogram("darkroom_stage_seconds", "Time that a photo with an outcome spent in a stage.",
			prometheus.ExponentialBuckets(0.001, 2, 18)), []string{"stage"}),
		eventToManifest: prometheus.NewHistogram(histogram("darkroom_event_to_manifest_seconds", "Time from the event of an original to its manifest.",
			[]float64{.1, .25, .5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400})), // 60 is the objective
	}
	for _, o := range append([]Outcome{outcomeError, outcomeInterrupted}, Outcomes...) {
		m.photos.WithLabelValues(string(o))
	}
	for _, r := range photo.Reasons {
		m.rejections.WithLabelValues(string(r))
	}
	for _, p := range []string{manifestUnreadable, manifestNewer} {
		m.manifests.WithLabelValues(p)
	}
	for _, p := range []string{limitsMissing, limitsUnreadable} {
		m.limits.WithLabelValues(p)
	}
	for _, f := range append([]photo.Format{formatUnknown}, photo.Readable...) {
		m.panics.WithLabelValues(string(f))
	}
	for _, f := range photo.Readable {
		m.damaged.WithLabelValues(string(f))
	}
	for _, f := range photo.Written {
		m.variants.WithLabelValues(string(f))
		m.bytesOut.WithLabelValues(string(f))
	}
	for _, s := range stages() {
		m.stage.WithLabelValues(s)
	}
	if reg != nil {
		reg.MustRegister(m.photos, m.rejections, m.panics, m.damaged, m.manifests, m.limits, m.conflicts, m.bytesIn, m.pixelsIn, m.variants, m.bytesOut, m.rendering, m.stage, m.eventToManifest)
	}
	return m
}

// histogram returns the options of a histogram with classic buckets, and native ones 10 % apart.
func histogram(name, help string, classic []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: name, Help: help, Buckets: classic,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour}
}

// observeStages records the time that a photo spent in each stage, with the id of a trace unless that is empty.
func (m *Metrics) observeStages(took map[string]time.Duration, trace string) {
	for stage, d := range took {
		m.observe(m.stage.WithLabelValues(stage), d, trace)
	}
}

// observe records a duration, with the id of a trace as its exemplar unless that is empty.
func (m *Metrics) observe(h prometheus.Observer, d time.Duration, trace string) {
	if e, ok := h.(prometheus.ExemplarObserver); ok && trace != "" {
		e.ObserveWithExemplar(d.Seconds(), prometheus.Labels{"trace_id": trace})
		return
	}
	h.Observe(d.Seconds())
}

// Photos returns the counters of photos by outcome, for the status page.
func (m *Metrics) Photos() prometheus.Collector { return m.photos }

// Rejections returns the counters of rejected photos by reason, for the status page.
func (m *Metrics) Rejections() prometheus.Collector { return m.rejections }

// RendersBusy returns the gauge of photos being rendered, for the status page.
func (m *Metrics) RendersBusy() prometheus.Collector { return m.rendering }

// EventToManifest returns the histogram of the seconds from an event to the manifest, for the status page.
func (m *Metrics) EventToManifest() prometheus.Collector { return m.eventToManifest }
