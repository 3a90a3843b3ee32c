package main

import (
	"testing"
	"time"

	"darkroom/deploy/sim/internal/simulation"
)

func TestFront(t *testing.T) {
	asked := make([]time.Duration, 1000)
	for name, c := range map[string]struct {
		f    front
		want time.Duration // admission of the last upload
	}{
		"no limit":    {front{}, 0},
		"API Gateway": {front{rate: 200, burst: 400, concurrency: 1000}, 3 * time.Second},
		// 100 a second, at 0.1 s each.
		"concurrency of the function":    {front{rate: 200, burst: 400, concurrency: 10}, 6 * time.Second},
		"no reserved concurrency":        {front{rate: 200, burst: 400}, 3 * time.Second},
		"more than there is to be asked": {front{rate: 200, burst: 5000, concurrency: 1000}, 0},
	} {
		admitted := c.f.admit(asked)
		if got := admitted[len(admitted)-1]; got != c.want || longestWait(asked, admitted) != c.want {
			t.Errorf("%s: the last upload is at %v, want %v", name, got, c.want)
		}
	}
}

// TestLimits plays a burst under limits that can be worked out by hand.
func TestLimits(t *testing.T) {
	burst := scenario{name: "burst", photos: 20_000, over: time.Minute}
	f := flags()
	f.Limits.VCPUs = 6
	if p := playOne(t, burst, f, nil); p.PeakTasks != 6 {
		t.Errorf("6 + 6 vCPUs: %d tasks of 2", p.PeakTasks)
	}
	f = flags()
	f.Limits.Boards = 1
	// The promise for one board: 100,000 photos in a minute stay below what a prefix takes, with workers enough to make
	// all variants in the same minute.
	set := map[string]string{"MinTasks": "1000", "MaxTasks": "1000"}
	burst.photos = 100_000
	if p := playOne(t, burst, f, set); p.Puts.Originals < 1600 || p.Puts.Originals > 3500 || p.Puts.Variants < 5*1600/32 || p.Puts.Variants > 3500 {
		t.Errorf("100,000 photos in a minute on one board: %+v", p.Puts)
	}
	quick := scenario{name: "quick", photos: 35_000, over: time.Second}
	p := playOne(t, quick, f, set)
	// S3 takes 3,500 PUTs a second, and as many at once.
	if last := p.Settled - p.config.Arrivals[0]; last < 9*time.Second || p.Puts.Originals > 7000 {
		t.Errorf("35,000 photos in a second on one board: the last after %v, %+v", last, p.Puts)
	}
	if more := playOne(t, quick, flags(), set); more.Settled >= p.Settled {
		t.Errorf("35,000 photos in a second: the last after %v, on one board after %v", more.Settled, p.Settled)
	}
}

func TestMix(t *testing.T) {
	kinds, err := parseMix(map[string]string{"jpeg": "0.9:1", "heic": "0.1: 2.5"})
	if err != nil {
		t.Fatal(err)
	}
	w := simulation.Worker{PhotoTime: time.Second, Mix: kinds}
	if got := w.MeanTime(); got != 1150*time.Millisecond {
		t.Errorf("a mean of %v", got)
	}
	for _, bad := range []map[string]string{{"jpeg": "1"}, {"jpeg": "1:0"}, {"jpeg": "0.5:1"}, {"jpeg": "-1:1", "heic": "2:1"}, {"jpeg": "x:1"}} {
		if _, err := parseMix(bad); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
	if _, err := parseMix(nil); err != nil {
		t.Error(err)
	}
}
