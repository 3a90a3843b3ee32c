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

// Rates keeps what counters were a minute ago, so that a page can say how fast they go without anything that scrapes them.
type Rates struct {
	gatherer prometheus.Gatherer

	mu      sync.Mutex
	samples []sample // oldest first; at most those of a window, and one before it
}

type sample struct {
	at       time.Time
	families map[string]*dto.MetricFamily
}

// NewRates returns rates of what the gatherer has. They are zero before [Rates.Run].
func NewRates(g prometheus.Gatherer) *Rates { return &Rates{gatherer: g} }

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
	// What could be gathered is returned along with an error.
	list, _ := r.gatherer.Gather()
	s := sample{at: time.Now(), families: map[string]*dto.MetricFamily{}}
	for _, f := range list {
		if strings.HasPrefix(f.GetName(), "darkroom_") {
			s.families[f.GetName()] = f
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.samples) > 1 && s.at.Sub(r.samples[1].at) >= window {
		r.samples = slices.Delete(r.samples, 0, 1)
	}
	r.samples = append(r.samples, s)
}

// ends returns the samples at the two ends of the window, and the seconds between them, or 0 as long as there is but one.
func (r *Rates) ends() (from, to sample, seconds float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.samples) < 2 {
		return sample{}, sample{}, 0
	}
	from, to = r.samples[0], r.samples[len(r.samples)-1]
	return from, to, to.at.Sub(from.at).Seconds()
}

// Rate is how fast a counter goes, and where it is.
type Rate struct {
	Label     string
	PerSecond float64
	Total     float64
}

// Counters returns each counter of a name by the value of a label of its, in the order of the values.
func (r *Rates) Counters(name, label string) []Rate {
	from, to, seconds := r.ends()
	if seconds == 0 {
		return nil
	}
	before := byLabel(from.families[name], label)
	var rates []Rate
	for value, total := range byLabel(to.families[name], label) {
		rates = append(rates, Rate{Label: value, PerSecond: (total - before[value]) / seconds, Total: total})
	}
	slices.SortFunc(rates, func(a, b Rate) int { return strings.Compare(a.Label, b.Label) })
	return rates
}

func byLabel(f *dto.MetricFamily, label string) map[string]float64 {
	totals := map[string]float64{}
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == label {
				totals[l.GetValue()] += m.GetCounter().GetValue()
			}
		}
	}
	return totals
}

// Gauge returns the sum of the gauges of a name, as they are now.
func (r *Rates) Gauge(name string) float64 {
	list, _ := r.gatherer.Gather() // as in take
	var sum float64
	for _, f := range list {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetGauge().GetValue()
		}
	}
	return sum
}

// Quantile returns what so much of a histogram's observations within the window were below, such as 0.5 for the median, to the
// exactness of its classic buckets, between whose bounds it takes them to be spread evenly. It is NaN if there were none.
func (r *Rates) Quantile(name string, q float64) float64 {
	from, to, _ := r.ends()
	before, now := buckets(from.families[name]), buckets(to.families[name])
	if len(now) == 0 {
		return math.NaN()
	}
	for i := range before {
		now[i].count -= before[i].count
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

// bucket is cumulative.
type bucket struct{ bound, count float64 }

func buckets(f *dto.MetricFamily) []bucket {
	if len(f.GetMetric()) == 0 {
		return nil
	}
	h := f.GetMetric()[0].GetHistogram()
	var list []bucket
	for _, b := range h.GetBucket() {
		list = append(list, bucket{b.GetUpperBound(), float64(b.GetCumulativeCount())})
	}
	if n := len(list); n == 0 || !math.IsInf(list[n-1].bound, 1) {
		list = append(list, bucket{math.Inf(1), float64(h.GetSampleCount())})
	}
	return list
}
