package scaling

import (
	"testing"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

var fast = Fast{Bounds: Bounds{1, 200}, Objective: time.Minute, StartUp: 40 * time.Second, PhotoTime: 100 * time.Millisecond, Processors: 2}

func TestFast(t *testing.T) {
	// A worker renders 20 photos a second: 400 in the 20 s of the objective after its start.
	reading := func(second, visible, inFlight, running int) Reading {
		return Reading{start.Add(time.Duration(second) * time.Second), visible, inFlight, running}
	}
	for name, c := range map[string]struct {
		before, now   Reading
		desired, want int
	}{
		"nothing": {Reading{}, reading(0, 0, 0, 0), 0, 1},
		"backlog cleared before a new worker starts": {Reading{}, reading(0, 800, 0, 1), 1, 1},
		"burst":                               {Reading{}, reading(0, 4800, 0, 1), 1, 10},
		"same reading again asks for no more": {Reading{}, reading(0, 4800, 0, 1), 10, 10},
		"never fewer":                         {Reading{}, reading(0, 4800, 0, 1), 50, 50},
		"clamped to the maximum":              {Reading{}, reading(0, 1e6, 0, 1), 1, 200},
		"desired count above the maximum":     {Reading{}, reading(0, 0, 0, 1), 300, 200},
		"steady load that is met":             {reading(0, 0, 4, 2), reading(10, 0, 5, 2), 2, 2},
		// 100 a second arrive: (1800 + 80 x 40)/400 + 5.
		"rate that is not met":                    {reading(0, 1000, 0, 1), reading(10, 1800, 0, 1), 1, 18},
		"falling backlog":                         {reading(0, 4000, 0, 20), reading(10, 2000, 0, 20), 20, 20},
		"two readings at one moment give no rate": {reading(0, 0, 0, 0), reading(0, 4800, 0, 1), 1, 10},
		"messages in flight need no new worker":   {Reading{}, reading(0, 0, 9000, 5), 5, 5},
		"one photo wakes a worker":                {Reading{}, reading(0, 1, 0, 0), 0, 1},
	} {
		if got := fast.Decide(c.before, c.now, c.desired); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	fromNone := fast
	fromNone.Min = 0
	if got := fromNone.Decide(Reading{}, reading(0, 1, 0, 0), 0); got != 1 {
		t.Errorf("one photo and no worker: %d, want 1", got)
	}
	if got := fromNone.Decide(Reading{}, reading(0, 0, 0, 0), 0); got != 0 {
		t.Errorf("no photo and no worker: %d, want 0", got)
	}
}

// Two scalers at once are harmless, because deciding again from a decision changes nothing, and neither scaler ever
// takes back what the other decided.
func TestFastIsMonotone(t *testing.T) {
	for visible := 0; visible < 100_000; visible += 997 {
		for desired := 1; desired <= 200; desired += 7 {
			now := Reading{start, visible, visible / 10, desired / 2}
			once := fast.Decide(Reading{}, now, desired)
			if once < desired {
				t.Fatalf("%+v: from %d to %d", now, desired, once)
			}
			if twice := fast.Decide(Reading{}, now, once); twice != once {
				t.Fatalf("%+v: from %d to %d and then to %d", now, desired, once, twice)
			}
		}
	}
}

func TestFastValidate(t *testing.T) {
	if err := fast.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(f *Fast){
		"objective":  func(f *Fast) { f.Objective = f.StartUp },
		"start":      func(f *Fast) { f.StartUp = -1 },
		"photo":      func(f *Fast) { f.PhotoTime = 0 },
		"processors": func(f *Fast) { f.Processors = 0 },
		"max":        func(f *Fast) { f.Max, f.Min = 0, 0 },
		"bounds":     func(f *Fast) { f.Max, f.Min = 1, 2 },
	} {
		f := fast
		if change(&f); f.Validate() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestBounds(t *testing.T) {
	b := Bounds{Min: 2, Max: 5}
	for n, want := range map[int]int{-1: 2, 1: 2, 2: 2, 4: 4, 5: 5, 6: 5} {
		if got := b.Clamp(n); got != want {
			t.Errorf("Clamp(%d) = %d, want %d", n, got, want)
		}
	}
	for b, want := range map[Bounds]string{
		{2, 5}:  "",
		{0, 0}:  "",
		{3, 3}:  "",
		{-1, 5}: "min tasks (-1) must be 0 or more",
		{5, 3}:  "min tasks (5) must not exceed max tasks (3)",
	} {
		got := ""
		if err := b.Validate(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%+v: error %q, want %q", b, got, want)
		}
	}
}
