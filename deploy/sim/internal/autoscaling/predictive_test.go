package autoscaling

import (
	"math"
	"slices"
	"testing"
	"time"
)

// hours returns n days, each with a load in one hour and none in the others.
func hours(hour int, loads ...float64) (all []float64) {
	for _, v := range loads {
		day := make([]float64, 24)
		day[hour] = v
		all = append(all, day...)
	}
	return all
}

func TestForecast(t *testing.T) {
	half := append(hours(8, 100, 200), hours(8, 600)[:12]...)
	long := hours(8, append([]float64{1e6}, flat(100, 14)...)...)
	for name, c := range map[string]struct {
		loads []float64
		hour  int
		want  float64
	}{
		"less than a day":                {flat(50, 23), 23, nan},
		"a day":                          {flat(50, 24), 24, 50},
		"a constant load":                {flat(50, 90), 101, 50},
		"the mean of the days":           {hours(8, 100, 200, 600), 3*24 + 8, 300},
		"another hour":                   {hours(8, 100, 200, 600), 3*24 + 9, 0},
		"a day that has begun counts":    {half, 3*24 + 8, 300},
		"a day whose hour is to come":    {hours(20, 100, 200), 2*24 + 20, 150},
		"two days ahead":                 {hours(8, 100, 200), 3*24 + 8, 150},
		"more than 14 days do not count": {long, len(long) + 8, 100},
	} {
		if got := Forecast(c.loads, c.hour); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestFollowForecast(t *testing.T) {
	p := PredictiveScaling{Name: "forecast", Target: 70, Buffer: 5 * time.Minute, Scales: true}
	only := p
	only.Scales = false
	for name, c := range map[string]struct {
		policy          PredictiveScaling
		desired         int
		this, following float64
		next            time.Duration
		want            Decision
		floor           int
	}{
		"a load of ten workers":           {p, 1, 700, 0, time.Hour, Decision{10, "forecast"}, 10},
		"rounded up":                      {p, 1, 701, 0, time.Hour, Decision{11, "forecast"}, 11},
		"the next hour, too early":        {p, 1, 0, 700, 301 * time.Second, Decision{1, ""}, 0},
		"the next hour":                   {p, 1, 0, 700, 300 * time.Second, Decision{10, "forecast"}, 10},
		"the larger of both":              {p, 1, 700, 70, time.Minute, Decision{10, "forecast"}, 10},
		"more workers are there":          {p, 15, 700, 0, time.Hour, Decision{15, ""}, 10},
		"the maximum":                     {p, 1, 70_000, 0, time.Hour, Decision{20, "forecast"}, 20},
		"no forecast":                     {p, 1, nan, nan, time.Minute, Decision{1, ""}, 0},
		"a forecast that is not followed": {only, 1, 700, 700, time.Minute, Decision{1, ""}, 0},
	} {
		g, err := NewGroup(Config{Bounds: bounds(1, 20), Predictive: []PredictiveScaling{c.policy}})
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Forecast(c.desired, c.this, c.following, c.next); got != c.want || g.Floor() != c.floor {
			t.Errorf("%s: %+v with a floor of %d, want %+v and %d", name, got, g.Floor(), c.want, c.floor)
		}
	}
}

// TestForecastLimitsRemoval has target tracking remove workers down to the forecast of the hour, and not below.
func TestForecastLimitsRemoval(t *testing.T) {
	g, err := NewGroup(Config{Bounds: bounds(1, 20), TargetTracking: []TargetTracking{{Name: "track", Target: 30}},
		Predictive: []PredictiveScaling{{Name: "forecast", Target: 70, Scales: true}}})
	if err != nil {
		t.Fatal(err)
	}
	idle := map[string]Series{"track": flat(0, 15)}
	var got []int
	for _, c := range []struct {
		from int
		load float64
	}{{15, 700}, {10, 700}, {8, 700}, {10, 0}} {
		g.Forecast(c.from, c.load, 0, time.Hour)
		got = append(got, g.Decide(start, c.from, idle).Desired)
	}
	if want := []int{10, 10, 8, 1}; !slices.Equal(got, want) {
		t.Errorf("%v workers, want %v", got, want)
	}
}

func TestInvalidPredictiveScaling(t *testing.T) {
	for name, p := range map[string]PredictiveScaling{
		"no name":         {Target: 70},
		"no target":       {Name: "forecast"},
		"negative buffer": {Name: "forecast", Target: 70, Buffer: -1},
		"buffer":          {Name: "forecast", Target: 70, Buffer: time.Hour},
	} {
		if _, err := NewGroup(Config{Bounds: bounds(1, 2), Predictive: []PredictiveScaling{p}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewGroup(Config{Bounds: bounds(1, 2), TargetTracking: []TargetTracking{{Name: "cpu", Target: 50, HighResolution: true}}}); err == nil {
		t.Error("a policy of high resolution that removes: no error")
	}
}
