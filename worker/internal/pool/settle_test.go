package pool_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

func TestBadMessageIsDeadLetteredAtItsFirstReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(5)
		reg := prometheus.NewRegistry()
		receives := 0
		_, drain := start(t, pool.Config{Slots: 2, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			pool.Recognize(ctx)
			if m.Body == "bad" {
				receives = m.ReceiveCount
				return fmt.Errorf("%w: no event", pool.ErrBadMessage)
			}
			return nil
		})
		q.Put("bad")
		q.Put("good")
		pass(time.Second)
		wantCounts(t, q, 0, 0)
		dead := q.DeadLetters()
		if len(dead) != 1 || dead[0].Body != "bad" || dead[0].Reason != "bad message: no event" || receives != 1 {
			t.Errorf("dead letters %+v after receive %d", dead, receives)
		}
		for outcome, want := range map[string]float64{"dead_lettered": 1, "deleted": 1, "retried": 0} {
			if n := metric(t, reg, "darkroom_messages_settled_total", outcome); n != want {
				t.Errorf("%v messages %s, want %v", n, outcome, want)
			}
		}
		drain()
	})
}

// TestBadMessageThatCannotBeDeadLetteredBacksOff has no dead-letter queue, one that does not answer, and a queue that
// is its own. Nothing is deleted or sent, and the message comes back only after a back-off.
func TestBadMessageThatCannotBeDeadLetteredBacksOff(t *testing.T) {
	for name, prepare := range map[string]func(q *queuetest.Memory){
		"no dead-letter queue": func(*queuetest.Memory) {},
		"it does not answer": func(q *queuetest.Memory) {
			q.SetDeadLetterQueue(queuetest.NewMemory(0))
			q.FailOn(func(operation, _ string) error {
				if operation == "dead-letter" {
					return errors.New("no route")
				}
				return nil
			})
		},
		"its own dead-letter queue": func(q *queuetest.Memory) { q.SetDeadLetterQueue(q) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := queuetest.NewMemory(0)
				prepare(q)
				var handled []time.Time
				_, drain := start(t, pool.Config{Slots: 1}, q, func(ctx context.Context, m queue.Message) error {
					pool.Recognize(ctx)
					if handled = append(handled, time.Now()); len(handled) > 100 {
						<-ctx.Done() // without a back-off this would go on for ever
					}
					return pool.ErrBadMessage
				})
				q.Put("bad")
				pass(10 * time.Second)
				// The pauses are at least 1, 2 and 4 seconds.
				if len(handled) < 2 || len(handled) > 5 || handled[1].Sub(handled[0]) < time.Second {
					t.Errorf("handled at %v", handled)
				}
				drain()
				if v, f := q.Counts(); v+f != 1 {
					t.Errorf("%d messages, want the bad one", v+f)
				}
			})
		})
	}
}

// TestTransientErrorsEndInTheDeadLetterQueue checks that the redrive policy moves the messages.
func TestTransientErrorsEndInTheDeadLetterQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(5)
		reg := prometheus.NewRegistry()
		_, drain := start(t, pool.Config{Slots: 1, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			return errors.New("one object is broken")
		})
		q.Put("a")
		pass(5 * time.Minute)
		drain()
		wantCounts(t, q, 0, 0)
		if dead := q.DeadLetters(); len(dead) != 1 || dead[0].ReceiveCount != 5 {
			t.Errorf("dead letters %+v", dead)
		}
		if n := metric(t, reg, "darkroom_retries_total", "transient"); n != 5 {
			t.Errorf("%v retries, want 5", n)
		}
	})
}

// TestBackOffThatFailsIsSetAgain has the call that sets a back-off fail twice.
func TestBackOffThatFailsIsSetAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		calls := 0
		q.visibility = func(ctx context.Context, batch []queue.VisibilityChange) []error {
			if calls++; calls < 3 {
				return sameError(len(batch), errors.New("throttled"))
			}
			return nil
		}
		var at []time.Time
		_, drain := start(t, pool.Config{Slots: 1}, q, func(ctx context.Context, m queue.Message) error {
			at = append(at, time.Now())
			if m.ReceiveCount == 1 {
				return errors.New("not yet")
			}
			return nil
		})
		q.Put("a")
		pass(time.Minute)
		drain()
		if len(at) != 2 || at[1].Sub(at[0]) > 3*time.Second {
			t.Errorf("handled at %v", at)
		}
	})
}
