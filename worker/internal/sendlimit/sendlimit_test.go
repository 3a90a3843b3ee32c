package sendlimit

import (
	"testing"

	"golang.org/x/time/rate"
)

func TestLimiter(t *testing.T) {
	for _, tc := range []struct {
		rate  float64
		limit rate.Limit
		batch int
	}{
		{0, rate.Inf, 10},
		{0.5, 0.5, 1},
		{1, 1, 1},
		{5.9, 5.9, 5},
		{10, 10, 10},
		{1000, 1000, 10},
	} {
		limiter, batch := Limits{Rate: tc.rate}.Limiter(10)
		if limiter.Limit() != tc.limit || batch != tc.batch || tc.limit != rate.Inf && limiter.Burst() != tc.batch {
			t.Errorf("rate %v: limit %v, burst %d, batch %d, want %v and %d", tc.rate, limiter.Limit(), limiter.Burst(), batch, tc.limit, tc.batch)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		limits Limits
		valid  bool
	}{{Limits{}, true}, {Limits{Rate: 1, Max: 1}, true}, {Limits{Rate: -1}, false}, {Limits{Max: -1}, false}} {
		if err := tc.limits.Validate(); (err == nil) != tc.valid {
			t.Errorf("%+v: %v", tc.limits, err)
		}
	}
}
