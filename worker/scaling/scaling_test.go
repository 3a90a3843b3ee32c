package scaling

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

// flat is a metric that has been v for n minutes.
func flat(v float64, n int) Series {
	s := make(Series, n)
	for i := range s {
		s[i] = v
	}
	return s
}

func TestAlarm(t *testing.T) {
	above := Alarm{Threshold: 10, Comparison: Above, Periods: 3}
	two := Alarm{Threshold: 10, Comparison: AtOrAbove, Periods: 3, Datapoints: 2}
	for name, c := range map[string]struct {
		alarm  Alarm
		series Series
		on     bool
		newest float64
	}{
		"no values":                    {above, nil, false, nan},
		"too few":                      {above, Series{11, 12}, false, 12},
		"all of three":                 {above, Series{1, 11, 12, 13}, true, 13},
		"one below":                    {above, Series{11, 12, 9}, false, 9},
		"at is not above":              {above, Series{11, 12, 10}, false, 10},
		"the newest are late":          {above, Series{11, 12, 13, nan, nan}, true, 13},
		"a gap is bridged":             {above, Series{11, nan, 12, 13}, true, 13},
		"too old":                      {above, Series{11, 12, 13, nan, nan, nan, nan}, false, 13},
		"two of three":                 {two, Series{10, 9, 10}, true, 10},
		"one of three":                 {two, Series{9, 9, 10}, false, 10},
		"two values where two suffice": {two, Series{10, 10}, true, 10},
		"below":                        {Alarm{Threshold: 10, Comparison: Below, Periods: 1}, Series{9}, true, 9},
		"at is not below":              {Alarm{Threshold: 10, Comparison: Below, Periods: 1}, Series{10}, false, 10},
		"at or below":                  {Alarm{Threshold: 10, Comparison: AtOrBelow, Periods: 1}, Series{10}, true, 10},
	} {
		on, newest := c.alarm.On(c.series)
		if on != c.on || newest != c.newest && !(math.IsNaN(newest) && math.IsNaN(c.newest)) {
			t.Errorf("%s: on %v at %v, want %v at %v", name, on, newest, c.on, c.newest)
		}
	}
}

func TestTracking(t *testing.T) {
	p := Tracking{Name: "p", Target: 30}
	for name, c := range map[string]struct {
		series  Series
		from    int
		out, in int
	}{
		"at the target":                           {flat(30, 20), 4, 4, 4},
		"twice the target":                        {flat(60, 3), 4, 8, 4},
		"rounded up":                              {flat(31, 3), 4, 5, 4},
		"a hundred times":                         {flat(3000, 3), 1, 100, 1},
		"by the newest value":                     {Series{60, 60, 90}, 4, 12, 4},
		"two minutes are not three":               {flat(60, 2), 4, 4, 4},
		"none are in proportion to none":          {flat(60, 3), 0, 0, 0},
		"low for 14 minutes":                      {flat(1, 14), 4, 4, 4},
		"low for 15":                              {flat(7.5, 15), 4, 4, 1},
		"by the highest of the 15":                {append(flat(1, 14), 20), 6, 6, 4},
		"nine tenths of the target is not low":    {flat(27, 15), 10, 10, 10},
		"a little below is":                       {flat(26.9, 15), 10, 10, 9},
		"nothing to do":                           {flat(0, 15), 10, 10, 0},
		"one minute of the fifteen is not so low": {append(append(flat(0, 7), 28), flat(0, 7)...), 10, 10, 10},
	} {
		if got := p.out(c.from, c.series); got != c.out {
			t.Errorf("%s: out to %d, want %d", name, got, c.out)
		}
		if got := p.in(c.from, c.series); got != c.in {
			t.Errorf("%s: in to %d, want %d", name, got, c.in)
		}
	}
	p.NoScaleIn = true
	if got := p.in(10, flat(0, 15)); got != 10 {
		t.Errorf("without scale-in: in to %d", got)
	}
}

// TestStepping has the examples of "Step scaling adjustment types".
func TestStepping(t *testing.T) {
	alarm := Alarm{Threshold: 60, Comparison: AtOrAbove, Periods: 1}
	out := Stepping{Name: "out", Alarm: alarm, Kind: ByPercent, Steps: []Step{{0, 10, 0}, {10, 20, 10}, {20, inf, 30}}}
	in := Stepping{Name: "in", Alarm: Alarm{Threshold: 40, Comparison: AtOrBelow, Periods: 1}, Kind: ByPercent, Steps: []Step{{-10, 0, 0}, {-20, -10, -10}, {-inf, -20, -30}}}
	with := func(p Stepping, kind Adjustment, by, magnitude int) Stepping {
		p.Kind, p.MinMagnitude, p.Steps = kind, magnitude, []Step{{0, inf, by}}
		return p
	}
	for name, c := range map[string]struct {
		p        Stepping
		value    float64
		from, to int
	}{
		"off":                           {out, 59, 10, 10},
		"the first step is of nothing":  {out, 60, 10, 10},
		"the second":                    {out, 70, 10, 11},
		"the third":                     {out, 80, 10, 13},
		"in: off":                       {in, 41, 10, 10},
		"in: the bound is of the lower": {in, 30, 10, 9},
		"in: the third":                 {in, 20, 10, 7},
		"by count":                      {with(out, ByCount, 5, 0), 60, 10, 15},
		"exactly":                       {with(out, Exactly, 5, 0), 60, 10, 5},
		"12.7 percent is 12":            {with(out, ByPercent, 127, 0), 60, 10, 22},
		"less than one is one":          {with(out, ByPercent, 6, 0), 60, 10, 11},
		"at least the magnitude":        {with(out, ByPercent, 25, 2), 60, 4, 6},
		"of none, the magnitude":        {with(out, ByPercent, 100, 1), 60, 0, 1},
		"of none, without":              {with(out, ByPercent, 100, 0), 60, 0, 0},
		"-6.67 is -6":                   {with(out, ByPercent, -67, 0), 60, 10, 4},
		"-0.67 is -1":                   {with(out, ByPercent, -7, 0), 60, 10, 9},
		"removing: the magnitude":       {with(out, ByPercent, -7, 3), 60, 10, 7},
	} {
		if got := c.p.want(c.from, Series{c.value}); got != c.to {
			t.Errorf("%s: %d, want %d", name, got, c.to)
		}
	}
}

func TestValidate(t *testing.T) {
	good := Config{Bounds: Bounds{0, 4}, Tracking: []Tracking{{Name: "a", Target: 1}},
		Stepping: []Stepping{{Name: "b", Alarm: Alarm{Comparison: Above, Periods: 1}, Kind: ByCount, Steps: []Step{{0, inf, 1}}}}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(c *Config){
		"bounds":            func(c *Config) { c.Max = -1 },
		"negative":          func(c *Config) { c.Min = -1 },
		"target":            func(c *Config) { c.Tracking[0].Target = 0 },
		"target NaN":        func(c *Config) { c.Tracking[0].Target = nan },
		"tracking cooldown": func(c *Config) { c.Tracking[0].InCooldown = -1 },
		"tracking name":     func(c *Config) { c.Tracking[0].Name = "" },
		"step name":         func(c *Config) { c.Stepping[0].Name = "" },
		"same name":         func(c *Config) { c.Stepping[0].Name = "a" },
		"comparison":        func(c *Config) { c.Stepping[0].Alarm.Comparison = "LessThanLowerThreshold" },
		"periods":           func(c *Config) { c.Stepping[0].Alarm.Periods = 0 },
		"datapoints":        func(c *Config) { c.Stepping[0].Alarm.Datapoints = 2 },
		"adjustment":        func(c *Config) { c.Stepping[0].Kind = "" },
		"no steps":          func(c *Config) { c.Stepping[0].Steps = nil },
		"step":              func(c *Config) { c.Stepping[0].Steps = []Step{{1, 1, 1}} },
		"overlap":           func(c *Config) { c.Stepping[0].Steps = []Step{{0, 3, 1}, {2, inf, 1}} },
		"step cooldown":     func(c *Config) { c.Stepping[0].Cooldown = -1 },
	} {
		c := Config{Bounds: good.Bounds, Tracking: append([]Tracking(nil), good.Tracking...), Stepping: append([]Stepping(nil), good.Stepping...)}
		change(&c)
		if _, err := NewGroup(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
