package simulation

import (
	"testing"
	"time"
)

// routing returns bare with workers that route, calls of 10 ms and no short way.
func routing(workers, slots int) Config {
	c := bare(workers, 1, time.Second)
	c.Worker.Slots, c.AWS.Call = slots, 10*time.Millisecond
	c.Routing = &Routing{Slots: 100, Linger: 20 * time.Millisecond, Time: time.Millisecond}
	return c
}

func TestRoutingTimes(t *testing.T) {
	for name, c := range map[string]struct {
		photos int
		at     time.Duration
		share  int
		want   time.Duration // until the last photo is ready
	}{
		// A receive, the linger, a send and a receive, and 1 ms of the processor.
		"a batch of one lingers":            {1, 0, 0, 10*time.Millisecond + 20*time.Millisecond + 10*time.Millisecond + 10*time.Millisecond + time.Second + time.Millisecond},
		"a full batch does not":             {10, 0, 0, 10*time.Millisecond + 10*time.Millisecond + 10*time.Millisecond + 10*time.Second + 10*time.Millisecond},
		"the short way":                     {1, 30 * time.Second, 4, 10*time.Millisecond + 10*time.Millisecond + time.Second},
		"not before a receive ended in nil": {1, 10 * time.Second, 4, 10*time.Millisecond + 20*time.Millisecond + 10*time.Millisecond + 10*time.Millisecond + time.Second + time.Millisecond},
	} {
		config := routing(1, 16)
		config.Routing.Share = c.share
		config.Arrivals = make([]time.Duration, c.photos)
		for i := range config.Arrivals {
			config.Arrivals[i] = c.at
		}
		if r := play(t, config); r.Settled-c.at != c.want || r.Unsettled != 0 {
			t.Errorf("%s: ready after %v, want %v", name, r.Settled-c.at, c.want)
		}
	}
}

// A quarter of the slots take the short way, and an eighth for one board. What is left takes the long way.
func TestShortWayIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		boards []int32
		short  int
	}{
		"one board":   {[]int32{1, 1, 1, 1, 1, 1}, 2},
		"two boards":  {[]int32{1, 1, 1, 2, 2, 2}, 4},
		"many boards": {make([]int32, 9), 4},
	} {
		config := routing(1, 16)
		config.Routing.Share = 4
		config.BoardOf = c.boards
		config.Arrivals = make([]time.Duration, len(c.boards))
		for i := range config.Arrivals {
			config.Arrivals[i] = time.Minute
		}
		r := play(t, config)
		at := 0
		for _, l := range r.latencies {
			if l.wait == 10*time.Millisecond { // the receive
				at++
			}
		}
		if at != c.short || r.Counted != len(c.boards) {
			t.Errorf("%s: %d of %d photos took the short way, want %d", name, at, r.Counted, c.short)
		}
	}
}

// With workers that route, photos of quiet boards pass those of a board that sent many.
func TestQuietBoardsPass(t *testing.T) {
	last := map[bool]time.Duration{}
	for _, fair := range []bool{true, false} {
		c := routing(4, 10)
		if !fair {
			c.Routing = nil
		}
		for i := range 420 {
			board := int32(1)
			if i >= 400 {
				board = int32(i)
			}
			c.Arrivals, c.BoardOf = append(c.Arrivals, time.Duration(i)*10*time.Millisecond), append(c.BoardOf, board)
		}
		r := play(t, c)
		w := r.Waits(func(board int32, _ time.Duration) bool { return board > 1 })
		last[fair] = w.Wait.Max
		if w.Counted != 20 || r.Counted != 420 {
			t.Errorf("%d photos of quiet boards, %d in all", w.Counted, r.Counted)
		}
	}
	if last[true] > 15*time.Second || last[false] < time.Minute {
		t.Errorf("quiet boards wait %v, with one queue %v", last[true], last[false])
	}
}

// Nothing is lost if tasks end while they route, nor if photos fail.
func TestRoutingLosesNothing(t *testing.T) {
	c := routing(20, 4)
	c.Routing.Share = 2
	c.Fleet.Base, c.Fleet.SpotWeight = 1, 3
	c.AWS.StartLeast, c.AWS.StartMost = 30*time.Second, 30*time.Second
	c.Poison = 0.1
	for i := range 2000 {
		c.Arrivals, c.BoardOf = append(c.Arrivals, time.Duration(i)*50*time.Millisecond), append(c.BoardOf, int32(i%7))
	}
	c.Reclaims = []Reclaim{{At: 30005 * time.Millisecond, Share: 0.5, NoSpot: time.Minute}}
	r := play(t, c)
	if r.Unsettled != 0 || r.Counted+r.DeadLetters != 2000 || r.DeadLetters < 100 || r.Reclaimed == 0 {
		t.Errorf("%d ready, %d dead letters, %d without an outcome, %d tasks reclaimed", r.Counted, r.DeadLetters, r.Unsettled, r.Reclaimed)
	}
	if end := r.Points[len(r.Points)-1]; end.Visible != 0 || end.InFlight != 0 {
		t.Errorf("at the end %d messages wait and %d are in flight", end.Visible, end.InFlight)
	}
}
