package simulation

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/worker/scaling"
)

// waiting is a metric: the visible messages.
func waiting(m Measured) autoscaling.Series { return m.Visible }

// scaled returns bare with a policy for one to ten workers, whose target is ten waiting photos a worker.
func scaled() Config {
	c := bare(1, 1, 10*time.Second)
	c.Policies = autoscaling.Config{Bounds: scaling.Bounds{Min: 1, Max: 10}, TargetTracking: []autoscaling.TargetTracking{{Name: "track", Target: 10, ScaleInCooldown: 5 * time.Minute}}}
	c.Metrics = map[string]Metric{"track": func(m Measured) autoscaling.Series {
		s := make(autoscaling.Series, len(m.Visible))
		for i := range s {
			s[i] = m.Visible[i] / m.Tasks[i]
		}
		return s
	}}
	c.Arrivals = make([]time.Duration, 200)
	return c
}

// minuteLate is a metric whose points all arrive a minute late.
var minuteLate = Delivery{Least: time.Minute, Most: time.Minute}

func play(t *testing.T, c Config) *Result {
	t.Helper()
	r, err := Run(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTargetTrackingWaitsForCloudWatch(t *testing.T) {
	c := scaled()
	r := play(t, c)
	// CloudWatch samples at 1, 2 and 3 minutes, and each sample is available a minute later. Two of them are enough at 3,
	// as nothing was measured before, and the first is three minutes old. The alarm is evaluated 10 s later.
	if first := r.Changes[0]; first.At != 3*time.Minute+10*time.Second || first.To != 10 || first.Policy != "track" {
		t.Errorf("first change %+v", first)
	}
	if last := r.Changes[len(r.Changes)-1]; last.To != 1 || last.At < r.Settled+10*time.Minute {
		t.Errorf("last change %+v, want it 10 minutes after the last photo at %v", last, r.Settled)
	}
	if r.PeakTasks != 10 || r.PeakBacklog != 199 || r.Unsettled != 0 || r.Counted != 200 {
		t.Errorf("%+v", r)
	}
	if end := r.Points[len(r.Points)-1]; end.Running != 1 {
		t.Errorf("%d tasks at the end", end.Running)
	}
}

func TestFastScalerReactsAtNextPoll(t *testing.T) {
	c := scaled()
	c.Fast = &scaling.Fast{Bounds: c.Policies.Bounds, Objective: 3 * time.Minute, StartUp: time.Minute, PhotoTime: 10 * time.Second, Processors: 1}
	for i := range c.Arrivals {
		c.Arrivals[i] = 5 * time.Second
	}
	slow := play(t, scaled())
	r := play(t, c)
	if first := r.Changes[0]; first.At != 10*time.Second || first.Policy != "fast" || first.To != 10 {
		t.Errorf("first change %+v", first)
	}
	if r.Settled > slow.Settled-2*time.Minute {
		t.Errorf("done after %v with the fast scaler, %v without", r.Settled, slow.Settled)
	}
	if last := r.Changes[len(r.Changes)-1]; last.Policy != "track" || last.To != 1 {
		t.Errorf("last change %+v, want a removal by target tracking", last)
	}
}

func TestPoisonMovesToDeadLetterQueue(t *testing.T) {
	c := bare(1, 1, time.Second)
	c.Worker.Slots, c.Poison, c.Arrivals = 10, 1, make([]time.Duration, 10)
	r := play(t, c)
	// Five tries of a second, and 2, 4, 8 and 16 s between them.
	if r.DeadLetters != 10 || r.Settled != 35*time.Second || r.Unsettled != 0 || r.Counted != 0 {
		t.Errorf("%d dead letters after %v, %d unsettled", r.DeadLetters, r.Settled, r.Unsettled)
	}
}

// TestScaleInSparesBusyTasks has a policy that always wants one task, and work for two.
func TestScaleInSparesBusyTasks(t *testing.T) {
	c := bare(1, 1, 10*time.Second)
	c.AWS.StartLeast, c.AWS.StartMost = 10*time.Second, 10*time.Second
	c.Policies = autoscaling.Config{Bounds: scaling.Bounds{Min: 1, Max: 2}, StepScaling: []autoscaling.StepScaling{
		{Name: "out", Alarm: autoscaling.Alarm{Threshold: 20, Comparison: autoscaling.Above, Periods: 1}, Type: autoscaling.ChangeInCapacity, Steps: []autoscaling.Step{{Lower: 0, Upper: math.Inf(1), Adjustment: 1}}},
		{Name: "in", Alarm: autoscaling.Alarm{Threshold: 20, Comparison: autoscaling.AtOrBelow, Periods: 1}, Type: autoscaling.ChangeInCapacity, Steps: []autoscaling.Step{{Lower: math.Inf(-1), Upper: 0, Adjustment: -1}}},
	}}
	c.Metrics = map[string]Metric{"out": waiting, "in": waiting}
	c.Arrivals = make([]time.Duration, 40)
	protected := play(t, c)
	c.Worker.Linger, c.Worker.DrainTimeout = -1, time.Second
	bare := play(t, c)
	if protected.Changes[0].Policy != "out" || protected.Changes[1].Policy != "in" {
		t.Fatalf("changes %+v", protected.Changes)
	}
	// One task has rendered 6 of 40 photos when the second starts after 2 min 20 s. Both work until the end.
	if protected.Settled > 4*time.Minute+45*time.Second || bare.Settled < protected.Settled+10*time.Second {
		t.Errorf("done after %v with protection and %v without", protected.Settled, bare.Settled)
	}
}

// TestScaleInDrainsNobody scales busy tasks in. If all drained at once, only the replacements of those that are still
// desired would be left, after their start.
func TestScaleInDrainsNobody(t *testing.T) {
	c := bare(1, 1, 10*time.Second)
	c.AWS.StartLeast, c.AWS.StartMost = 30*time.Second, 30*time.Second
	c.Policies = autoscaling.Config{Bounds: scaling.Bounds{Min: 1, Max: 10}, StepScaling: []autoscaling.StepScaling{
		{Name: "out", Alarm: autoscaling.Alarm{Threshold: 300, Comparison: autoscaling.Above, Periods: 1}, Type: autoscaling.ChangeInCapacity, Steps: []autoscaling.Step{{Lower: 0, Upper: math.Inf(1), Adjustment: 9}}},
		{Name: "in", Alarm: autoscaling.Alarm{Threshold: 300, Comparison: autoscaling.AtOrBelow, Periods: 1}, Type: autoscaling.ChangeInCapacity, Steps: []autoscaling.Step{{Lower: math.Inf(-1), Upper: 0, Adjustment: -1}}},
	}}
	c.Metrics = map[string]Metric{"out": waiting, "in": waiting}
	c.Arrivals = make([]time.Duration, 400)
	kept := play(t, c)
	c.Worker.DrainsWhenBlocked = true
	drained := play(t, c)
	if kept.Drained != 0 || drained.Drained < 5 || drained.Settled < kept.Settled+20*time.Second {
		t.Errorf("%d tasks drained, done after %v; %d drained, done after %v", kept.Drained, kept.Settled, drained.Drained, drained.Settled)
	}
}

func TestSpotReclaim(t *testing.T) {
	c := bare(20, 1, time.Second)
	c.Fleet.Base, c.Fleet.SpotWeight = 1, 3
	c.AWS.StartLeast, c.AWS.StartMost = 30*time.Second, 30*time.Second
	c.Arrivals = make([]time.Duration, 2000) // 100 s of work
	c.PointInterval = time.Second
	calm := play(t, c)
	c.Reclaims = []Reclaim{{At: 20500 * time.Millisecond, Share: 0.5, NoSpot: time.Minute}}
	r := play(t, c)
	if r.Reclaimed != 10 || r.Unsettled != 0 || r.Counted != 2000 {
		t.Fatalf("%d tasks reclaimed, %d photos without an outcome", r.Reclaimed, r.Unsettled)
	}
	running := func(at int) int { return r.Points[at].Running }
	if running(20) != 20 || running(21) != 10 || running(80) != 10 || running(115) != 20 {
		t.Errorf("%d tasks before, %d and %d while there is no Spot, %d after", running(20), running(21), running(80), running(115))
	}
	if r.Settled < calm.Settled+25*time.Second {
		t.Errorf("done after %v, without the reclaim after %v", r.Settled, calm.Settled)
	}
}

// TestUnfinishedPhotosReturn reclaims a task in the middle of a photo that takes longer than the task has left.
func TestUnfinishedPhotosReturn(t *testing.T) {
	for name, c := range map[string]struct {
		drain time.Duration
		want  time.Duration
	}{
		"returned at the end of the drain":         {10 * time.Second, 5*time.Second + 10*time.Second + 200*time.Second},
		"hidden until the visibility timeout ends": {3 * time.Minute, 5*time.Second + 2*time.Minute + 30*time.Second + 200*time.Second},
	} {
		config := bare(1, 1, 200*time.Second)
		config.Fleet.OnDemandWeight, config.Fleet.SpotWeight = 0, 1
		config.AWS.StartLeast, config.AWS.StartMost = 0, 0
		config.AWS.SpotNotice = config.Worker.StopTimeout
		config.Worker.DrainTimeout = c.drain
		config.Arrivals = make([]time.Duration, 1)
		config.Reclaims = []Reclaim{{At: 5 * time.Second, Share: 1}}
		if r := play(t, config); r.Settled != c.want {
			t.Errorf("%s: done after %v, want %v", name, r.Settled, c.want)
		}
	}
}

func TestCapacityProviders(t *testing.T) {
	for _, c := range []struct{ base, onDemand, spot, wantOnDemand int }{{1, 1, 3, 5}, {0, 1, 0, 17}, {2, 0, 1, 2}, {0, 1, 1, 9}} {
		r := &run{Config: bare(17, 1, time.Second)}
		r.Fleet.Base, r.Fleet.OnDemandWeight, r.Fleet.SpotWeight = c.base, c.onDemand, c.spot
		got := 0
		for range 17 {
			if !r.fleet.tasks[:r.launch(r.nextOnSpot())+1][len(r.fleet.tasks)-1].spot {
				got++
			}
		}
		if got != c.wantOnDemand {
			t.Errorf("%+v: %d of 17 on demand", c, got)
		}
	}
}

func TestLaunchRate(t *testing.T) {
	var b bucket
	var last time.Duration
	for range 140 {
		last = b.take(time.Minute, 100, 20)
	}
	if last != time.Minute+2*time.Second {
		t.Errorf("launch 140 at %v, want 2 s after the first", last)
	}
	if again := b.take(time.Hour, 100, 20); again != time.Hour {
		t.Errorf("a launch an hour later waits until %v", again)
	}
}

func TestMetricsArriveLate(t *testing.T) {
	var w CloudWatch
	aws, r := Default(), rand.New(rand.NewPCG(1, 1))
	aws.Visible, aws.Tasks = minuteLate, minuteLate
	aws.InFlight = Delivery{Loss: 1}
	for i := range 40 {
		w.Sample(r, time.Duration(i+1)*time.Minute, aws, i, 0, i%2)
	}
	m := w.Available(40*time.Minute+10*time.Second, aws)
	if slices.ContainsFunc(m.InFlight, func(v float64) bool { return !math.IsNaN(v) }) {
		t.Errorf("a metric without points has %v", m.InFlight)
	}
	if n := len(m.Visible); n != remembered || !math.IsNaN(m.Visible[n-1]) || m.Visible[n-2] != 38 {
		t.Errorf("visible %v", m.Visible)
	}
	if n := len(m.Tasks); !math.IsNaN(m.Tasks[n-2]) || m.Tasks[n-3] != 1 {
		t.Errorf("tasks %v", m.Tasks)
	}
}

func TestValidate(t *testing.T) {
	good := scaled()
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(c *Config){
		"deployments": func(c *Config) {
			c.Deployments = []Deployment{{}}
		},
		"moves":       func(c *Config) { c.Moves = -1 },
		"routing":     func(c *Config) { c.Routing = &Routing{} },
		"few boards":  func(c *Config) { c.BoardOf = make([]int32, 1) },
		"two boards":  func(c *Config) { c.BoardOf, c.Boards = make([]int32, len(c.Arrivals)), 1 },
		"no uploads":  func(c *Config) { c.Arrivals = nil },
		"order":       func(c *Config) { c.Arrivals = []time.Duration{2, 1} },
		"poison":      func(c *Config) { c.Poison = 2 },
		"step":        func(c *Config) { c.PointInterval = 0 },
		"no metric":   func(c *Config) { c.Metrics = nil },
		"fast":        func(c *Config) { c.Fast = &scaling.Fast{} },
		"policies":    func(c *Config) { c.Policies.Max = -1 },
		"processors":  func(c *Config) { c.Worker.Processors = 0 },
		"photo time":  func(c *Config) { c.Worker.PhotoTime = 0 },
		"drain":       func(c *Config) { c.Worker.DrainTimeout = 0 },
		"weights":     func(c *Config) { c.Fleet.OnDemandWeight = 0 },
		"memory":      func(c *Config) { c.Fleet.MemoryGB = 0 },
		"delay":       func(c *Config) { c.AWS.Visible.Least = -1 },
		"loss":        func(c *Config) { c.AWS.Tasks.Loss = 2 },
		"mix":         func(c *Config) { c.Worker.Mix = []Kind{{"jpeg", 1, 0}} },
		"late events": func(c *Config) { c.AWS.LateMost = 0 },
		"period":      func(c *Config) { c.AWS.PollInterval = 0 },
		"launch rate": func(c *Config) { c.AWS.LaunchRate = 0 },
		"service":     func(c *Config) { c.AWS.ServiceRate = 0 },
	} {
		c := scaled()
		change(&c)
		if _, err := Run(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
