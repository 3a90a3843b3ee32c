package alarmrules

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"darkroom/deploy/sim/internal/autoscaling"
)

// points reads points as the guide writes them: 0 does not breach, X does, - is missing.
func points(text string) (all []float64) {
	for f := range strings.FieldsSeq(text) {
		all = append(all, map[string]float64{"0": 0, "X": 1, "-": math.NaN()}[f])
	}
	return all
}

func breaches(v float64) bool { return v > 0.5 }

const retain State = "retain the current state"

// TestPublishedExamples has the tables of "How alarm state is evaluated when data is missing" and the examples of
// "Avoiding premature transitions to alarm state", as editions of the guide have published them.
func TestPublishedExamples(t *testing.T) {
	for _, c := range []struct {
		m                                        int
		points                                   string
		missing, ignore, breaching, notBreaching State
	}{
		{3, "0 - X - X", OK, OK, OK, OK},
		{3, "0 - - - -", OK, OK, OK, OK},
		{3, "- - - - -", InsufficientData, retain, InAlarm, OK},
		{3, "0 X X - X", InAlarm, InAlarm, InAlarm, InAlarm},
		{3, "- - - - X", InsufficientData, retain, InAlarm, OK},
		{3, "X - - - -", InAlarm, retain, InAlarm, OK},
		{3, "- - X - -", InAlarm, retain, InAlarm, OK},
		{2, "0 - X - X", InAlarm, InAlarm, InAlarm, InAlarm},
		{2, "0 0 X 0 X", InAlarm, InAlarm, InAlarm, InAlarm},
		{2, "0 - X - -", OK, OK, InAlarm, OK},
		{2, "- - - - 0", OK, OK, InAlarm, OK},
		{2, "- - - - X", InsufficientData, retain, InAlarm, OK},
		{2, "- - - X -", InAlarm, retain, InAlarm, OK},
	} {
		for treat, want := range map[Treatment]State{Missing: c.missing, Ignore: c.ignore, Breaching: c.breaching, NotBreaching: c.notBreaching} {
			for _, before := range []State{OK, InAlarm, InsufficientData} {
				w := want
				if w == retain {
					w = before
				}
				if got := (Alarm{c.m, 3, treat, breaches}).Next(points(c.points), before); got != w {
					t.Errorf("%d of 3, %s, %s, from %s: %s, want %s", c.m, c.points, treat, before, got, w)
				}
			}
		}
	}
	// The first figure of "Evaluating an alarm": three of three, breached in the periods 3 to 5 and 9.
	state, want := OK, []State{OK, OK, OK, OK, InAlarm, OK, OK, OK, OK}
	for i := range want {
		state = (Alarm{3, 3, Missing, breaches}).Next(points("0 0 X X X 0 0 0 X")[:i+1], state)
		if state != want[i] && i >= 2 { // before, there are fewer than three periods
			t.Errorf("period %d: %s, want %s", i+1, state, want[i])
		}
	}
}

// TestSimulatorAgrees draws series with gaps, and compares the alarms that scale in the simulator with the documented
// rules.
func TestSimulatorAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	fired := 0
	for range 20_000 {
		n := 1 + r.IntN(4)
		m := 1 + r.IntN(n)
		missing := r.IntN(2) == 0
		treat := NotBreaching
		if missing {
			treat = Missing
		}
		series := make([]float64, 3+r.IntN(8))
		gaps, high := r.Float64(), r.Float64()
		for i := range series {
			switch {
			case r.Float64() < gaps:
				series[i] = math.NaN()
			case r.Float64() < high:
				series[i] = 1
			}
		}
		want := Alarm{m, n, treat, breaches}.Next(series, OK) == InAlarm
		got, _ := autoscaling.Alarm{Threshold: 0.5, Comparison: autoscaling.Above, Periods: n, Datapoints: m, Missing: missing}.Evaluate(series)
		if got != want {
			t.Fatalf("%d of %d, missing data %s, %v: the simulator's alarm fires: %v, by the rules: %v", m, n, treat, series, got, want)
		}
		if want {
			fired++
		}
	}
	if fired < 1000 {
		t.Errorf("only %d alarms fired", fired)
	}
}
