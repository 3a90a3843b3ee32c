package simulation

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestCost(t *testing.T) {
	c := bare(2, 2, time.Second)
	c.Arrivals = make([]time.Duration, 4*3600) // an hour of work for four processors
	r := play(t, c)
	if want := 2 * (2*0.03238 + 4*0.00356); math.Abs(r.Cost.OnDemand-want) > 1e-9 || r.Cost.Spot != 0 {
		t.Errorf("two tasks for an hour cost %v, want %v", r.Cost.OnDemand, want)
	}
	if want := 4 * 3600 / 1e6 * 31.20; math.Abs(r.Cost.S3-want) > 1e-9 {
		t.Errorf("S3: %v, want %v", r.Cost.S3, want)
	}
	// Each photo takes one sent message, about one receive, since slots become free one at a time, and a share of a
	// delete.
	if sqs := r.Cost.SQS * 1e6 / 0.40; sqs < 2*4*3600 || sqs > 3.2*4*3600 {
		t.Errorf("%v requests of SQS", sqs)
	}
	if m := r.Cost.Million(4 * 3600); math.Abs(m.S3-31.20) > 1e-9 || math.Abs(m.Sum()-r.Cost.Sum()*1e6/(4*3600)) > 1e-9 {
		t.Errorf("a million photos cost %+v", m)
	}
}

// Messages are deleted in batches, each of up to ten that end within 100 ms.
func TestDeletesInBatches(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for name, c := range map[string]struct {
		at    []time.Duration
		calls int
	}{
		"none":                 {nil, 0},
		"far apart":            {[]time.Duration{0, ms(200), ms(400)}, 3},
		"just within the wait": {[]time.Duration{0, ms(100), ms(101)}, 2},
		"a full batch":         {slices.Repeat([]time.Duration{0}, 10), 1},
		"eleven at once":       {slices.Repeat([]time.Duration{0}, 11), 2},
	} {
		var one, all deletes
		for _, at := range c.at {
			one.add(at, 1)
		}
		if one.calls != c.calls {
			t.Errorf("%s: %d calls, want %d", name, one.calls, c.calls)
		}
		if all.add(0, len(c.at)); all.calls != (len(c.at)+batch-1)/batch {
			t.Errorf("%s: %d calls for %d messages at once", name, all.calls, len(c.at))
		}
	}
}
