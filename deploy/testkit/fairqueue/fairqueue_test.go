package fairqueue_test

import (
	"testing"
	"time"

	"darkroom/deploy/testkit/fairqueue"
)

type message struct{ order, at int }

// A receive takes steps in proportion to the logarithm of the waiting messages. The tests of the local queue, which
// uses this package, cover the rule itself.
func TestReceiveDoesNotScan(t *testing.T) {
	steps := func(waiting int) (n int) {
		now := time.Unix(0, 0)
		b := fairqueue.New[int](func(x, y *message) bool { n++; return x.order < y.order }, func(m *message, i int) { m.at = i })
		for i := range waiting + 50 {
			key := 1
			if i >= waiting {
				key = i // a board with one photo
			}
			b.Push(b.Join(key, now, now), &message{order: i})
		}
		n = 0
		flood := b.Join(1, now, now)
		for range 100 {
			m, ok := b.First(now)
			if !ok {
				t.Fatal("nothing is receivable")
			}
			g := flood
			if m.order >= waiting {
				g = b.Join(m.order, now, now)
			}
			b.Remove(g, m.at)
			b.ChangeInFlight(g, 1, now)
		}
		return n
	}
	few, many := steps(1_000), steps(100_000)
	if few == 0 || many > 2*few {
		t.Errorf("100 receives compare %d messages with 1,000 waiting and %d with 100,000", few, many)
	}
}
