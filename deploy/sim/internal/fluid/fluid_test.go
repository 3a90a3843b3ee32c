package fluid

import (
	"math"
	"testing"
	"time"
)

var system = System{Min: 1, Max: 20, Rate: 20, AssumedRate: 20, Latency: 30, Start: 45 * time.Second, MetricLag: 90 * time.Second, AlarmDelay: 10 * time.Second,
	Cooldown: time.Minute, FastPoll: 10 * time.Second, FastObjective: time.Minute, FastStart: 45 * time.Second}

// TestByHand has loads that can be worked out by hand.
func TestByHand(t *testing.T) {
	one := system
	one.Max = 1
	all := system
	all.Min = 20
	fast := system
	fast.Fast = true
	for name, c := range map[string]struct {
		s     System
		l     Load
		want  time.Duration
		tasks int
	}{
		"one task":                   {one, Load{2000, 10 * time.Second}, 100 * time.Second, 1},
		"twenty tasks":               {all, Load{40_000, 10 * time.Second}, 100 * time.Second, 20},
		"within the acceptable wait": {system, Load{400, 10 * time.Second}, 20 * time.Second, 1},
		// Nineteen tasks start after 45 s, when one has rendered 900: 39,100 are left for 400 a second.
		"fast": {fast, Load{40_000, 10 * time.Second}, 45*time.Second + 97750*time.Millisecond, 20},
	} {
		got := c.s.Play(c.l)
		if math.Abs((got.Took-c.want).Seconds()) > 15 || got.Tasks != c.tasks {
			t.Errorf("%s: %v with %d tasks, want %v with %d", name, got.Took, got.Tasks, c.want, c.tasks)
		}
	}
}
