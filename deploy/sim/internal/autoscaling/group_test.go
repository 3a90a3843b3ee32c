package autoscaling

import (
	"testing"
	"time"

	"darkroom/worker/scaling"
)

func bounds(least, most int) scaling.Bounds { return scaling.Bounds{Min: least, Max: most} }

// call is one call of Decide.
type call struct {
	minute  int
	from    int // workers desired; 0 means as decided before
	metrics map[string]Series
	want    int
	policy  string
}

func TestGroup(t *testing.T) {
	tracking := TargetTracking{Name: "track", Target: 30, ScaleOutCooldown: 3 * time.Minute, ScaleInCooldown: 5 * time.Minute}
	burst := StepScaling{Name: "burst", Alarm: Alarm{Threshold: 2, Comparison: AtOrAbove, Periods: 1}, Type: PercentChangeInCapacity, MinMagnitude: 1,
		Steps: []Step{{0, 3, 100}, {3, inf, 300}}, Cooldown: 2 * time.Minute}
	track := func(v float64, n int) map[string]Series { return map[string]Series{"track": flat(v, n)} }
	both := func(v float64, b float64) map[string]Series {
		return map[string]Series{"track": flat(v, 15), "burst": {b}}
	}
	for name, c := range map[string]struct {
		config Config
		calls  []call
	}{
		"scale out in proportion": {Config{bounds(1, 100), []TargetTracking{tracking}, nil, nil}, []call{
			{0, 4, track(60, 3), 8, "track"},
		}},
		"cooldown counts the workers added": {Config{bounds(1, 100), []TargetTracking{tracking}, nil, nil}, []call{
			{0, 4, track(60, 3), 8, "track"},
			{1, 0, track(60, 3), 8, ""},       // 4 x 2 are there already
			{2, 0, track(90, 3), 12, "track"}, // 4 x 3 are more
			{3, 0, track(90, 3), 12, ""},      // and start a cooldown of their own
			{5, 0, track(60, 3), 24, "track"},
		}},
		"clamped to the maximum": {Config{bounds(1, 10), []TargetTracking{tracking}, nil, nil}, []call{
			{0, 4, track(3000, 3), 10, "track"},
			{1, 0, track(3000, 3), 10, ""},
		}},
		"scale in once a cooldown": {Config{bounds(1, 100), []TargetTracking{tracking}, nil, nil}, []call{
			{0, 16, track(15, 15), 8, "track"},
			{1, 0, track(15, 15), 8, ""},
			{4, 0, track(15, 15), 8, ""},
			{5, 0, track(15, 15), 4, "track"},
			{10, 0, track(0, 15), 1, "track"},
			{20, 0, track(0, 15), 1, ""},
		}},
		"scaling out ends the scale-in cooldown": {Config{bounds(1, 100), []TargetTracking{tracking}, nil, nil}, []call{
			{0, 16, track(15, 15), 8, "track"},
			{1, 0, track(60, 3), 16, "track"},
			{2, 0, track(15, 15), 8, "track"},
		}},
		"larger of two policies": {Config{bounds(1, 100), []TargetTracking{tracking}, []StepScaling{burst}, nil}, []call{
			{0, 4, both(60, 2), 8, "track"},
			{0, 4, both(30, 5), 16, "burst"},
		}},
		"larger step within the cooldown": {Config{bounds(1, 100), nil, []StepScaling{burst}, nil}, []call{
			{0, 4, both(0, 2), 8, "burst"},
			{1, 0, both(0, 2), 8, ""},
			{1, 0, both(0, 5), 16, "burst"}, // 4 and 300 %, less the 4 already added
			{3, 0, both(0, 2), 32, "burst"},
		}},
		"no policy removes while another adds": {Config{bounds(1, 100), []TargetTracking{tracking}, []StepScaling{burst}, nil}, []call{
			{0, 4, both(0, 2), 8, "burst"},
			{10, 0, both(0, 0), 1, "track"},
		}},
		"of two target tracking policies, the larger number": {Config{bounds(1, 100), []TargetTracking{tracking, {Name: "other", Target: 10}}, nil, nil}, []call{
			{0, 8, map[string]Series{"track": flat(0, 15), "other": flat(5, 15)}, 4, "other"},
			{10, 0, map[string]Series{"track": flat(0, 15), "other": flat(10, 15)}, 4, ""},
			{20, 0, map[string]Series{"track": flat(0, 15)}, 4, ""}, // a policy without a metric removes nothing
		}},
		"desired count changed by someone else": {Config{bounds(1, 100), []TargetTracking{tracking}, nil, nil}, []call{
			{0, 4, track(60, 3), 8, "track"},
			{1, 50, track(60, 3), 50, ""},
			{4, 50, track(60, 3), 100, "track"},
			{20, 3, track(60, 3), 6, "track"},
			{21, 2, track(60, 3), 4, "track"}, // fewer than before the cooldown
		}},
		"desired count outside the bounds": {Config{bounds(2, 5), []TargetTracking{tracking}, nil, nil}, []call{
			{0, 1, nil, 1, ""}, {1, 9, nil, 9, ""},
			{2, 1, track(30, 15), 1, ""}, {3, 1, track(0, 15), 1, ""}, {4, 1, track(31, 3), 2, "track"},
			{20, 9, track(60, 15), 9, ""}, {21, 9, track(26, 15), 5, "track"},
		}},
		"from no workers": {Config{bounds(0, 5), []TargetTracking{tracking}, []StepScaling{burst}, nil}, []call{
			{0, 1, track(0, 15), 0, "track"},
			{9, 0, track(300, 15), 0, ""},
			{10, 0, both(300, 2), 1, "burst"},
		}},
		"step that removes": {Config{bounds(1, 9), nil, []StepScaling{{Name: "in", Alarm: Alarm{Threshold: 1, Comparison: Below, Periods: 1}, Type: ChangeInCapacity,
			Steps: []Step{{-inf, 0, -2}}, Cooldown: 2 * time.Minute}}, nil}, []call{
			{0, 6, map[string]Series{"in": {0}}, 4, "in"},
			{1, 0, map[string]Series{"in": {0}}, 4, ""},
			{2, 0, map[string]Series{"in": {0}}, 2, "in"},
			{4, 0, map[string]Series{"in": {0}}, 1, "in"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := NewGroup(c.config)
			if err != nil {
				t.Fatal(err)
			}
			desired := 0
			for _, step := range c.calls {
				if step.from != 0 {
					desired = step.from
				}
				d := g.Decide(start.Add(time.Duration(step.minute)*time.Minute), desired, step.metrics)
				if d != (Decision{step.want, step.policy}) {
					t.Fatalf("minute %d, from %d: %+v, want %d by %q", step.minute, desired, d, step.want, step.policy)
				}
				desired = d.Desired
			}
		})
	}
}
