package pool_test

import (
	"context"
	"errors"
	"slices"
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

// TestHandlerThatDoesNotReturnIsUnhealthy checks that every slot must make progress, and not only the process.
func TestHandlerThatDoesNotReturnIsUnhealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		gate := make(chan struct{})
		p, drain := start(t, pool.Config{Slots: 2, JobTimeout: 2 * time.Minute}, q, func(ctx context.Context, m queue.Message) error {
			if m.Body == "stuck" && m.ReceiveCount == 1 {
				<-gate
			}
			return ctx.Err()
		})
		q.Put("stuck")
		pass(2*time.Minute + 29*time.Second)
		if err := p.Healthy(); err != nil {
			t.Errorf("%v, although the handler may take 30 s after its deadline", err)
		}
		q.Put("other") // progress in another slot does not matter
		pass(2 * time.Second)
		if err := p.Healthy(); err == nil || !strings.Contains(err.Error(), "job timeout") {
			t.Errorf("healthy: %v", err)
		}
		close(gate)
		pass(time.Second)
		if err := p.Healthy(); err != nil {
			t.Errorf("%v, although the handler has returned", err)
		}
		drain()
	})
}

// TestHandlerOfALostMessageThatDoesNotReturnIsUnhealthy has a slot whose message is no longer in flight.
func TestHandlerOfALostMessageThatDoesNotReturnIsUnhealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		gate := make(chan struct{})
		p, drain := start(t, pool.Config{Slots: 1, JobTimeout: time.Minute}, q, func(ctx context.Context, m queue.Message) error {
			<-gate
			return ctx.Err()
		})
		q.Put("a")
		synctest.Wait()
		q.Steal(time.Hour)
		pass(2 * time.Minute)
		if p.Healthy() == nil {
			t.Error("healthy although the only slot is stuck")
		}
		close(gate)
		drain()
	})
}

// TestReceiveThatIgnoresItsContextIsUnhealthy has the intake wait for a receive that never returns.
func TestReceiveThatIgnoresItsContextIsUnhealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &deaf{Memory: queuetest.NewMemory(0), gate: make(chan struct{})}
		p, drain := start(t, pool.Config{Slots: 1}, q, func(ctx context.Context, m queue.Message) error { return nil })
		pass(20 * time.Second)
		if err := p.Healthy(); err != nil {
			t.Error(err)
		}
		pass(time.Minute)
		if err := p.Healthy(); err == nil || !strings.Contains(err.Error(), "intake") {
			t.Errorf("healthy: %v", err)
		}
		close(q.gate)
		drain()
	})
}

type deaf struct {
	*queuetest.Memory
	gate chan struct{}
}

func (q *deaf) Receive(context.Context, int, time.Duration, time.Duration) ([]queue.Message, error) {
	<-q.gate
	return nil, errors.New("at last")
}

// TestWaitingIsHealthy has an idle pool, a pool whose slots are all busy, and one that cannot receive.
func TestWaitingIsHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		p, drain := start(t, pool.Config{Slots: 1, JobTimeout: time.Hour}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(30 * time.Minute)
			return nil
		})
		healthy := func(when string) {
			t.Helper()
			for range 200 {
				time.Sleep(time.Second)
				if err := p.Healthy(); err != nil {
					t.Fatalf("%s: %v", when, err)
				}
			}
		}
		healthy("idle")
		q.Put("a")
		healthy("busy")
		pass(30 * time.Minute)
		q.Fail(errors.New("no route"))
		healthy("without a queue")
		drain()
	})
}

func TestReadySoonAfterTheStartAndNotWhileDraining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		gate := make(chan struct{})
		p, drain := start(t, pool.Config{Slots: 1}, q, func(ctx context.Context, m queue.Message) error {
			<-gate
			return nil
		})
		if p.Ready() == nil {
			t.Error("ready before the first receive")
		}
		pass(2 * time.Second) // the queue is empty, and a receive waits for 20 s
		if err := p.Ready(); err != nil {
			t.Error(err)
		}
		q.Put("a")
		synctest.Wait()
		var wait sync.WaitGroup
		wait.Go(drain)
		synctest.Wait()
		if err := p.Ready(); err == nil || err.Error() != "draining" {
			t.Errorf("ready while draining: %v", err)
		}
		close(gate)
		wait.Wait()
	})
}

// TestBusyIsCalledOnceEachWay records the calls of Busy in two bursts.
func TestBusyIsCalledOnceEachWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		calls := make(chan bool, 10)
		_, drain := start(t, pool.Config{Slots: 5, Busy: func(b bool) { calls <- b }}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(10 * time.Second)
			return nil
		})
		want := func(all ...bool) {
			t.Helper()
			var got []bool
			for len(calls) > 0 {
				got = append(got, <-calls)
			}
			if !slices.Equal(got, all) {
				t.Errorf("called with %v, want %v", got, all)
			}
		}
		for range 2 {
			for _, b := range []string{"a", "b", "c"} {
				q.Put(b)
				pass(time.Second)
			}
			want(true)
			pass(time.Minute)
			want(false)
		}
		drain()
		want()
	})
}

func TestMetricsStartAtZeroAndFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		reg := prometheus.NewRegistry()
		_, drain := start(t, pool.Config{Slots: 3, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(10 * time.Second)
			return nil
		})
		type want map[string]float64
		check := func(w want) {
			t.Helper()
			for name, v := range w {
				name, label, _ := strings.Cut(name, " ")
				labels := strings.Fields(label)
				if got := metric(t, reg, name, labels...); got != v {
					t.Errorf("%s %v is %v, want %v", name, labels, got, v)
				}
			}
		}
		check(want{
			"darkroom_slots": 3, "darkroom_slots_busy": 0, "darkroom_messages_in_flight": 0, "darkroom_oldest_job_seconds": 0,
			"darkroom_breaker_open": 0, "darkroom_messages_received_total": 0, "darkroom_visibility_expirations_total": 0,
			"darkroom_messages_settled_total deleted": 0, "darkroom_messages_settled_total not_deleted": 0, "darkroom_messages_settled_total retried": 0,
			"darkroom_messages_settled_total released": 0, "darkroom_messages_settled_total visibility_expired": 0, "darkroom_messages_settled_total dead_lettered": 0,
			"darkroom_retries_total transient": 0, "darkroom_retries_total deadline": 0, "darkroom_retries_total panic": 0, "darkroom_retries_total unavailable": 0,
		})
		q.Put("a")
		pass(4 * time.Second)
		q.Put("b")
		pass(time.Second)
		check(want{"darkroom_slots_busy": 2, "darkroom_messages_in_flight": 2, "darkroom_oldest_job_seconds": 5, "darkroom_messages_received_total": 2})
		pass(5*time.Second + 50*time.Millisecond) // a is handled and waits for its delete
		check(want{"darkroom_slots_busy": 1, "darkroom_messages_in_flight": 2})
		pass(51 * time.Millisecond)
		check(want{"darkroom_slots_busy": 1, "darkroom_messages_in_flight": 1, "darkroom_messages_settled_total deleted": 1})
		if h := series(t, reg, "darkroom_job_seconds").Histogram; h.GetSampleCount() != 1 || h.GetSampleSum() != 10.1 {
			t.Errorf("job seconds %v", h)
		}
		drain()
	})
}
