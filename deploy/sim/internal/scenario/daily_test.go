package scenario

import (
	"math"
	"slices"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/system"
	"darkroom/deploy/testkit/race"
)

func TestDailyLoad(t *testing.T) {
	d := Daily{Base: 1, Peak: 100, At: 8 * time.Hour, Rise: 10 * time.Minute, Hold: 30 * time.Minute, Fall: 20 * time.Minute, Days: 2}
	uploads, hours := d.load(1, time.Hour)
	if len(hours) != 48 || math.Abs(hours[7]-3600) > 1 || math.Abs(hours[8]-3600-100*45*60) > 1 || hours[8] != hours[32] {
		t.Errorf("photos of each hour: %v", hours)
	}
	if want := 86_400 + 100*45*60; len(uploads) != want || !slices.IsSorted(uploads) || uploads[0] < time.Hour || uploads[want-1] > 25*time.Hour {
		t.Errorf("%d uploads from %v, want %d", len(uploads), uploads[0], want)
	}
	if from, _ := slices.BinarySearch(uploads, 9*time.Hour); math.Abs(float64(from)-8*3600) > 1000 {
		t.Errorf("%d uploads before 8:00", from)
	}
	d.Size, d.Shift = 0.2, 3*time.Minute
	if _, noisy := d.load(1, 0); noisy[8] == noisy[32] || noisy[8] == hours[8] {
		t.Errorf("the peaks are the same: %v, %v", noisy[8], noisy[32])
	}
	// 36,000 photos of 0.1 s in an hour are one processor, or half of a task of two.
	if loads := cpu([]float64{36_000}, simulation.Worker{Processors: 2, PhotoTime: 100 * time.Millisecond}); math.Abs(loads[0]-50) > 1e-9 {
		t.Errorf("load %v", loads)
	}
}

// TestForecastServesDailyPeak plays the daily peak by CloudWatch's alarms alone. With the forecast, the photos of its
// rise wait for no task to start.
func TestForecastServesDailyPeak(t *testing.T) {
	race.Skip(t)
	which, err := Named([]string{"daily"})
	if err != nil {
		t.Fatal(err)
	}
	small := *which[0].Daily
	small.Peak, small.At = 50, time.Hour
	s := which[0]
	s.Daily = &small
	results := map[string]*Played{}
	for _, scaling := range []string{"no", "forecast", "scale"} {
		f := system.DefaultFlags(templateFile)
		f.Fast, f.Photos.LateEvents = false, 0
		results[scaling] = playOne(t, s, f, map[string]string{"PredictiveScaling": scaling})
	}
	no, only, scale := results["no"], results["forecast"], results["scale"]
	if only.P99 != no.P99 || only.Cost != no.Cost || len(only.Changes) != len(no.Changes) {
		t.Errorf("a forecast alone: p99 %v, cost %v; without it %v, %v", only.P99, only.Cost, no.P99, no.Cost)
	}
	if scale.P99 > no.P99/2 || scale.Changes[0].Policy != "ForecastScaling" || scale.Changes[0].At != no.Config.Midnight+55*time.Minute {
		t.Errorf("with the forecast: p99 %v, first change %+v; without it %v", scale.P99, scale.Changes[0], no.P99)
	}
}
