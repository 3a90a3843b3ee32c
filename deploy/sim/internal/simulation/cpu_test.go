package simulation

import (
	"math"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/worker/scaling"
)

func TestUsage(t *testing.T) {
	var p processors
	p.change(0, 2, 0)                // two tasks of two processors
	p.change(10*time.Second, 0, 1)   // one renders
	p.change(20*time.Second, 0, 2)   // three
	p.change(30*time.Second, -1, -2) // one task ends with what it renders
	u := p.usage(40 * time.Second)
	if u.render != 50*time.Second || u.run != 70*time.Second {
		t.Errorf("%+v", u)
	}
	if got, want := u.average(usage{}, 2), 100*50.0/140; math.Abs(got-want) > 1e-9 {
		t.Errorf("average %v, want %v", got, want)
	}
	if got, want := u.total(usage{}, 2), 100*50.0/80; math.Abs(got-want) > 1e-9 {
		t.Errorf("total %v, want %v", got, want)
	}
	if got := u.average(u, 2); !math.IsNaN(got) {
		t.Errorf("without a task: %v", got)
	}
}

// TestCPUScalesOut has a policy that follows the CPU every 20 s. Points arrive 10 s late, and three must breach.
func TestCPUScalesOut(t *testing.T) {
	c := bare(1, 1, 10*time.Second)
	c.AWS.CPU = Delivery{Least: 10 * time.Second, Most: 10 * time.Second}
	c.Policies = autoscaling.Config{Bounds: scaling.Bounds{Min: 1, Max: 10}, TargetTracking: []autoscaling.TargetTracking{
		{Name: "cpu", Target: 40, ScaleOutCooldown: 2 * time.Minute, NoScaleIn: true, HighResolution: true}}}
	c.Metrics = map[string]Metric{"cpu": func(m Measured) autoscaling.Series { return m.CPU }}
	c.Arrivals = make([]time.Duration, 200)
	for i := range c.Arrivals {
		c.Arrivals[i] = time.Minute + time.Second
	}
	r := play(t, c)
	// The first minute's points are 0. Those at 1:20, 1:40 and 2:00 are above 40 %, and the last arrives at 2:10.
	if first := r.Changes[0]; first.At != 2*time.Minute+10*time.Second || first.To != 3 || first.Policy != "cpu" {
		t.Errorf("first change %+v", first)
	}
	if second := r.Changes[1]; second.At < 4*time.Minute || second.To != 8 {
		t.Errorf("second change %+v", second)
	}
}
