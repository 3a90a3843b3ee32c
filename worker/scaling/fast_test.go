package scaling

import (
	"testing"
	"time"
)

var fast = Fast{Bounds: Bounds{1, 200}, Objective: time.Minute, StartUp: 40 * time.Second, PhotoTime: 100 * time.Millisecond, Processors: 2}

func TestFast(t *testing.T) { // a worker does 20 photos a second, and within the 20 s that are left 400
	look := func(second, visible, inFlight, running int) Look {
		return Look{start.Add(time.Duration(second) * time.Second), visible, inFlight, running}
	}
	for name, c := range map[string]struct {
		before, now   Look
		desired, want int
	}{
		"nothing":                                 {Look{}, look(0, 0, 0, 0), 0, 1},
		"what is there is done within the start":  {Look{}, look(0, 800, 0, 1), 1, 1},
		"a burst at once":                         {Look{}, look(0, 4800, 0, 1), 1, 10},
		"the same again asks for no more":         {Look{}, look(0, 4800, 0, 1), 10, 10},
		"never fewer":                             {Look{}, look(0, 4800, 0, 1), 50, 50},
		"no more than at most":                    {Look{}, look(0, 1e6, 0, 1), 1, 200},
		"a count above the most":                  {Look{}, look(0, 0, 0, 1), 300, 200},
		"at a steady load that is met":            {look(0, 0, 4, 2), look(10, 0, 5, 2), 2, 2},
		"a rate that is not met":                  {look(0, 1000, 0, 1), look(10, 1800, 0, 1), 1, 18}, // 100/s arrive: (1800 + 80 x 40)/400 + 5
		"a queue that falls has less that comes":  {look(0, 4000, 0, 20), look(10, 2000, 0, 20), 20, 20},
		"a look at the same moment tells no rate": {look(0, 0, 0, 0), look(0, 4800, 0, 1), 1, 10},
		"retries wait and need nobody":            {Look{}, look(0, 0, 9000, 5), 5, 5},
		"one photo, no worker, none at least":     {Look{}, look(0, 1, 0, 0), 0, 1},
	} {
		if got := fast.Decide(c.before, c.now, c.desired); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	fromNone := fast
	fromNone.Min = 0
	if got := fromNone.Decide(Look{}, look(0, 1, 0, 0), 0); got != 1 {
		t.Errorf("one photo and no worker: %d", got)
	}
	if got := fromNone.Decide(Look{}, look(0, 0, 0, 0), 0); got != 0 {
		t.Errorf("no photo and no worker: %d", got)
	}
}

// TestFastIsMonotone holds what makes two scalers harmless: to decide again from what was decided changes nothing, and
// what one of them has decided the other never takes back.
func TestFastIsMonotone(t *testing.T) {
	for visible := 0; visible < 100_000; visible += 997 {
		for desired := 1; desired <= 200; desired += 7 {
			now := Look{start, visible, visible / 10, desired / 2}
			once := fast.Decide(Look{}, now, desired)
			if once < desired {
				t.Fatalf("%+v: from %d to %d", now, desired, once)
			}
			if twice := fast.Decide(Look{}, now, once); twice != once {
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
		"most":       func(f *Fast) { f.Max, f.Min = 0, 0 },
		"bounds":     func(f *Fast) { f.Max, f.Min = 1, 2 },
	} {
		f := fast
		if change(&f); f.Validate() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
