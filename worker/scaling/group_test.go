package scaling

import (
	"testing"
	"time"
)

// at is one call of Decide.
type at struct {
	minute  int
	from    int // 0: as it was decided before
	metrics map[string]Series
	want    int
	policy  string
}

func TestGroup(t *testing.T) {
	tracking := Tracking{Name: "track", Target: 30, OutCooldown: 3 * time.Minute, InCooldown: 5 * time.Minute}
	burst := Stepping{Name: "burst", Alarm: Alarm{Threshold: 2, Comparison: AtOrAbove, Periods: 1}, Kind: ByPercent, MinMagnitude: 1,
		Steps: []Step{{0, 3, 100}, {3, inf, 300}}, Cooldown: 2 * time.Minute}
	track := func(v float64, n int) map[string]Series { return map[string]Series{"track": flat(v, n)} }
	both := func(v float64, b float64) map[string]Series {
		return map[string]Series{"track": flat(v, 15), "burst": {b}}
	}
	for name, c := range map[string]struct {
		config Config
		calls  []at
	}{
		"out in proportion": {Config{Bounds{1, 100}, []Tracking{tracking}, nil}, []at{
			{0, 4, track(60, 3), 8, "track"},
		}},
		"the cooldown counts what was added": {Config{Bounds{1, 100}, []Tracking{tracking}, nil}, []at{
			{0, 4, track(60, 3), 8, "track"},
			{1, 0, track(60, 3), 8, ""},       // 4 x 2 are there already
			{2, 0, track(90, 3), 12, "track"}, // 4 x 3 are more
			{3, 0, track(90, 3), 12, ""},      // and begin a cooldown of their own
			{5, 0, track(60, 3), 24, "track"},
		}},
		"no more than at most": {Config{Bounds{1, 10}, []Tracking{tracking}, nil}, []at{
			{0, 4, track(3000, 3), 10, "track"},
			{1, 0, track(3000, 3), 10, ""},
		}},
		"in, no more often than the cooldown": {Config{Bounds{1, 100}, []Tracking{tracking}, nil}, []at{
			{0, 16, track(15, 15), 8, "track"},
			{1, 0, track(15, 15), 8, ""},
			{4, 0, track(15, 15), 8, ""},
			{5, 0, track(15, 15), 4, "track"},
			{10, 0, track(0, 15), 1, "track"},
			{20, 0, track(0, 15), 1, ""},
		}},
		"out ends the cooldown of in": {Config{Bounds{1, 100}, []Tracking{tracking}, nil}, []at{
			{0, 16, track(15, 15), 8, "track"},
			{1, 0, track(60, 3), 16, "track"},
			{2, 0, track(15, 15), 8, "track"},
		}},
		"the larger of two": {Config{Bounds{1, 100}, []Tracking{tracking}, []Stepping{burst}}, []at{
			{0, 4, both(60, 2), 8, "track"},
			{0, 4, both(30, 5), 16, "burst"},
		}},
		"a step up within the cooldown": {Config{Bounds{1, 100}, nil, []Stepping{burst}}, []at{
			{0, 4, both(0, 2), 8, "burst"},
			{1, 0, both(0, 2), 8, ""},
			{1, 0, both(0, 5), 16, "burst"}, // 4 and 300 percent, of which 4 are there
			{3, 0, both(0, 2), 32, "burst"},
		}},
		"whoever adds keeps the others from removing": {Config{Bounds{1, 100}, []Tracking{tracking}, []Stepping{burst}}, []at{
			{0, 4, both(0, 2), 8, "burst"},
			{10, 0, both(0, 0), 1, "track"},
		}},
		"of two that track, the one that keeps more": {Config{Bounds{1, 100}, []Tracking{tracking, {Name: "other", Target: 10}}, nil}, []at{
			{0, 8, map[string]Series{"track": flat(0, 15), "other": flat(5, 15)}, 4, "other"},
			{10, 0, map[string]Series{"track": flat(0, 15), "other": flat(10, 15)}, 4, ""},
			{20, 0, map[string]Series{"track": flat(0, 15)}, 4, ""}, // one that knows nothing removes nothing
		}},
		"a count changed from outside": {Config{Bounds{1, 100}, []Tracking{tracking}, nil}, []at{
			{0, 4, track(60, 3), 8, "track"},
			{1, 50, track(60, 3), 50, ""},
			{4, 50, track(60, 3), 100, "track"},
			{20, 3, track(60, 3), 6, "track"},
			{21, 2, track(60, 3), 4, "track"}, // fewer than before the cooldown
		}},
		"outside of the bounds": {Config{Bounds{2, 5}, []Tracking{tracking}, nil}, []at{
			{0, 1, nil, 1, ""}, {1, 9, nil, 9, ""},
			{2, 1, track(30, 15), 1, ""}, {3, 1, track(0, 15), 1, ""}, {4, 1, track(31, 3), 2, "track"},
			{20, 9, track(60, 15), 9, ""}, {21, 9, track(26, 15), 5, "track"},
		}},
		"from none": {Config{Bounds{0, 5}, []Tracking{tracking}, []Stepping{burst}}, []at{
			{0, 1, track(0, 15), 0, "track"},
			{9, 0, track(300, 15), 0, ""},
			{10, 0, both(300, 2), 1, "burst"},
		}},
		"a step that removes": {Config{Bounds{1, 9}, nil, []Stepping{{Name: "in", Alarm: Alarm{Threshold: 1, Comparison: Below, Periods: 1}, Kind: ByCount,
			Steps: []Step{{-inf, 0, -2}}, Cooldown: 2 * time.Minute}}}, []at{
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
			for _, call := range c.calls {
				if call.from != 0 {
					desired = call.from
				}
				d := g.Decide(start.Add(time.Duration(call.minute)*time.Minute), desired, call.metrics)
				if d != (Decision{call.want, call.policy}) {
					t.Fatalf("minute %d, from %d: %+v, want %d by %q", call.minute, desired, d, call.want, call.policy)
				}
				desired = d.Desired
			}
		})
	}
}
