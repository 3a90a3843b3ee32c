package pool_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

// sorter handles messages whose body begins with "own", and finds all others bad.
type sorter struct {
	mu      sync.Mutex
	handled map[string]int // receive count by body
}

func (s *sorter) handle(ctx context.Context, m queue.Message) error {
	if !strings.HasPrefix(m.Body, "own") {
		return fmt.Errorf("%w: of another bucket", pool.ErrBadMessage)
	}
	pool.Recognize(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handled[m.Body] = m.ReceiveCount
	return nil
}

func newSorter() *sorter { return &sorter{handled: map[string]int{}} }

// TestWrongQueueIsNotEmptied has a consumer find every message bad, for two hours. Then it ends, as in a rollback, and
// one with other settings follows.
func TestWrongQueueIsNotEmptied(t *testing.T) {
	for _, slots := range []int{1, 8} {
		t.Run(fmt.Sprint(slots, " slots"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := queuetest.NewMemory(5)
				reg := prometheus.NewRegistry()
				p, drain := start(t, pool.Config{Slots: slots, Settings: "QUEUE", Metrics: pool.NewMetrics(reg)}, q, newSorter().handle)
				const messages = 300
				for i := range messages {
					q.Put(fmt.Sprint("foreign ", i))
				}
				pass(10 * time.Second)
				if err := p.Ready(); err == nil || !strings.Contains(err.Error(), "QUEUE") || !strings.Contains(err.Error(), "of another bucket") {
					t.Errorf("ready: %v", err)
				}
				if n := metric(t, reg, "darkroom_breaker_open"); n != 1 {
					t.Errorf("darkroom_breaker_open is %v", n)
				}
				pass(2 * time.Hour)
				if err := p.Healthy(); err != nil {
					t.Errorf("not healthy, so that its messages would lose a receive each time it is replaced: %v", err)
				}
				if v, f := q.Counts(); v+f != messages || f > 60 {
					t.Errorf("%d messages visible and %d in flight, want %d together and few in flight", v, f, messages)
				}
				drain()
				wantCounts(t, q, messages, 0)
				if n := len(q.DeadLetters()); n != 0 {
					t.Errorf("%d dead letters", n)
				}
				most := 0
				for range messages / 10 {
					got, err := q.Receive(t.Context(), 10, time.Second, time.Hour)
					if err != nil {
						t.Fatal(err)
					}
					for _, m := range got {
						most = max(most, m.ReceiveCount)
					}
				}
				if most > 2 {
					t.Errorf("a message is at receive %d, want one for the wrong consumer at most", most-1)
				}
			})
		})
	}
}

// TestForeignMessagesAmongOwnAreDeadLettered has foreign messages first, in the middle, and alone.
func TestForeignMessagesAmongOwnAreDeadLettered(t *testing.T) {
	for name, tc := range map[string]struct {
		before, after int // foreign messages before and after the own ones
		wait          time.Duration
	}{
		"one before":          {1, 0, time.Second},
		"after":               {0, 50, 30 * time.Second},
		"both":                {2, 2, time.Second},
		"more than the burst": {7, 3, 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := queuetest.NewMemory(5)
				s := newSorter()
				p, drain := start(t, pool.Config{Slots: 4}, q, s.handle)
				for i := range tc.before {
					q.Put(fmt.Sprint("foreign ", i))
				}
				for i := range 5 {
					q.Put(fmt.Sprint("own ", i))
				}
				for i := range tc.after {
					q.Put(fmt.Sprint("foreign after ", i))
				}
				pass(tc.wait)
				if err := p.Ready(); err != nil {
					t.Error(err)
				}
				if len(s.handled) != 5 || len(q.DeadLetters()) != tc.before+tc.after {
					t.Errorf("%d handled, %d dead letters", len(s.handled), len(q.DeadLetters()))
				}
				drain()
				wantCounts(t, q, 0, 0)
			})
		})
	}
}

// TestForeignMessageThatStaysAloneIsDeadLettered has no other message, as after a test from the console.
func TestForeignMessageThatStaysAloneIsDeadLettered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(5)
		_, drain := start(t, pool.Config{Slots: 4}, q, newSorter().handle)
		q.Put("foreign")
		pass(59 * time.Second)
		wantCounts(t, q, 0, 1)
		pass(2 * time.Second)
		wantCounts(t, q, 0, 0)
		if n := len(q.DeadLetters()); n != 1 {
			t.Errorf("%d dead letters", n)
		}
		// However slowly they come, the third makes receives pause.
		for i := range 5 {
			q.Put(fmt.Sprint("foreign ", i))
			pass(time.Hour)
		}
		if n := len(q.DeadLetters()); n != 2 {
			t.Errorf("%d dead letters, want the first two", n)
		}
		drain()
	})
}

func TestDrainReleasesForeignMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(5)
		_, drain := start(t, pool.Config{Slots: 4}, q, newSorter().handle)
		q.Put("foreign")
		pass(time.Second)
		begun := time.Now()
		drain()
		wantCounts(t, q, 1, 0)
		if d := time.Since(begun); d > time.Second {
			t.Errorf("drained in %v", d)
		}
	})
}
