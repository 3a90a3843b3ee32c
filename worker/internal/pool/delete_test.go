package pool_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

func TestDeletesAreBatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		begun := time.Now()
		_, drain := start(t, pool.Config{Slots: 30}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(time.Until(begun.Add(10 * time.Second))) // all end together
			return nil
		})
		for i := range 23 {
			q.Put(fmt.Sprint(i))
		}
		pass(time.Until(begun.Add(10*time.Second + 99*time.Millisecond)))
		wantCounts(t, q.Memory, 0, 3) // two full batches went at once
		pass(2 * time.Millisecond)
		wantCounts(t, q.Memory, 0, 0) // the rest after 100 ms
		if len(q.deletes) != 3 || len(q.deletes[0]) != 10 || len(q.deletes[1]) != 10 || len(q.deletes[2]) != 3 {
			t.Errorf("batches %v", q.deletes)
		}
		drain()
	})
}

// TestNothingIsDeletedBeforeItsHandlerReturned checks every delete, with handlers that succeed and handlers that fail.
func TestNothingIsDeletedBeforeItsHandlerReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		returned := map[string]bool{}
		q := &spy{Memory: queuetest.NewMemory(0)}
		q.delete = func(batch []queue.Message) []error {
			mu.Lock()
			defer mu.Unlock()
			for _, m := range batch {
				if !returned[m.ID] {
					t.Errorf("message %s was deleted although its handler had not returned nil", m.ID)
				}
			}
			return nil
		}
		_, drain := start(t, pool.Config{Slots: 8}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(time.Duration(len(m.Body)) * 37 * time.Millisecond)
			if m.ReceiveCount == 1 && len(m.Body)%3 == 0 {
				return errors.New("not yet")
			}
			mu.Lock()
			defer mu.Unlock()
			returned[m.ID] = true
			return nil
		})
		for i := range 50 {
			q.Put(fmt.Sprintf("%*d", i+1, i))
		}
		pass(time.Minute)
		drain()
		wantCounts(t, q.Memory, 0, 0)
	})
}

// TestPartialFailuresOfABatchAreRetried has one entry fail twice, another for ever, and the first call as a whole.
func TestPartialFailuresOfABatchAreRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		calls := 0
		tries := map[string]int{}
		q.delete = func(batch []queue.Message) []error {
			calls++
			if calls == 1 {
				return sameError(len(batch), errors.New("throttled"))
			}
			errs := make([]error, len(batch))
			for i, m := range batch {
				tries[m.Body]++
				if m.Body == "never" || m.Body == "third" && tries[m.Body] < 3 {
					errs[i] = errors.New("internal error")
				} else {
					q.Memory.Delete(t.Context(), []queue.Message{m})
				}
			}
			return errs
		}
		reg := prometheus.NewRegistry()
		handled := map[string]int{}
		_, drain := start(t, pool.Config{Slots: 1, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			handled[m.Body]++
			return nil
		})
		for _, b := range []string{"first", "third", "never", "last"} {
			q.Put(b)
		}
		pass(10 * time.Second)
		if tries["first"] != 1 || tries["last"] != 1 || tries["third"] != 3 || tries["never"] != 4 {
			t.Errorf("deletes by message: %v", tries)
		}
		for outcome, want := range map[string]float64{"deleted": 3, "not_deleted": 1} {
			if n := metric(t, reg, "darkroom_messages_settled_total", outcome); n != want {
				t.Errorf("%v messages %s, want %v", n, outcome, want)
			}
		}
		drain()
		if handled["third"] != 1 || handled["last"] != 1 {
			t.Errorf("handled %v", handled)
		}
	})
}

// TestVisibilityIsExtendedUntilTheMessageIsDeleted has a delete take longer than the visibility timeout.
func TestVisibilityIsExtendedUntilTheMessageIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		calls := 0
		q.delete = func(batch []queue.Message) []error {
			if calls++; calls > 3 {
				return nil
			}
			time.Sleep(3 * time.Second)
			return sameError(len(batch), errors.New("timeout"))
		}
		handled := 0
		_, drain := start(t, pool.Config{Slots: 1, Visibility: 6 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			handled++
			return nil
		})
		q.Put("a")
		pass(time.Minute)
		drain()
		wantCounts(t, q.Memory, 0, 0)
		if handled != 1 {
			t.Errorf("handled %d times, want 1", handled)
		}
	})
}

// TestDeletedMessageIsNotCountedAsLost has an extension in progress when its message is deleted.
func TestDeletedMessageIsNotCountedAsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		answers := 0
		q.visibility = func(ctx context.Context, batch []queue.VisibilityChange) []error {
			time.Sleep(2 * time.Second)
			if errs := q.Memory.SetVisibility(ctx, batch); errors.Is(errs[0], queue.ErrNotInFlight) {
				answers++
				return errs
			}
			return nil
		}
		reg := prometheus.NewRegistry()
		_, drain := start(t, pool.Config{Slots: 1, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(11 * time.Second)
			return nil
		})
		q.Put("a")
		pass(time.Minute)
		drain()
		if n := metric(t, reg, "darkroom_visibility_expirations_total"); n != 0 || answers != 1 {
			t.Errorf("%v messages counted as lost after %d such answers, want 0 after 1", n, answers)
		}
	})
}

func TestDrainFlushesDeletes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		_, drain := start(t, pool.Config{Slots: 3, PollWait: time.Second}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(10 * time.Second)
			return nil
		})
		for _, b := range []string{"a", "b", "c"} {
			q.Put(b)
		}
		pass(9 * time.Second)
		begun := time.Now()
		drain()
		wantCounts(t, q.Memory, 0, 0)
		if d := time.Since(begun); d != time.Second {
			t.Errorf("drained in %v, want the 1s that the handlers took", d)
		}
	})
}
