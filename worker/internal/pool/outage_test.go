package pool_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

// TestDrainInAnOutageReleases checks that a drain does not wait for storage.
func TestDrainInAnOutageReleases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(5)
		s := newStorage()
		s.down.Store(true)
		reg := prometheus.NewRegistry()
		_, drain := start(t, pool.Config{Slots: 8, Probe: s.probe, Metrics: pool.NewMetrics(reg)}, q, s.handle)
		for i := range 8 {
			q.Put(fmt.Sprint(i))
		}
		pass(5 * time.Minute)
		wantCounts(t, q, 0, 8)
		begun := time.Now()
		drain()
		wantCounts(t, q, 8, 0)
		if d := time.Since(begun); d > time.Second {
			t.Errorf("drained in %v", d)
		}
		for outcome, want := range map[string]float64{"released": 8, "retried": 0} {
			if n := metric(t, reg, "darkroom_messages_settled_total", outcome); n != want {
				t.Errorf("%v messages %s, want %v", n, outcome, want)
			}
		}
	})
}

// TestProbeThatHangsIsBounded has a probe that never answers. It must not hold a message for ever.
func TestProbeThatHangsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(5)
		var down atomic.Bool
		down.Store(true)
		_, drain := start(t, pool.Config{Slots: 1, Probe: func(ctx context.Context) error {
			if down.Load() {
				<-ctx.Done()
			}
			return ctx.Err()
		}}, q, func(ctx context.Context, m queue.Message) error {
			if down.Load() {
				return pool.ErrUnavailable
			}
			return nil
		})
		q.Put("a")
		pass(time.Minute)
		down.Store(false)
		pass(time.Minute)
		wantCounts(t, q, 0, 0)
		drain()
	})
}
