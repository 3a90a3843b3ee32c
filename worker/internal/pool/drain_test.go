package pool_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

func TestDrainFinishesMessagesInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		p, drain := start(t, pool.Config{Slots: 2, DrainTimeout: 20 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(10 * time.Second)
			return ctx.Err()
		})
		q.Put("a")
		q.Put("b")
		q.Put("c")
		synctest.Wait()
		if p.Ready() != nil {
			t.Error("not ready while running")
		}
		begun := time.Now()
		drain()
		if d := time.Since(begun); d != 10*time.Second {
			t.Errorf("drained in %v, want 10s", d)
		}
		if p.Ready() == nil {
			t.Error("ready after draining")
		}
		wantCounts(t, q, 1, 0)
	})
}

func TestDrainTimeoutReleasesWhatIsNotFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		reg := prometheus.NewRegistry()
		_, drain := start(t, pool.Config{Slots: 2, DrainTimeout: 20 * time.Second, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			<-ctx.Done()
			if cause := context.Cause(ctx); !errors.Is(cause, pool.ErrDrained) {
				t.Errorf("cause %v, want ErrDrained", cause)
			}
			return ctx.Err()
		})
		q.Put("a")
		q.Put("b")
		synctest.Wait()
		begun := time.Now()
		drain()
		if d := time.Since(begun); d > 20*time.Second {
			t.Errorf("drained in %v, want at most 20s", d)
		}
		wantCounts(t, q, 2, 0)
		if n := metric(t, reg, "darkroom_messages_settled_total", "released"); n != 2 {
			t.Errorf("%v messages counted as released, want 2", n)
		}
	})
}

func TestMessageThatComesWhileDrainingIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		_, drain := start(t, pool.Config{Slots: 1, PollWait: 10 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			t.Error("a handler was called while draining")
			return nil
		})
		pass(2 * time.Second) // the long receive is in progress
		time.AfterFunc(5*time.Second, func() { q.Put("late") })
		drain()
		wantCounts(t, q, 1, 0)
	})
}

// TestReceiveInProgressReturns has a drain timeout that is long enough for any receive.
func TestReceiveInProgressReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &cutPolls{Memory: queuetest.NewMemory(0)}
		_, drain := start(t, pool.Config{Slots: 4, DrainTimeout: 25 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			t.Error("a handler was called while draining")
			return nil
		})
		pass(1100 * time.Millisecond) // the long receive has just begun
		begun := time.Now()
		time.AfterFunc(19*time.Second, func() { q.Put("late"); q.Put("later") })
		drain()
		wantCounts(t, q.Memory, 2, 0)
		if d := time.Since(begun); d != 19*time.Second || q.cut {
			t.Errorf("drained in %v, receive cancelled: %v", d, q.cut)
		}
	})
}

// TestReceiveInProgressDoesNotDelayTheExit has the default drain timeout, which is no longer than the poll wait.
func TestReceiveInProgressDoesNotDelayTheExit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &cutPolls{Memory: queuetest.NewMemory(0)}
		_, drain := start(t, pool.Config{Slots: 4}, q, func(ctx context.Context, m queue.Message) error { return nil })
		pass(1100 * time.Millisecond)
		begun := time.Now()
		drain()
		if d := time.Since(begun); d != 16*time.Second || !q.cut {
			t.Errorf("drained in %v, receive cancelled: %v", d, q.cut)
		}
	})
}

// cutPolls records whether a receive was cancelled.
type cutPolls struct {
	*queuetest.Memory
	cut bool
}

func (q *cutPolls) Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]queue.Message, error) {
	m, err := q.Memory.Receive(ctx, max, wait, visibility)
	q.cut = q.cut || ctx.Err() != nil
	return m, err
}

// TestHandlerThatDoesNotReturnIsLeftBehind checks that Run returns in time nevertheless, and that the message is
// released.
func TestHandlerThatDoesNotReturnIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		reg := prometheus.NewRegistry()
		_, drain := start(t, pool.Config{Slots: 2, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			if m.Body == "deaf" {
				time.Sleep(time.Hour)
			}
			return nil
		})
		q.Put("deaf")
		q.Put("fine")
		pass(time.Minute)
		begun := time.Now()
		drain()
		if d := time.Since(begun); d != 18*time.Second {
			t.Errorf("drained in %v, want 18s", d)
		}
		wantCounts(t, q, 1, 0)
		pass(2 * time.Hour) // the handler returns nil, which has no effect any more
		wantCounts(t, q, 1, 0)
		if n := metric(t, reg, "darkroom_messages_settled_total", "not_deleted"); n != 0 {
			t.Errorf("%v messages were settled twice", n)
		}
		if n := metric(t, reg, "darkroom_messages_settled_total", "released"); n != 1 {
			t.Errorf("%v messages counted as released, want 1", n)
		}
	})
}

// TestReleaseIsNoFailure checks that a drain does not count as a failure in any metric.
func TestReleaseIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		reg := prometheus.NewRegistry()
		_, drain := start(t, pool.Config{Slots: 3, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			<-ctx.Done()
			return ctx.Err()
		})
		for _, b := range []string{"a", "b", "c"} {
			q.Put(b)
		}
		pass(time.Second)
		drain()
		wantCounts(t, q, 3, 0)
		for _, outcome := range []string{"retried", "visibility_expired", "not_deleted"} {
			if n := metric(t, reg, "darkroom_messages_settled_total", outcome); n != 0 {
				t.Errorf("%v messages %s", n, outcome)
			}
		}
		for _, reason := range []string{"transient", "deadline", "panic", "unavailable"} {
			if n := metric(t, reg, "darkroom_retries_total", reason); n != 0 {
				t.Errorf("%v retries for %s", n, reason)
			}
		}
	})
}

// TestDrainAtAnyMomentLeavesNothingInFlight drains a busy pool a hundred times, with a queue that is slow and sometimes
// fails. Every message that was not handled is visible when Run returns.
func TestDrainAtAnyMomentLeavesNothingInFlight(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			slots, moment := 1+random.IntN(30), time.Duration(random.Int64N(int64(2*time.Minute)))
			q := &spy{Memory: queuetest.NewMemory(0), latency: 50 * time.Millisecond}
			var mu sync.Mutex
			flaky := func(n int) []error {
				mu.Lock()
				pause, fails := time.Duration(random.IntN(100))*time.Millisecond, random.IntN(20) == 0
				mu.Unlock()
				time.Sleep(pause)
				if fails {
					return sameError(n, errors.New("throttled"))
				}
				return nil
			}
			q.delete = func(batch []queue.Message) []error { return flaky(len(batch)) }
			q.visibility = func(_ context.Context, batch []queue.VisibilityChange) []error { return flaky(len(batch)) }
			var handled atomic.Int32
			_, drain := start(t, pool.Config{Slots: slots}, q, func(ctx context.Context, m queue.Message) error {
				h := fnv.New32()
				h.Write([]byte(m.Receipt))
				select {
				case <-time.After(time.Duration(h.Sum32()%40) * time.Second):
					handled.Add(1)
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			for i := range 200 {
				q.Put(fmt.Sprint(i))
			}
			pass(moment)
			begun := time.Now()
			drain()
			if d := time.Since(begun); d > 20*time.Second {
				t.Errorf("seed %d: drained in %v", seed, d)
			}
			if visible, inFlight := q.Counts(); inFlight != 0 || visible+int(handled.Load()) != 200 {
				t.Errorf("seed %d: %d visible, %d in flight, %d handled", seed, visible, inFlight, handled.Load())
			}
		})
	}
}

// TestDeleteThatIsSlowIsNotReleased has a delete in progress when the drain releases the messages of other handlers.
func TestDeleteThatIsSlowIsNotReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		q.delete = func([]queue.Message) []error {
			time.Sleep(2500 * time.Millisecond)
			return nil
		}
		reg := prometheus.NewRegistry()
		_, drain := start(t, pool.Config{Slots: 2, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			<-ctx.Done()
			if m.Body == "deaf" {
				time.Sleep(time.Hour)
			}
			return nil
		})
		q.Put("deaf")
		q.Put("done at the last moment")
		pass(time.Minute)
		drain()
		wantCounts(t, q.Memory, 1, 0)
		for outcome, want := range map[string]float64{"deleted": 1, "released": 1} {
			if n := metric(t, reg, "darkroom_messages_settled_total", outcome); n != want {
				t.Errorf("%v messages %s, want %v", n, outcome, want)
			}
		}
		pass(2 * time.Hour) // until the handler returns
	})
}
