package pool_test

import (
	"context"
	"errors"
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

func TestVisibilityIsExtendedWhileTheHandlerRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		var runs atomic.Int32
		_, drain := start(t, pool.Config{Slots: 2, Visibility: 9 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			runs.Add(1)
			time.Sleep(5 * time.Minute)
			return ctx.Err()
		})
		q.Put("slow")
		pass(6 * time.Minute)
		drain()
		if runs.Load() != 1 {
			t.Errorf("handled %d times, want 1", runs.Load())
		}
		wantCounts(t, q, 0, 0)
	})
}

func TestEndOfVisibilityCancelsTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		causes := make(chan error, 1)
		_, drain := start(t, pool.Config{Slots: 1, Visibility: 9 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return ctx.Err()
		})
		q.Put("a")
		synctest.Wait()
		q.Steal(time.Hour)
		if err := <-causes; !errors.Is(err, queue.ErrNotInFlight) {
			t.Errorf("cause %v, want ErrNotInFlight", err)
		}
		drain()
		wantCounts(t, q, 0, 1) // the other consumer still has it
	})
}

// TestExtensionsAreBatched sends 25 messages one after the other and counts calls once all are in flight.
func TestExtensionsAreBatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		_, drain := start(t, pool.Config{Slots: 25, Visibility: 30 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(5 * time.Minute)
			return nil
		})
		for i := range 25 {
			q.Put(fmt.Sprint(i))
			time.Sleep(700 * time.Millisecond)
		}
		pass(time.Minute)
		q.mu.Lock()
		before := len(q.changes)
		q.mu.Unlock()
		pass(time.Minute)
		q.mu.Lock()
		calls := len(q.changes) - before
		q.mu.Unlock()
		// Three batches of up to ten, six times a minute, and some more for batches that are not full.
		if calls < 18 || calls > 24 {
			t.Errorf("%d extensions in a minute for 25 messages, want 18 to 24", calls)
		}
		pass(5 * time.Minute)
		drain()
		wantCounts(t, q.Memory, 0, 0)
	})
}

// TestVisibilityThatCannotBeExtendedEndsByTheClock has every extension fail. Then another worker may receive the
// message.
func TestVisibilityThatCannotBeExtendedEndsByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		q.visibility = func(ctx context.Context, batch []queue.VisibilityChange) []error {
			<-ctx.Done()
			return sameError(len(batch), ctx.Err())
		}
		reg := prometheus.NewRegistry()
		begun := time.Now()
		_, drain := start(t, pool.Config{Slots: 1, Visibility: 12 * time.Second, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			if m.ReceiveCount > 1 {
				return nil
			}
			<-ctx.Done()
			if cause := context.Cause(ctx); !errors.Is(cause, queue.ErrNotInFlight) {
				t.Errorf("cause %v, want ErrNotInFlight", cause)
			}
			if d := time.Since(begun); d < 12*time.Second || d > 13*time.Second {
				t.Errorf("cancelled after %v, want within a second of 12s", d)
			}
			return ctx.Err()
		})
		q.Put("a")
		pass(time.Minute)
		drain()
		wantCounts(t, q.Memory, 0, 0)
		if n := metric(t, reg, "darkroom_visibility_expirations_total"); n != 1 {
			t.Errorf("%v messages counted as lost, want 1", n)
		}
		if n := metric(t, reg, "darkroom_messages_settled_total", "visibility_expired"); n != 1 {
			t.Errorf("%v messages settled as lost, want 1", n)
		}
	})
}

func sameError(n int, err error) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}

// TestOneLostMessageOfABatch checks that one handler is cancelled and the others continue.
func TestOneLostMessageOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		q.visibility = func(ctx context.Context, batch []queue.VisibilityChange) []error {
			if len(batch) == 1 {
				return nil
			}
			errs := q.Memory.SetVisibility(ctx, batch)
			for i, c := range batch {
				if c.Message.Body == "3" {
					errs[i] = queue.ErrNotInFlight
				}
			}
			return errs
		}
		begun := time.Now()
		_, drain := start(t, pool.Config{Slots: 5, Visibility: 30 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			if m.ReceiveCount > 1 {
				return nil
			}
			select {
			case <-ctx.Done():
				if m.Body != "3" || !errors.Is(context.Cause(ctx), queue.ErrNotInFlight) || time.Since(begun) > 11*time.Second {
					t.Errorf("message %s was cancelled after %v: %v", m.Body, time.Since(begun), context.Cause(ctx))
				}
			case <-time.After(time.Minute):
				if m.Body == "3" {
					t.Error("the handler of the lost message continued")
				}
			}
			return ctx.Err()
		})
		for i := range 5 {
			q.Put(fmt.Sprint(i))
		}
		pass(70 * time.Second)
		drain()
		wantCounts(t, q.Memory, 0, 0)
	})
}

// TestNoExtensionOverwritesABackOff has a slow extension in progress when the handler fails.
func TestNoExtensionOverwritesABackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		q.visibility = func(ctx context.Context, batch []queue.VisibilityChange) []error {
			if batch[0].Timeout == 30*time.Second {
				time.Sleep(2 * time.Second) // it takes effect after that
			}
			return nil
		}
		var at []time.Time
		_, drain := start(t, pool.Config{Slots: 1, Visibility: 30 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			at = append(at, time.Now())
			if m.ReceiveCount > 1 {
				return nil
			}
			time.Sleep(11 * time.Second) // the extension began after 10 s
			return errors.New("not yet")
		})
		q.Put("a")
		pass(2 * time.Minute)
		drain()
		wantCounts(t, q.Memory, 0, 0)
		// 11 s of work, one more for the extension, and the back-off of 1 s to 2 s.
		if len(at) != 2 || at[1].Sub(at[0]) > 15*time.Second {
			t.Errorf("handled at %v", at)
		}
	})
}

// TestNoExtensionFollowsABackOff has an extension fall due while the back-off is being set.
func TestNoExtensionFollowsABackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		q.visibility = func(ctx context.Context, batch []queue.VisibilityChange) []error {
			errs := q.Memory.SetVisibility(ctx, batch)
			time.Sleep(900 * time.Millisecond) // less than the back-off, so that the message is still invisible
			return errs
		}
		var at []time.Time
		_, drain := start(t, pool.Config{Slots: 1, Visibility: 30 * time.Second}, q, func(ctx context.Context, m queue.Message) error {
			at = append(at, time.Now())
			if m.ReceiveCount > 1 {
				return nil
			}
			time.Sleep(9900 * time.Millisecond) // the extension is due after 10 s
			return errors.New("not yet")
		})
		q.Put("a")
		pass(2 * time.Minute)
		drain()
		if len(at) != 2 || at[1].Sub(at[0]) > 12*time.Second {
			t.Errorf("handled at %v", at)
		}
	})
}

// TestExtensionsStopAtTheLimitOfTheQueue keeps a message for longer than the queue allows.
func TestExtensionsStopAtTheLimitOfTheQueue(t *testing.T) {
	for _, visibility := range []time.Duration{time.Minute, 12 * time.Hour} {
		t.Run(visibility.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := &spy{Memory: queuetest.NewMemory(0)}
				q.visibility = func(ctx context.Context, batch []queue.VisibilityChange) []error {
					errs := q.Memory.SetVisibility(ctx, batch)
					for _, err := range errs {
						if err != nil && !errors.Is(err, queue.ErrNotInFlight) {
							t.Errorf("an extension beyond the limit: %v", err)
						}
					}
					return errs
				}
				var back time.Duration
				begun := time.Now()
				_, drain := start(t, pool.Config{Slots: 1, Visibility: visibility, Probe: func(context.Context) error {
					return errors.New("down") // so that the breaker holds the message
				}}, q, func(ctx context.Context, m queue.Message) error { return pool.ErrUnavailable })
				q.Put("a")
				for back == 0 && time.Since(begun) < 13*time.Hour {
					time.Sleep(time.Second)
					if v, _ := q.Counts(); v > 0 {
						back = time.Since(begun)
					}
				}
				if back < 12*time.Hour-10*time.Second || back > 12*time.Hour+time.Second {
					t.Errorf("the message came back after %v, want about 12h", back)
				}
				drain()
				wantCounts(t, q.Memory, 1, 0)
			})
		})
	}
}
