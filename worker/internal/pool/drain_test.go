package pool_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/pool/queuetest"
)

func TestDrainFinishesWhatIsInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory()
		p, drain := start(t, pool.Config{Slots: 2, DrainTimeout: 20 * time.Second}, q, func(ctx context.Context, m pool.Message) error {
			time.Sleep(10 * time.Second)
			return ctx.Err()
		})
		q.Send("a")
		q.Send("b")
		q.Send("c")
		synctest.Wait()
		if !p.Ready() {
			t.Error("not ready while running")
		}
		begun := time.Now()
		drain()
		if d := time.Since(begun); d != 10*time.Second {
			t.Errorf("drained in %v, want 10s", d)
		}
		if p.Ready() {
			t.Error("ready after draining")
		}
		wantCounts(t, q, 1, 0)
	})
}

func TestDrainTimeoutReleasesWhatIsNotFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory()
		reg := prometheus.NewRegistry()
		_, drain := start(t, pool.Config{Slots: 2, DrainTimeout: 20 * time.Second, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m pool.Message) error {
			<-ctx.Done()
			if cause := context.Cause(ctx); !errors.Is(cause, pool.ErrDrained) {
				t.Errorf("cause %v, want ErrDrained", cause)
			}
			return ctx.Err()
		})
		q.Send("a")
		q.Send("b")
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
		q := queuetest.NewMemory()
		_, drain := start(t, pool.Config{Slots: 1, PollWait: 10 * time.Second}, q, func(ctx context.Context, m pool.Message) error {
			t.Error("a job was started while draining")
			return nil
		})
		synctest.Wait() // the poll is in the air
		time.AfterFunc(5*time.Second, func() { q.Send("late") })
		drain()
		wantCounts(t, q, 1, 0)
	})
}
