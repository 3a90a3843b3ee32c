package front

import (
	"maps"
	"math"
	"slices"
	"time"
)

// history keeps the totals of the last [medianWindow], oldest first.
type history []moment

type moment struct {
	at    time.Time
	total counts
}

func (h *history) add(at time.Time, total counts) {
	*h = append(*h, moment{at, total})
	*h = slices.DeleteFunc(*h, func(m moment) bool { return at.Sub(m.at) > medianWindow })
}

// since returns what is new in the newest total against the oldest one within the window. It reports false if there is none
// to compare with: nobody has asked for a while.
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

// rate is the photos a second over the window, or nil if that is not known.
func (h history) rate(window time.Duration) *float64 {
	fresh, over, ok := h.since(window)
	if !ok {
		return nil
	}
	r := fresh[math.Inf(1)] / over.Seconds()
	return &r
}

// median is the seconds that half of the photos of the window took at most, or nil if there were none.
func (h history) median(window time.Duration) *float64 {
	fresh, _, ok := h.since(window)
	all := fresh[math.Inf(1)]
	if !ok || all <= 0 {
		return nil
	}
	return fresh.quantile(all / 2)
}

// quantile is the value of the photo with this rank, taken to lie evenly within its bucket; beyond the last bound it is that
// bound. It is what histogram_quantile of Prometheus gives.
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
