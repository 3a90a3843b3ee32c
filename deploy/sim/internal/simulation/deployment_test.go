package simulation

import (
	"fmt"
	"math"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/arrivals"
	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/worker/scaling"
)

// busy returns four workers that always have work for 30 minutes, and a deployment after five.
func busy() Config {
	c := bare(4, 1, 10*time.Second)
	c.Worker.Linger = 2 * time.Second
	c.Fleet.Rolling = Rolling{MinimumHealthyPercent: 100, MaximumPercent: 200, CircuitBreaker: true, Healthy: 10 * time.Second, Unhealthy: 90 * time.Second}
	c.AWS.StartLeast, c.AWS.StartMost = 30*time.Second, 30*time.Second
	c.Arrivals = make([]time.Duration, 4*180)
	c.Deployments = []Deployment{{At: 5 * time.Minute}}
	return c
}

// TestDeploymentUnderLoad replaces workers that always have work. Old ones drain when they renew their protection or
// are refused it, once healthy new ones work in their places.
func TestDeploymentUnderLoad(t *testing.T) {
	for _, blocked := range []Blocked{Exceeded, Exceeds} {
		t.Run(fmt.Sprint(blocked), func(t *testing.T) {
			c := busy()
			c.AWS.Blocked = blocked
			r := play(t, c)
			d := r.Rollouts[0]
			if len(r.Rollouts) != 1 || d.Took < 0 || d.Took > 6*time.Minute || d.RolledBack || d.Drained != 4 || d.Most != 8 {
				t.Errorf("%+v, want all four old tasks drained within six minutes", d)
			}
			if d.Before != 4 || d.Needed != 4 || d.Least < d.Needed {
				t.Errorf("%d of %d tasks at work, and ECS keeps %d", d.Least, d.Before, d.Needed)
			}
			if r.Unsettled != 0 || r.Counted != len(c.Arrivals) || r.DeadLetters != 0 {
				t.Errorf("%d photos without an outcome, %d with one", r.Unsettled, r.Counted)
			}
			c.Worker.DrainsWhenBlocked = true
			naive := play(t, c).Rollouts[0]
			if naive.Drained < 3*d.Drained || naive.Least >= naive.Needed && naive.Took < 2*d.Took {
				t.Errorf("a worker that drains whenever it is refused: %+v, want many more that drain, and too few at work or a long deployment", naive)
			}
		})
	}
}

// TestCircuitBreakerRollsBack has a revision that never becomes healthy. Its tasks do not count as replacements, so no
// busy task drains for them.
func TestCircuitBreakerRollsBack(t *testing.T) {
	c := busy()
	c.Deployments[0].Bad = true
	r := play(t, c)
	d := r.Rollouts[0]
	// Four tasks start at once, and fail 90 s after they run. Three failures are enough.
	if !d.RolledBack || d.Took != 2*time.Minute || d.Failed != 3 || d.Least != 4 || d.Drained != 0 {
		t.Errorf("%+v", d)
	}
	c.Deployments = nil
	if calm := play(t, c); r.Settled != calm.Settled || r.Unsettled != 0 || r.Max != calm.Max {
		t.Errorf("done after %v with the bad revision, %v without it", r.Settled, calm.Settled)
	}
	c = busy()
	c.Deployments[0].Bad, c.Fleet.Rolling.CircuitBreaker = true, false
	if d := play(t, c).Rollouts[0]; d.RolledBack || d.Took >= 0 || d.Failed < 20 || d.Least != 4 {
		t.Errorf("without the circuit breaker: %+v, want it to go on", d)
	}
}

// TestBadRevisionAfterScaleIn has more busy workers than desired when a bad revision is deployed. ECS refuses to
// protect them, and no healthy task replaces them: only those above the desired count may end.
func TestBadRevisionAfterScaleIn(t *testing.T) {
	c := busy()
	c.Policies = autoscaling.Config{Bounds: scaling.Bounds{Min: 4, Max: 10}, StepScaling: []autoscaling.StepScaling{
		{Name: "out", Alarm: autoscaling.Alarm{Threshold: 600, Comparison: autoscaling.Above, Periods: 1}, Type: autoscaling.ChangeInCapacity, Steps: []autoscaling.Step{{Lower: 0, Upper: math.Inf(1), Adjustment: 6}}},
		{Name: "in", Alarm: autoscaling.Alarm{Threshold: 600, Comparison: autoscaling.AtOrBelow, Periods: 1}, Type: autoscaling.ChangeInCapacity, Steps: []autoscaling.Step{{Lower: math.Inf(-1), Upper: 0, Adjustment: -6}}},
	}}
	c.Metrics = map[string]Metric{"out": waiting, "in": waiting}
	c.Deployments = []Deployment{{At: 7 * time.Minute, Bad: true}}
	d := play(t, c).Rollouts[0]
	if d.Before != 10 || d.Needed != 4 || d.Least < 4 || !d.RolledBack {
		t.Errorf("%+v", d)
	}
}

// TestDeploymentStopsIdleTasks has tasks that no protection keeps: ECS stops them as fast as the minimum allows.
func TestDeploymentStopsIdleTasks(t *testing.T) {
	for _, c := range []struct {
		minimum, maximum, least, most int
		took                          time.Duration
	}{
		{100, 200, 4, 8, 40 * time.Second}, // all start at once, and are healthy after 10 s
		{50, 200, 2, 6, 40 * time.Second},  // two end at once
		{100, 150, 4, 6, 80 * time.Second}, // two at a time
	} {
		config := busy()
		config.Arrivals = []time.Duration{0, 20 * time.Minute}
		config.Fleet.Rolling.MinimumHealthyPercent, config.Fleet.Rolling.MaximumPercent = c.minimum, c.maximum
		if d := play(t, config).Rollouts[0]; d.Least != c.least || d.Most != c.most || d.Took != c.took || d.Drained != 0 {
			t.Errorf("%+v: %+v", c, d)
		}
	}
}

// TestScaleInWaitsForDeployment scales four workers in that have nothing to do, before a deployment and during one.
func TestScaleInWaitsForDeployment(t *testing.T) {
	c := busy()
	c.Fleet.Rolling.CircuitBreaker = false
	c.Policies = autoscaling.Config{Bounds: scaling.Bounds{Min: 1, Max: 4}, TargetTracking: []autoscaling.TargetTracking{{Name: "track", Target: 10}}}
	c.Metrics = map[string]Metric{"track": waiting}
	c.Arrivals = make([]time.Duration, 60)
	calm := c
	calm.Deployments = nil
	removed := func(r *Result) time.Duration {
		for _, ch := range r.Changes {
			if ch.To < ch.From {
				return ch.At
			}
		}
		return -1
	}
	before := removed(play(t, calm))
	c.Deployments = []Deployment{{At: before - time.Minute, Bad: true}} // it goes on for hours
	if during := removed(play(t, c)); before < 0 || during >= 0 && during < before+time.Hour {
		t.Errorf("first removal after %v, and after %v with a deployment", before, during)
	}
}

func TestFailures(t *testing.T) { // the examples of the guide, with today's minimum
	for desired, want := range map[int]int{1: 3, 6: 3, 7: 4, 25: 13, 400: 200, 800: 200} {
		if got := failures(desired); got != want {
			t.Errorf("%d of %d tasks may fail, want %d", got, desired, want)
		}
	}
}

// TestBlockedAtScaleIn has ten busy workers of which one is desired. Their protection is not renewed, so ECS stops them
// when it expires, and no earlier.
func TestBlockedAtScaleIn(t *testing.T) {
	c := busy()
	c.Deployments = nil
	c.Policies.Min, c.Policies.Max = 1, 10
	c.Policies.StepScaling = []autoscaling.StepScaling{
		{Name: "out", Alarm: autoscaling.Alarm{Threshold: 2500, Comparison: autoscaling.Above, Periods: 1}, Type: autoscaling.ExactCapacity, Steps: []autoscaling.Step{{Lower: 0, Upper: math.Inf(1), Adjustment: 10}}},
		{Name: "in", Alarm: autoscaling.Alarm{Threshold: 2500, Comparison: autoscaling.AtOrBelow, Periods: 1}, Type: autoscaling.ExactCapacity, Steps: []autoscaling.Step{{Lower: math.Inf(-1), Upper: 0, Adjustment: 1}}},
	}
	c.Metrics = map[string]Metric{"out": waiting, "in": waiting}
	c.Arrivals = arrivals.Draw(1, 2600, 0, time.Second, arrivals.Flat)
	c.PointInterval = time.Second
	r := play(t, c)
	var in time.Duration
	for _, ch := range r.Changes {
		if ch.To == 1 {
			in = ch.At
			break
		}
	}
	running := func(at time.Duration) int { return r.Points[at/time.Second].Running }
	if r.Drained != 0 || r.Blocked == 0 || running(in+4*time.Minute) < 9 || running(in+11*time.Minute) != 1 {
		t.Errorf("%d drained, %d calls refused; %d tasks 4 minutes after the scale-in and %d after 11", r.Drained, r.Blocked, running(in+4*time.Minute), running(in+11*time.Minute))
	}
}

func TestServiceRate(t *testing.T) {
	var w window
	for i := range 12 {
		if at, want := w.take(time.Minute, 5), time.Minute*time.Duration(1+i/5); at != want {
			t.Errorf("launch %d at %v, want %v", i+1, at, want)
		}
	}
}
