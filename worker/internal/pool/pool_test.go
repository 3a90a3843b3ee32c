package pool_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
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

// withDefaults sets the durations that a test leaves out, as the flags of the worker do.
func withDefaults(cfg pool.Config) pool.Config {
	cfg.PollWait = cmp.Or(cfg.PollWait, 20*time.Second)
	cfg.Visibility = cmp.Or(cfg.Visibility, 30*time.Second)
	cfg.JobTimeout = cmp.Or(cfg.JobTimeout, 10*time.Minute)
	cfg.DrainTimeout = cmp.Or(cfg.DrainTimeout, 20*time.Second)
	return cfg
}

// start runs a pool in a synctest bubble and returns the function that drains it and waits.
func start(t *testing.T, cfg pool.Config, q pool.Queue, h pool.Handler) (p *pool.Pool, drain func()) {
	t.Helper()
	p, err := pool.New(withDefaults(cfg), q, h)
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

func TestFailedMessageBacksOff(t *testing.T) {
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
		// Without a back-off there would be thousands.
		if n := q.received(); n < 20 || n > 60 {
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
	narrow := queue.Limits{Batch: 3, BatchBytes: 1000, MinWait: 2 * time.Second, MaxWait: 5 * time.Second, MaxVisibility: time.Hour}
	for name, tc := range map[string]struct {
		limits queue.Limits // zero for the usual ones
		change func(c *pool.Config)
		want   string // part of the error; empty for none
	}{
		"defaults":            {queue.Limits{}, func(*pool.Config) {}, ""},
		"default slots":       {queue.Limits{}, func(c *pool.Config) { c.Slots = 0 }, ""},
		"few slots":           {queue.Limits{}, func(c *pool.Config) { c.Slots = -1 }, "slots: -1"},
		"many slots":          {queue.Limits{}, func(c *pool.Config) { c.Slots = 10_001 }, "slots: 10001"},
		"no poll wait":        {queue.Limits{}, func(c *pool.Config) { c.PollWait = 0 }, "poll wait: 0s"},
		"short poll wait":     {queue.Limits{}, func(c *pool.Config) { c.PollWait = time.Millisecond }, "poll wait: 1ms"},
		"long poll wait":      {queue.Limits{}, func(c *pool.Config) { c.PollWait = 21 * time.Second }, "within 1s to 20s"},
		"no visibility":       {queue.Limits{}, func(c *pool.Config) { c.Visibility = 0 }, "visibility timeout: 0s"},
		"short visibility":    {queue.Limits{}, func(c *pool.Config) { c.Visibility = time.Second }, "visibility timeout: 1s"},
		"long visibility":     {queue.Limits{}, func(c *pool.Config) { c.Visibility = 13 * time.Hour }, "within 3s to 12h"},
		"no job timeout":      {queue.Limits{}, func(c *pool.Config) { c.JobTimeout = 0 }, "job timeout: 0s"},
		"long job timeout":    {queue.Limits{}, func(c *pool.Config) { c.JobTimeout = 12 * time.Hour }, "within 1s to 11h"},
		"no drain timeout":    {queue.Limits{}, func(c *pool.Config) { c.DrainTimeout = 0 }, "drain timeout: 0s"},
		"negative drain":      {queue.Limits{}, func(c *pool.Config) { c.DrainTimeout = -1 }, "drain timeout"},
		"another queue":       {narrow, func(c *pool.Config) { c.PollWait = 5 * time.Second }, ""},
		"its longest wait":    {narrow, func(c *pool.Config) { c.PollWait = 6 * time.Second }, "within 2s to 5s"},
		"its visibility":      {narrow, func(c *pool.Config) { c.PollWait, c.Visibility = 5*time.Second, 2*time.Hour }, "within 3s to 1h"},
		"its job timeout":     {narrow, func(c *pool.Config) { c.PollWait, c.JobTimeout = 5*time.Second, time.Hour }, "within 1s to 55m"},
		"the queue's minimum": {narrow, func(c *pool.Config) { c.PollWait = time.Second }, "within 2s to 5s"},
	} {
		t.Run(name, func(t *testing.T) {
			q := queuetest.NewMemory(0)
			if tc.limits != (queue.Limits{}) {
				q.SetLimits(tc.limits)
			}
			cfg := withDefaults(pool.Config{Slots: 4})
			tc.change(&cfg)
			_, err := pool.New(cfg, q, nil)
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// TestPoolKeepsToTheLimitsOfItsQueue has a queue with unusual limits.
func TestPoolKeepsToTheLimitsOfItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		q.SetLimits(queue.Limits{Batch: 3, BatchBytes: 1000, MinWait: 2 * time.Second, MaxWait: 5 * time.Second, MaxVisibility: time.Hour})
		_, drain := start(t, pool.Config{Slots: 8, PollWait: 5 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(15 * time.Second) // long enough for an extension
			return nil
		})
		for i := range 20 {
			q.Put(fmt.Sprint(i))
		}
		pass(2 * time.Minute)
		drain()
		wantCounts(t, q.Memory, 0, 0)
		for _, r := range q.receives {
			if r.max > 3 || r.wait != 2*time.Second && r.wait != 5*time.Second {
				t.Errorf("a receive of %d messages with a wait of %v", r.max, r.wait)
			}
		}
		for _, batch := range q.deletes {
			if len(batch) > 3 {
				t.Errorf("a delete of %d messages", len(batch))
			}
		}
		if len(q.changes) == 0 {
			t.Error("no extensions")
		}
		for _, c := range q.changes {
			if len(c.batch) > 3 {
				t.Errorf("an extension of %d messages", len(c.batch))
			}
		}
	})
}
