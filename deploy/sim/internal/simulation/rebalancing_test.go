package simulation

import (
	"testing"
	"time"
)

// TestMovesWaitForProtectedTasks moves the tasks of a service under work. Replacements run beside busy tasks, which
// stop only after their photos.
func TestMovesWaitForProtectedTasks(t *testing.T) {
	c := bare(4, 1, time.Second)
	c.AWS.StartLeast, c.AWS.StartMost, c.AWS.SlowStarts = 30*time.Second, 30*time.Second, 0
	c.Worker.Linger = 2 * time.Second
	c.Arrivals = make([]time.Duration, 1600) // 400 s of work
	calm := play(t, c)
	c.Moves = 2
	r := play(t, c)
	if calm.Moved != 0 || r.PeakTasks != 8 || r.Moved != 0 {
		t.Errorf("%d and %d tasks moved while all were busy, %d running at most, want 0, 0 and 8", calm.Moved, r.Moved, r.PeakTasks)
	}
	if paid, was := r.Cost.OnDemand, calm.Cost.OnDemand; r.Settled >= calm.Settled || paid < 0.9*was {
		t.Errorf("done after %v for %v, without moves after %v for %v", r.Settled, paid, calm.Settled, was)
	}
	c.Worker.Linger = -1
	if r := play(t, c); r.Moved < 6 || r.PeakTasks > 6 || r.Unsettled > 0 {
		t.Errorf("without protection: %d tasks moved, %d running at most, %d photos left", r.Moved, r.PeakTasks, r.Unsettled)
	}
}

// TestMovesEndWhenTasksAreIdle has four tasks that are idle most of the time.
func TestMovesEndWhenTasksAreIdle(t *testing.T) {
	c := bare(4, 1, time.Second)
	c.Worker.Linger = 2 * time.Second
	for i := range 60 {
		c.Arrivals = append(c.Arrivals, time.Duration(i)*10*time.Second)
	}
	c.Moves = 1
	if r := play(t, c); r.Moved < 6 || r.PeakTasks > 6 || r.Unsettled > 0 {
		t.Errorf("%d tasks moved in ten minutes, %d running at most, %d photos left", r.Moved, r.PeakTasks, r.Unsettled)
	}
}
