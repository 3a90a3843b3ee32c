package pool_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

// TestNothingIsReceivedBeforeTheSettingsWork has wrong settings for ten minutes, and an outage later.
func TestNothingIsReceivedBeforeTheSettingsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(5)}
		q.Put("a")
		wrong := errors.New("check QUEUE: no such queue")
		var fault atomic.Pointer[error]
		fault.Store(&wrong)
		var proofs atomic.Int32
		p, drain := start(t, pool.Config{Slots: 2, Prove: func(context.Context) error { proofs.Add(1); return *fault.Load() }}, q,
			func(ctx context.Context, m queue.Message) error { return nil })
		if p.Healthy() == nil || p.Ready() == nil {
			t.Error("healthy or ready before anything was tried")
		}
		for range 600 {
			pass(time.Second)
			for state, err := range map[string]error{"ready": p.Ready(), "healthy": p.Healthy()} {
				if err == nil || !strings.Contains(err.Error(), "no such queue") {
					t.Fatalf("%s: %v, want why nothing is received", state, err)
				}
			}
		}
		if n := q.received(); n != 0 {
			t.Errorf("%d receives with wrong settings", n)
		}
		if n := proofs.Load(); n < 20 || n > 50 {
			t.Errorf("%d proofs in ten minutes, want one every 15 s to 30 s", n)
		}
		fine := error(nil)
		fault.Store(&fine)
		pass(time.Minute)
		if err := errors.Join(p.Ready(), p.Healthy()); err != nil {
			t.Error(err)
		}
		wantCounts(t, q.Memory, 0, 0)
		fault.Store(&wrong)
		q.Fail(errors.New("no route"))
		pass(10 * time.Minute)
		if err := p.Healthy(); err != nil {
			t.Errorf("an outage makes a worker unhealthy that has started: %v", err)
		}
		if p.Ready() == nil {
			t.Error("ready in an outage")
		}
		drain()
	})
}

func TestDrainDoesNotWaitForTheSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, drain := start(t, pool.Config{Prove: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}, queuetest.NewMemory(0),
			func(ctx context.Context, m queue.Message) error { return nil })
		pass(time.Second)
		begun := time.Now()
		drain()
		if d := time.Since(begun); d > time.Second {
			t.Errorf("drained in %v", d)
		}
	})
}

// withoutPermission is a queue that refuses some calls although it hands out messages, as without a permission.
type withoutPermission struct {
	*spy
	refused atomic.Bool
}

func (q *withoutPermission) prove(context.Context) error {
	if q.refused.Load() {
		return errors.New("AccessDenied")
	}
	return nil
}

// TestQueueThatRefusesDeletesBurnsNothing has a queue that lets its consumer receive and not delete, for an hour.
func TestQueueThatRefusesDeletesBurnsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &withoutPermission{spy: &spy{Memory: queuetest.NewMemory(5)}}
		q.delete = func(batch []queue.Message) []error {
			if q.refused.Load() {
				return sameError(len(batch), errors.New("AccessDenied"))
			}
			return nil
		}
		q.refused.Store(true)
		reg := prometheus.NewRegistry()
		handled := map[string]int{}
		var proven atomic.Bool // the permission is taken away after the start
		p, drain := start(t, pool.Config{Slots: 1, Metrics: pool.NewMetrics(reg), Prove: func(ctx context.Context) error {
			if !proven.Swap(true) {
				return nil
			}
			return q.prove(ctx)
		}}, q, func(ctx context.Context, m queue.Message) error {
			handled[m.Body]++
			return nil
		})
		for i := range 100 {
			q.Put(fmt.Sprint(i))
		}
		pass(30 * time.Second)
		before := q.received()
		pass(time.Hour)
		if n := q.received(); n != before || len(handled) > 60 {
			t.Errorf("%d receives while deletes are refused, %d messages handled", n-before, len(handled))
		}
		if err := p.Ready(); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("ready: %v", err)
		}
		if err := p.Healthy(); err != nil {
			t.Error(err)
		}
		q.refused.Store(false)
		pass(2 * time.Minute)
		drain()
		wantCounts(t, q.Memory, 0, 0)
		if n := len(q.DeadLetters()); n != 0 || len(handled) != 100 {
			t.Errorf("%d messages handled, %d dead letters", len(handled), n)
		}
		for body, n := range handled {
			if n != 1 {
				t.Errorf("message %s was handled %d times", body, n)
			}
		}
		if n := metric(t, reg, "darkroom_messages_settled_total", "not_deleted"); n != 0 {
			t.Errorf("%v messages not deleted", n)
		}
	})
}

// TestQueueThatRefusesExtensionsIsNotReceivedFrom has every message lose its visibility timeout, which costs a receive
// each.
func TestQueueThatRefusesExtensionsIsNotReceivedFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &withoutPermission{spy: &spy{Memory: queuetest.NewMemory(5)}}
		q.visibility = func(_ context.Context, batch []queue.VisibilityChange) []error {
			if q.refused.Load() {
				return sameError(len(batch), errors.New("AccessDenied"))
			}
			return nil
		}
		p, drain := start(t, pool.Config{Slots: 4, Prove: q.prove}, q, func(ctx context.Context, m queue.Message) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Minute):
				return nil
			}
		})
		pass(time.Second)
		q.refused.Store(true)
		for i := range 4 {
			q.Put(fmt.Sprint(i))
		}
		pass(time.Hour)
		if err := p.Ready(); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("ready: %v", err)
		}
		if n := len(q.DeadLetters()); n != 0 {
			t.Errorf("%d dead letters", n)
		}
		q.refused.Store(false)
		pass(10 * time.Minute)
		drain()
		wantCounts(t, q.Memory, 0, 0)
	})
}
