package pool_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/deploy/testkit/race"
	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

func TestReceivesNoMoreThanFreeSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		for i := range 40 {
			q.Put(fmt.Sprint(i))
		}
		var now, most atomic.Int32
		gate := make(chan struct{})
		_, drain := start(t, pool.Config{Slots: 13}, q, func(ctx context.Context, m queue.Message) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			<-gate
			return nil
		})
		synctest.Wait()
		wantCounts(t, q, 27, 13)
		close(gate)
		pass(time.Minute)
		drain()
		wantCounts(t, q, 0, 0)
		if most.Load() != 13 {
			t.Errorf("%d at once, want 13", most.Load())
		}
	})
}

func TestIdlePoolHasOneReceiveInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		_, drain := start(t, pool.Config{Slots: 100}, q, func(ctx context.Context, m queue.Message) error { return nil })
		// In a burst it has several receives in progress.
		for i := range 500 {
			q.Put(fmt.Sprint(i))
		}
		pass(time.Minute)
		q.mu.Lock()
		before, most := len(q.receives), q.most
		q.mu.Unlock()
		if most < 2 {
			t.Errorf("%d receives in progress in a burst, want more than one", most)
		}
		for range 1000 {
			time.Sleep(time.Second)
			synctest.Wait()
			if n := q.receiving(); n != 1 {
				t.Fatalf("%d receives in progress, want 1", n)
			}
		}
		q.mu.Lock()
		polls := q.receives[before:]
		q.mu.Unlock()
		for _, r := range polls {
			if r.wait != 20*time.Second {
				t.Errorf("a receive that waits for %v, want 20s", r.wait)
			}
		}
		if len(polls) > 51 {
			t.Errorf("%d receives in 1000 s, want one in 20 s", len(polls))
		}
		drain()
	})
}

// TestReceivesKeepTheSlotsBusy measures how much of the slots' time handlers use, with slow receives. One receive at a
// time would bring at most 500 of the 800 messages a second that the last case handles.
func TestReceivesKeepTheSlotsBusy(t *testing.T) {
	for _, tc := range []struct {
		slots         int
		latency, work time.Duration
	}{
		{8, 20 * time.Millisecond, 600 * time.Millisecond},
		{40, 50 * time.Millisecond, 2 * time.Second},
		{400 / race.Every(4), 20 * time.Millisecond, 500 * time.Millisecond},
	} {
		t.Run(fmt.Sprint(tc.slots), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := &spy{Memory: queuetest.NewMemory(0), latency: tc.latency}
				const run = 10 * time.Second
				for i := range int(float64(tc.slots) * float64(run+4*time.Second) / float64(tc.work) * 1.2) {
					q.Put(fmt.Sprint(i))
				}
				var mu sync.Mutex
				var worked time.Duration
				begun := time.Now().Add(3 * time.Second) // the time before is the ramp
				end := begun.Add(run)
				_, drain := start(t, pool.Config{Slots: tc.slots}, q, func(ctx context.Context, m queue.Message) error {
					from := time.Now()
					time.Sleep(tc.work*3/4 + rand.N(tc.work/2))
					to := time.Now()
					if from.Before(begun) {
						from = begun
					}
					if to.After(end) {
						to = end
					}
					if to.After(from) {
						mu.Lock()
						worked += to.Sub(from)
						mu.Unlock()
					}
					return nil
				})
				time.Sleep(run + 4*time.Second)
				if v, _ := q.Counts(); v == 0 {
					t.Fatal("the queue ran dry")
				}
				drain()
				if part := float64(worked) / float64(run) / float64(tc.slots); part < 0.95 {
					t.Errorf("%.1f %% of the slots worked, want 95 %%", 100*part)
				} else {
					t.Logf("%.1f %% of the slots worked, with up to %d receives", 100*part, q.most)
				}
				if want := (tc.slots + 9) / 10; q.most > want {
					t.Errorf("%d receives in progress, want at most %d", q.most, want)
				}
			})
		})
	}
}

// TestReceiveThatHangsIsGivenUp covers a connection that died silently.
func TestReceiveThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &hanging{Memory: queuetest.NewMemory(0)}
		var handled atomic.Int32
		p, drain := start(t, pool.Config{Slots: 1}, q, func(ctx context.Context, m queue.Message) error {
			handled.Add(1)
			return nil
		})
		q.Put("a")
		pass(time.Minute)
		if handled.Load() != 1 || p.Ready() != nil {
			t.Errorf("%d messages handled, ready: %v", handled.Load(), p.Ready())
		}
		drain()
	})
}

// hanging never answers the first receive.
type hanging struct {
	*queuetest.Memory
	receives atomic.Int32
}

func (q *hanging) Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]queue.Message, error) {
	if q.receives.Add(1) == 1 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return q.Memory.Receive(ctx, max, wait, visibility)
}
