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
		"no limit":                       {front{}, 0},
		"API Gateway":                    {front{rate: 200, burst: 400, concurrency: 1000}, 3 * time.Second},
		"concurrency of the function":    {front{rate: 200, burst: 400, concurrency: 10}, 6 * time.Second}, // 100 a second, at 0.1 s each
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
	set := map[string]string{"MinTasks": "100", "MaxTasks": "100"}
	one := playOne(t, burst, flags(), set)
	if p := playOne(t, burst, f, set); p.P50 < one.P50 || p.Settled < one.Settled {
		t.Errorf("one board: a median of %v, without the limit %v", p.P50, one.P50)
	}
	quick := scenario{name: "quick", photos: 14_000, over: time.Second}
	f.Photos.LateEvents = 0
	p := playOne(t, quick, f, map[string]string{"MinTasks": "200", "MaxTasks": "200"})
	if took := p.Settled - p.config.Arrivals[0]; took < 19*time.Second || took > 40*time.Second { // 700 photos a second, and 700 at once
		t.Errorf("14,000 photos on one board take %v, want at least 19 s", took)
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
