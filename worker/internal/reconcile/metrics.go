package reconcile

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// Values of the label stage, beside [engine.Stages].
const (
	stageDownload = "download" // the original's bytes, after the first
	stageUpload   = "upload"   // variants and manifest
)

// Outcomes of a reconcile that came to none of [Outcomes].
const (
	outcomeError       = "error"
	outcomeInterrupted = "interrupted" // its context was cancelled, which is no failure; its deadline would be one
)

// formatUnknown is that of a photo whose header is what made its decoder panic.
const formatUnknown photo.Format = "unknown"

// Metrics are the reconciler's instruments. Every series begins at zero.
type Metrics struct {
	photos, rejections, panics   *prometheus.CounterVec
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
		conflicts:  prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_reconcile_conflicts_total", Help: "Reconciles begun again because S3 changed meanwhile."}),
		bytesIn:    prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_original_bytes_total", Help: "Bytes of originals read."}),
		pixelsIn:   prometheus.NewCounter(prometheus.CounterOpts{Name: "darkroom_original_pixels_total", Help: "Pixels of originals rendered."}),
		variants:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_variants_total", Help: "Variants written, by format."}, []string{"format"}),
		bytesOut:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "darkroom_variant_bytes_total", Help: "Bytes of variants written, by format."}, []string{"format"}),
		rendering:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "darkroom_renders_busy", Help: "Photos being rendered."}),
		stage: prometheus.NewHistogramVec(histogram("darkroom_stage_seconds", "Time a photo spent in a stage.",
			prometheus.ExponentialBuckets(0.001, 2, 16)), []string{"stage"}),
		eventToManifest: prometheus.NewHistogram(histogram("darkroom_event_to_manifest_seconds", "Time from S3's event to the manifest.",
			[]float64{.1, .25, .5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400})), // 60 is that of the objective
	}
	for _, o := range append([]Outcome{outcomeError, outcomeInterrupted}, Outcomes...) {
		m.photos.WithLabelValues(string(o))
	}
	for _, r := range photo.Reasons {
		m.rejections.WithLabelValues(string(r))
	}
	for _, f := range append([]photo.Format{formatUnknown}, photo.Formats...) {
		m.panics.WithLabelValues(string(f))
	}
	for _, f := range photo.Formats {
		m.variants.WithLabelValues(string(f))
		m.bytesOut.WithLabelValues(string(f))
	}
	for _, s := range append([]engine.Stage{stageDownload, stageUpload}, engine.Stages...) {
		m.stage.WithLabelValues(string(s))
	}
	if reg != nil {
		reg.MustRegister(m.photos, m.rejections, m.panics, m.conflicts, m.bytesIn, m.pixelsIn, m.variants, m.bytesOut, m.rendering, m.stage, m.eventToManifest)
	}
	return m
}

// histogram is classic, for scrapers that know no other, and native, with buckets 10 % apart.
func histogram(name, help string, classic []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: name, Help: help, Buckets: classic,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour}
}

// staged tells metrics and spans of a stage that is over now.
func (c Config) staged(stage string, start time.Time, s *spans) {
	end := time.Now()
	c.Metrics.observe(c.Metrics.stage.WithLabelValues(stage), end.Sub(start), s.example)
	s.stage(stage, start, end)
}

// stopwatch adds up how long each stage of a render takes.
type stopwatch struct {
	stage engine.Stage // that runs, or ""
	since time.Time
	took  map[engine.Stage]time.Duration
	parts []part
}

// part is one of those that a stage comes in: each variant is resampled and encoded by itself.
type part struct {
	stage    engine.Stage
	from, to time.Time
}

// mark ends the stage that runs and begins the next, or none if that is "".
func (s *stopwatch) mark(next engine.Stage) {
	now := time.Now()
	if s.stage != "" {
		s.took[s.stage] += now.Sub(s.since)
		s.parts = append(s.parts, part{s.stage, s.since, now})
	}
	s.stage, s.since = next, now
}

// observe counts a duration, with the trace that it is an example from, if there is one.
func (m *Metrics) observe(h prometheus.Observer, d time.Duration, trace string) {
	if e, ok := h.(prometheus.ExemplarObserver); ok && trace != "" {
		e.ObserveWithExemplar(d.Seconds(), prometheus.Labels{"trace_id": trace})
		return
	}
	h.Observe(d.Seconds())
}

// Photos returns the counters of photos by outcome, for a page that shows them.
func (m *Metrics) Photos() prometheus.Collector { return m.photos }

// Rejections returns the counters of rejected photos by reason, for a page that shows them.
func (m *Metrics) Rejections() prometheus.Collector { return m.rejections }

// RendersBusy returns the gauge of photos being rendered, for a page that shows it.
func (m *Metrics) RendersBusy() prometheus.Collector { return m.rendering }

// EventToManifest returns the histogram of the seconds from S3's event to the manifest, for a page that shows it.
func (m *Metrics) EventToManifest() prometheus.Collector { return m.eventToManifest }
