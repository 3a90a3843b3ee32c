package pool_test

import (
	"context"
	"errors"
	"fmt"
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

// start runs a pool in a synctest bubble and returns the function that drains it and waits.
func start(t *testing.T, cfg pool.Config, q queue.Queue, h pool.Handler) (p *pool.Pool, drain func()) {
	t.Helper()
	p, err := pool.New(cfg, q, h)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	return p, func() { cancel(); <-done }
}

func wantCounts(t *testing.T, q *queuetest.Memory, visible, inFlight int) {
	t.Helper()
	if v, f := q.Counts(); v != visible || f != inFlight {
		t.Errorf("queue has %d visible and %d in flight, want %d and %d", v, f, visible, inFlight)
	}
}

func TestHandlesEachMessageOnceAndDeletesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		var mu sync.Mutex
		seen := map[string]int{}
		_, drain := start(t, pool.Config{Slots: 3}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			seen[m.Body]++
			return nil
		})
		for i := range 50 {
			q.Put(fmt.Sprint(i))
		}
		pass(time.Minute)
		drain()
		wantCounts(t, q, 0, 0)
		if len(seen) != 50 {
			t.Errorf("saw %d messages, want 50", len(seen))
		}
		for b, n := range seen {
			if n != 1 {
				t.Errorf("message %s was handled %d times", b, n)
			}
		}
	})
}

func TestFailedMessageComesBackLaterAndLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		var at []time.Time
		_, drain := start(t, pool.Config{Slots: 1}, q, func(ctx context.Context, m queue.Message) error {
			at = append(at, time.Now())
			if m.ReceiveCount < 4 {
				return errors.New("not yet")
			}
			return nil
		})
		q.Put("a")
		pass(time.Minute)
		drain()
		wantCounts(t, q, 0, 0)
		if len(at) != 4 {
			t.Fatalf("handled %d times, want 4", len(at))
		}
		for i, most := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second} {
			if d := at[i+1].Sub(at[i]); d < most/2 || d > most {
				t.Errorf("pause %d was %v, want %v to %v", i, d, most/2, most)
			}
		}
	})
}

func TestPanicIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		reg := prometheus.NewRegistry()
		_, drain := start(t, pool.Config{Slots: 1, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			if m.ReceiveCount == 1 {
				panic("once")
			}
			return nil
		})
		q.Put("a")
		pass(time.Minute)
		drain()
		wantCounts(t, q, 0, 0)
		if n := metric(t, reg, "darkroom_retries_total", "panic"); n != 1 {
			t.Errorf("%v retries for the panic, want 1", n)
		}
	})
}

func TestJobTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		var cause error
		_, drain := start(t, pool.Config{Slots: 1, JobTimeout: time.Minute}, q, func(ctx context.Context, m queue.Message) error {
			if m.ReceiveCount == 1 {
				<-ctx.Done()
				cause = context.Cause(ctx)
				return cause
			}
			return nil
		})
		q.Put("a")
		pass(2 * time.Minute)
		drain()
		if !errors.Is(cause, pool.ErrDeadline) {
			t.Errorf("cause %v, want ErrDeadline", cause)
		}
		wantCounts(t, q, 0, 0)
	})
}

func TestSlotIsFreeAfterTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		reg := prometheus.NewRegistry()
		var handled atomic.Int32
		_, drain := start(t, pool.Config{Slots: 1, JobTimeout: time.Minute, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			if m.Body == "stalls" {
				<-ctx.Done()
				return ctx.Err()
			}
			handled.Add(1)
			return nil
		})
		q.Put("stalls")
		pass(time.Second)
		q.Put("next")
		pass(time.Minute + 100*time.Millisecond)
		if handled.Load() != 1 {
			t.Error("the slot was not free after the deadline")
		}
		if n := metric(t, reg, "darkroom_retries_total", "deadline"); n != 1 {
			t.Errorf("%v retries for the deadline, want 1", n)
		}
		drain()
	})
}

func TestReceiveErrorsBackOffAndRecover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		q.Fail(errors.New("no route"))
		p, drain := start(t, pool.Config{Slots: 1}, q, func(ctx context.Context, m queue.Message) error { return nil })
		pass(10 * time.Minute)
		if p.Ready() == nil {
			t.Error("ready although every receive fails")
		}
		// Without the back-off it would be as many as the clock allows.
		if n := len(q.receives); n < 20 || n > 60 {
			t.Errorf("%d receives failed in 10 minutes, want 20 to 60", n)
		}
		q.Fail(nil)
		q.Put("a")
		pass(time.Minute)
		if p.Ready() != nil {
			t.Error("not ready after the queue came back")
		}
		drain()
		wantCounts(t, q.Memory, 0, 0)
	})
}

func TestConfigValidate(t *testing.T) {
	for _, c := range []pool.Config{{Slots: -1}, {Slots: 1e6}, {PollWait: 21 * time.Second}, {PollWait: time.Millisecond}, {Visibility: time.Second},
		{JobTimeout: 12 * time.Hour}, {DrainTimeout: -1}} {
		if _, err := pool.New(c, nil, nil); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
