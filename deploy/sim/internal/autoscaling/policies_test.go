package autoscaling

import (
	"math"
	"testing"
	"time"
)

var (
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	inf   = math.Inf(1)
	nan   = math.NaN()
)

// flat returns a metric that has been v for n minutes.
func flat(v float64, n int) Series {
	s := make(Series, n)
	for i := range s {
		s[i] = v
	}
	return s
}

func TestAlarm(t *testing.T) {
	above := Alarm{Threshold: 10, Comparison: Above, Periods: 3}
	missing := above
	missing.Missing = true
	two := Alarm{Threshold: 10, Comparison: AtOrAbove, Periods: 3, Datapoints: 2}
	for name, c := range map[string]struct {
		alarm  Alarm
		series Series
		on     bool
		newest float64
	}{
		"no values":                     {above, nil, false, nan},
		"too few values":                {above, Series{11, 12}, false, 12},
		"all of three":                  {above, Series{1, 11, 12, 13}, true, 13},
		"one below":                     {above, Series{11, 12, 9}, false, 9},
		"at the threshold is not above": {above, Series{11, 12, 10}, false, 10},
		"newest values late":            {above, Series{11, 12, 13, nan, nan}, true, 13},
		"gap is bridged":                {above, Series{11, nan, 12, 13}, true, 13},
		"values too old":                {above, Series{11, 12, 13, nan, nan, nan}, false, 13},
		"few values are not enough":     {above, Series{nan, nan, 11, nan, nan}, false, 11},
		"few values, all breaching":     {missing, Series{nan, nan, 11, nan, nan}, true, 11},
		"few values, too recent":        {missing, Series{nan, nan, nan, 11, nan}, false, 11},
		"few values, one not breaching": {missing, Series{nan, 11, nan, 9, nan}, false, 9},
		"two of three":                  {two, Series{10, 9, 10}, true, 10},
		"one of three":                  {two, Series{9, 9, 10}, false, 10},
		"two values where two suffice":  {two, Series{10, 10}, true, 10},
		"below":                         {Alarm{Threshold: 10, Comparison: Below, Periods: 1}, Series{9}, true, 9},
		"at the threshold is not below": {Alarm{Threshold: 10, Comparison: Below, Periods: 1}, Series{10}, false, 10},
		"at or below":                   {Alarm{Threshold: 10, Comparison: AtOrBelow, Periods: 1}, Series{10}, true, 10},
	} {
		on, newest := c.alarm.Evaluate(c.series)
		if on != c.on || newest != c.newest && !(math.IsNaN(newest) && math.IsNaN(c.newest)) {
			t.Errorf("%s: in alarm %v at %v, want %v at %v", name, on, newest, c.on, c.newest)
		}
	}
}

func TestTargetTracking(t *testing.T) {
	p := TargetTracking{Name: "p", Target: 30}
	for name, c := range map[string]struct {
		series  Series
		from    int
		out, in int
	}{
		"at the target":                        {flat(30, 20), 4, 4, 4},
		"twice the target":                     {flat(60, 3), 4, 8, 4},
		"rounded up":                           {flat(31, 3), 4, 5, 4},
		"a hundred times":                      {flat(3000, 3), 1, 100, 1},
		"newest value decides":                 {Series{60, 60, 90}, 4, 12, 4},
		"above for two minutes only":           {flat(60, 2), 4, 4, 4},
		"no workers stay none":                 {flat(60, 3), 0, 0, 0},
		"low for 14 minutes":                   {flat(1, 14), 4, 4, 4},
		"low for 15 minutes":                   {flat(7.5, 15), 4, 4, 1},
		"highest of the 15 minutes decides":    {append(flat(1, 14), 20), 6, 6, 4},
		"nine tenths of the target is not low": {flat(27, 15), 10, 10, 10},
		"just below nine tenths is low":        {flat(26.9, 15), 10, 10, 9},
		"nothing to do":                        {flat(0, 15), 10, 10, 0},
		"one of 15 minutes is not low":         {append(append(flat(0, 7), 28), flat(0, 7)...), 10, 10, 10},
	} {
		if got := p.scaleOut(c.from, c.series); got != c.out {
			t.Errorf("%s: scale out to %d, want %d", name, got, c.out)
		}
		if got := p.scaleIn(c.from, c.series); got != c.in {
			t.Errorf("%s: scale in to %d, want %d", name, got, c.in)
		}
	}
	p.NoScaleIn = true
	if got := p.scaleIn(10, flat(0, 15)); got != 10 {
		t.Errorf("without scale-in: to %d, want 10", got)
	}
}

// TestStepScaling includes the examples of "Step scaling adjustment types".
func TestStepScaling(t *testing.T) {
	alarm := Alarm{Threshold: 60, Comparison: AtOrAbove, Periods: 1}
	out := StepScaling{Name: "out", Alarm: alarm, Type: PercentChangeInCapacity, Steps: []Step{{0, 10, 0}, {10, 20, 10}, {20, inf, 30}}}
	in := StepScaling{Name: "in", Alarm: Alarm{Threshold: 40, Comparison: AtOrBelow, Periods: 1}, Type: PercentChangeInCapacity, Steps: []Step{{-10, 0, 0}, {-20, -10, -10}, {-inf, -20, -30}}}
	adjusted := func(p StepScaling, kind AdjustmentType, by, magnitude int) StepScaling {
		p.Type, p.MinMagnitude, p.Steps = kind, magnitude, []Step{{0, inf, by}}
		return p
	}
	for name, c := range map[string]struct {
		p        StepScaling
		value    float64
		from, to int
	}{
		"no alarm":                   {out, 59, 10, 10},
		"first step changes nothing": {out, 60, 10, 10},
		"second step":                {out, 70, 10, 11},
		"third step":                 {out, 80, 10, 13},
		"scale in: no alarm":         {in, 41, 10, 10},
		"scale in: the bound belongs to the lower step": {in, 30, 10, 9},
		"scale in: third step":                          {in, 20, 10, 7},
		"change by count":                               {adjusted(out, ChangeInCapacity, 5, 0), 60, 10, 15},
		"exact capacity":                                {adjusted(out, ExactCapacity, 5, 0), 60, 10, 5},
		"12.7 percent is 12":                            {adjusted(out, PercentChangeInCapacity, 127, 0), 60, 10, 22},
		"less than one worker is one":                   {adjusted(out, PercentChangeInCapacity, 6, 0), 60, 10, 11},
		"at least the minimum magnitude":                {adjusted(out, PercentChangeInCapacity, 25, 2), 60, 4, 6},
		"from none by the magnitude":                    {adjusted(out, PercentChangeInCapacity, 100, 1), 60, 0, 1},
		"from none without a magnitude":                 {adjusted(out, PercentChangeInCapacity, 100, 0), 60, 0, 0},
		"-6.67 is -6":                                   {adjusted(out, PercentChangeInCapacity, -67, 0), 60, 10, 4},
		"-0.67 is -1":                                   {adjusted(out, PercentChangeInCapacity, -7, 0), 60, 10, 9},
		"scale in by the magnitude":                     {adjusted(out, PercentChangeInCapacity, -7, 3), 60, 10, 7},
	} {
		if got := c.p.desired(c.from, Series{c.value}); got != c.to {
			t.Errorf("%s: %d, want %d", name, got, c.to)
		}
	}
}

func TestValidate(t *testing.T) {
	good := Config{Bounds: bounds(0, 4), TargetTracking: []TargetTracking{{Name: "a", Target: 1}},
		StepScaling: []StepScaling{{Name: "b", Alarm: Alarm{Comparison: Above, Periods: 1}, Type: ChangeInCapacity, Steps: []Step{{0, inf, 1}}}}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(c *Config){
		"bounds":            func(c *Config) { c.Max = -1 },
		"negative":          func(c *Config) { c.Min = -1 },
		"target":            func(c *Config) { c.TargetTracking[0].Target = 0 },
		"target NaN":        func(c *Config) { c.TargetTracking[0].Target = nan },
		"tracking cooldown": func(c *Config) { c.TargetTracking[0].ScaleInCooldown = -1 },
		"tracking name":     func(c *Config) { c.TargetTracking[0].Name = "" },
		"step name":         func(c *Config) { c.StepScaling[0].Name = "" },
		"same name":         func(c *Config) { c.StepScaling[0].Name = "a" },
		"comparison":        func(c *Config) { c.StepScaling[0].Alarm.Comparison = "LessThanLowerThreshold" },
		"periods":           func(c *Config) { c.StepScaling[0].Alarm.Periods = 0 },
		"datapoints":        func(c *Config) { c.StepScaling[0].Alarm.Datapoints = 2 },
		"adjustment":        func(c *Config) { c.StepScaling[0].Type = "" },
		"no steps":          func(c *Config) { c.StepScaling[0].Steps = nil },
		"step":              func(c *Config) { c.StepScaling[0].Steps = []Step{{1, 1, 1}} },
		"overlap":           func(c *Config) { c.StepScaling[0].Steps = []Step{{0, 3, 1}, {2, inf, 1}} },
		"step cooldown":     func(c *Config) { c.StepScaling[0].Cooldown = -1 },
	} {
		c := Config{Bounds: good.Bounds, TargetTracking: append([]TargetTracking(nil), good.TargetTracking...), StepScaling: append([]StepScaling(nil), good.StepScaling...)}
		change(&c)
		if _, err := NewGroup(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
