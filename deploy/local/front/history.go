package front

import (
	"maps"
	"math"
	"slices"
	"time"
)

// history holds the totals of the last [medianWindow], oldest first.
type history []moment

type moment struct {
	at    time.Time
	total counts
}

func (h *history) add(at time.Time, total counts) {
	*h = append(*h, moment{at, total})
	*h = slices.DeleteFunc(*h, func(m moment) bool { return at.Sub(m.at) > medianWindow })
}

// since returns the difference between the newest total and the oldest one within the window. It reports false if there
// is no older total in the window, because nobody requested the state for a while.
func (h history) since(window time.Duration) (fresh counts, over time.Duration, ok bool) {
	now := h[len(h)-1]
	before := h[slices.IndexFunc(h, func(m moment) bool { return now.at.Sub(m.at) <= window })]
	if over = now.at.Sub(before.at); over <= 0 {
		return nil, 0, false
	}
	fresh = counts{}
	for bound, n := range now.total {
		fresh[bound] = n - before.total[bound]
	}
	return fresh, over, true
}

// rate returns the photos per second over the window, or nil if it is unknown.
func (h history) rate(window time.Duration) *float64 {
	fresh, over, ok := h.since(window)
	if !ok {
		return nil
	}
	r := fresh[math.Inf(1)] / over.Seconds()
	return &r
}

// median returns the median time in seconds of the photos of the window, or nil if there were none.
func (h history) median(window time.Duration) *float64 {
	fresh, _, ok := h.since(window)
	all := fresh[math.Inf(1)]
	if !ok || all <= 0 {
		return nil
	}
	return fresh.quantile(all / 2)
}

// quantile returns the value of the photo with this rank. It assumes that values are spread evenly within a bucket, and
// returns the last finite bound for larger values, as histogram_quantile of Prometheus does.
func (c counts) quantile(rank float64) *float64 {
	below, from := 0.0, 0.0
	for _, bound := range slices.Sorted(maps.Keys(c)) {
		n := c[bound]
		if n < rank {
			below, from = n, bound
			continue
		}
		v := from
		if !math.IsInf(bound, 1) {
			v += (bound - from) * (rank - below) / (n - below)
		}
		return &v
	}
	return nil
}
