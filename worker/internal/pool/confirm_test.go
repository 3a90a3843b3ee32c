package pool_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

// confirmAfter has a handler call Confirm after a time, with a visibility timeout of 9 s, and returns the result and
// the number of extensions that Confirm made.
func confirmAfter(t *testing.T, q *spy, wait time.Duration, before func()) (calls int, err error) {
	t.Helper()
	done := make(chan struct{})
	_, drain := start(t, pool.Config{Slots: 1, Visibility: 9 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
		if m.ReceiveCount > 1 {
			return nil
		}
		time.Sleep(wait)
		if before != nil {
			before()
		}
		n := q.changed()
		err = pool.Confirm(ctx)
		calls = q.changed() - n
		close(done)
		return err
	})
	q.Put("a")
	<-done
	pass(time.Minute)
	drain()
	return calls, err
}

// refusing is a queue whose extensions fail until the test allows them.
func refusing() (q *spy, allow func()) {
	q = &spy{Memory: queuetest.NewMemory(0)}
	var allowed atomic.Bool
	q.visibility = func(_ context.Context, batch []queue.VisibilityChange) []error {
		if allowed.Load() {
			return nil
		}
		errs := make([]error, len(batch))
		for i := range errs {
			errs[i] = errors.New("not now")
		}
		return errs
	}
	return q, func() { allowed.Store(true) }
}

func TestConfirmTrustsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		if calls, err := confirmAfter(t, q, 2*time.Second, nil); err != nil || calls != 0 {
			t.Errorf("got %v with %d calls, want none", err, calls)
		}
	})
	if err := pool.Confirm(t.Context()); err != nil {
		t.Errorf("without a message: %v", err)
	}
}

// TestConfirmAsksTheQueue: the extensions have failed, so little of the visibility timeout is left.
func TestConfirmAsksTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, allow := refusing()
		if calls, err := confirmAfter(t, q, 7*time.Second, allow); err != nil || calls != 1 {
			t.Errorf("still in flight: got %v with %d calls, want 1", err, calls)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		q, allow := refusing()
		calls, err := confirmAfter(t, q, 7*time.Second, func() { allow(); q.Steal(time.Hour) })
		if !errors.Is(err, queue.ErrNotInFlight) || calls != 1 {
			t.Errorf("received by another worker: got %v with %d calls, want ErrNotInFlight and 1", err, calls)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		q, _ := refusing()
		if calls, err := confirmAfter(t, q, 7*time.Second, nil); err != nil || calls != 1 {
			t.Errorf("no answer, and time is left: got %v with %d calls, want 1", err, calls)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		q, _ := refusing()
		q.latency = 5 * time.Second // nobody knows when in this time the message was received
		if calls, err := confirmAfter(t, q, 6*time.Second, nil); err == nil || errors.Is(err, queue.ErrNotInFlight) || calls != 1 {
			t.Errorf("no answer, and the time may be up: got %v with %d calls, want another error and 1", err, calls)
		}
	})
}

func TestConfirmKnowsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, allow := refusing()
		if calls, err := confirmAfter(t, q, 9*time.Second, allow); !errors.Is(err, queue.ErrNotInFlight) || calls != 0 {
			t.Errorf("got %v with %d calls, want ErrNotInFlight and none", err, calls)
		}
	})
}

// TestConfirmDoubtsAReceiveThatTookLong: the message may have been on its way for longer than its visibility timeout,
// as in a process that was stopped in between.
func TestConfirmDoubtsAReceiveThatTookLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0), latency: 10 * time.Second}
		calls, err := confirmAfter(t, q, 0, nil)
		if !errors.Is(err, queue.ErrNotInFlight) || calls != 1 {
			t.Errorf("got %v with %d calls, want ErrNotInFlight and 1", err, calls)
		}
	})
}
