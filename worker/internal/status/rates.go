package status

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

const (
	sampleEvery = 5 * time.Second
	// window is how far the rates look back.
	window = time.Minute
)

// Metrics are the instruments that the page shows. Their owners pass them in, so that the page needs no metric names.
type Metrics struct {
	Photos          prometheus.Collector // counters by outcome
	Rejections      prometheus.Collector // counters by reason
	Retries         prometheus.Collector // counters by reason
	EventToManifest prometheus.Collector // one histogram, in seconds
	Slots           prometheus.Collector // one gauge
	RendersBusy     prometheus.Collector // one gauge
}

// Rates remembers what the counters were a minute ago, so that the page can show rates although nothing scrapes them.
type Rates struct {
	metrics Metrics

	mu      sync.Mutex
	samples []sample // oldest first: those of a window, and one before it
}

// sample is the state of the counters and the histogram at one time.
type sample struct {
	taken                       time.Time
	photos, rejections, retries map[string]float64
	eventToManifest             []bucket
}

// NewRates returns the rates of these metrics. They are zero before [Rates.Run].
func NewRates(m Metrics) *Rates { return &Rates{metrics: m} }

// Run takes samples until ctx ends.
func (r *Rates) Run(ctx context.Context) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		r.take()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (r *Rates) take() {
	s := sample{taken: time.Now(), photos: counters(r.metrics.Photos), rejections: counters(r.metrics.Rejections),
		retries: counters(r.metrics.Retries), eventToManifest: buckets(r.metrics.EventToManifest)}
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.samples) > 1 && s.taken.Sub(r.samples[1].taken) >= window {
		r.samples = slices.Delete(r.samples, 0, 1)
	}
	r.samples = append(r.samples, s)
}

// ends returns the samples at both ends of the window and the seconds between them, or 0 while there is only one.
func (r *Rates) ends() (from, to sample, seconds float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.samples) < 2 {
		return sample{}, sample{}, 0
	}
	from, to = r.samples[0], r.samples[len(r.samples)-1]
	return from, to, to.taken.Sub(from.taken).Seconds()
}

// Rate is the value of a counter and its rate of increase.
type Rate struct {
	Label     string
	PerSecond float64
	Total     float64
}

// Photos returns the photos by outcome, in alphabetical order. It returns nil before the second sample.
func (r *Rates) Photos() []Rate {
	return r.since(func(s sample) map[string]float64 { return s.photos })
}

// Rejections returns the rejected photos by reason, in alphabetical order. It returns nil before the second sample.
func (r *Rates) Rejections() []Rate {
	return r.since(func(s sample) map[string]float64 { return s.rejections })
}

// Retries returns the retries by reason, in alphabetical order. It returns nil before the second sample.
func (r *Rates) Retries() []Rate {
	return r.since(func(s sample) map[string]float64 { return s.retries })
}

func (r *Rates) since(field func(sample) map[string]float64) []Rate {
	from, to, seconds := r.ends()
	if seconds == 0 {
		return nil
	}
	var rates []Rate
	for label, total := range field(to) {
		rates = append(rates, Rate{Label: label, PerSecond: (total - field(from)[label]) / seconds, Total: total})
	}
	slices.SortFunc(rates, func(a, b Rate) int { return strings.Compare(a.Label, b.Label) })
	return rates
}

// Slots returns how many messages the worker holds at most.
func (r *Rates) Slots() int { return int(gauge(r.metrics.Slots)) }

// RendersBusy returns how many photos are being rendered.
func (r *Rates) RendersBusy() int { return int(gauge(r.metrics.RendersBusy)) }

// EventToManifest returns the quantile q, such as 0.5 for the median, of the seconds from S3's event to the manifest in
// the window. It is interpolated linearly within the classic buckets. It is NaN if nothing was observed.
func (r *Rates) EventToManifest(q float64) float64 {
	from, to, _ := r.ends()
	now := slices.Clone(to.eventToManifest)
	if len(now) == 0 {
		return math.NaN()
	}
	for i := range from.eventToManifest {
		now[i].count -= from.eventToManifest[i].count
	}
	all := now[len(now)-1].count
	if all == 0 {
		return math.NaN()
	}
	rank := q * all
	lower, below := 0.0, 0.0
	for _, b := range now {
		if b.count >= rank {
			if math.IsInf(b.bound, 1) {
				return lower
			}
			return lower + (b.bound-lower)*(rank-below)/(b.count-below)
		}
		lower, below = b.bound, b.count
	}
	return lower
}

// read returns the present values of a collector.
func read(c prometheus.Collector) []*dto.Metric {
	found := make(chan prometheus.Metric)
	go func() {
		defer close(found)
		c.Collect(found)
	}()
	var list []*dto.Metric
	for m := range found {
		var d dto.Metric
		if m.Write(&d) == nil {
			list = append(list, &d)
		}
	}
	return list
}

// counters returns counters by the value of their only label.
func counters(c prometheus.Collector) map[string]float64 {
	totals := map[string]float64{}
	for _, m := range read(c) {
		for _, l := range m.GetLabel() {
			totals[l.GetValue()] += m.GetCounter().GetValue()
		}
	}
	return totals
}

func gauge(c prometheus.Collector) (sum float64) {
	for _, m := range read(c) {
		sum += m.GetGauge().GetValue()
	}
	return sum
}

// bucket is a cumulative bucket of a histogram.
type bucket struct{ bound, count float64 }

func buckets(c prometheus.Collector) (list []bucket) {
	for _, m := range read(c) {
		h := m.GetHistogram()
		for _, b := range h.GetBucket() {
			list = append(list, bucket{b.GetUpperBound(), float64(b.GetCumulativeCount())})
		}
		if n := len(list); n == 0 || !math.IsInf(list[n-1].bound, 1) {
			list = append(list, bucket{math.Inf(1), float64(h.GetSampleCount())})
		}
	}
	return list
}
