package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

// lendAll lends slots to a group until the pool refuses, at most 100.
func lendAll(p *pool.Pool, group string) (giveBack []func()) {
	for range 100 {
		back, ok := p.Lend(queue.Message{ReceiveCount: 1, Sent: time.Now()}, group)
		if !ok {
			break
		}
		giveBack = append(giveBack, back)
	}
	return giveBack
}

func TestSlotsThatAreLent(t *testing.T) {
	for _, tc := range []struct{ slots, group, all int }{{3, 0, 0}, {4, 1, 1}, {8, 1, 2}, {12, 2, 3}, {40, 5, 10}} {
		synctest.Test(t, func(t *testing.T) {
			reg := prometheus.NewRegistry()
			p, drain := start(t, pool.Config{Slots: tc.slots, Lends: true, Metrics: pool.NewMetrics(reg)}, queuetest.NewMemory(0),
				func(context.Context, queue.Message) error { return nil })
			pass(time.Minute)
			first := lendAll(p, "a")
			rest := append(append(lendAll(p, "b"), lendAll(p, "c")...), lendAll(p, "d")...)
			if len(first) != tc.group || len(first)+len(rest) != tc.all {
				t.Errorf("%d slots: %d lent to the first group and %d in all, want %d and %d", tc.slots, len(first), len(first)+len(rest), tc.group, tc.all)
			}
			if busy := metric(t, reg, "darkroom_slots_busy"); busy != float64(tc.all) {
				t.Errorf("%v slots are busy, want %d", busy, tc.all)
			}
			for _, back := range append(first, rest...) {
				back()
				back() // does nothing
			}
			if again := lendAll(p, "a"); len(again) != tc.group {
				t.Errorf("%d slots: %d lent after all were given back, want %d", tc.slots, len(again), tc.group)
			}
			drain()
		})
	}
}

// TestNothingIsLent goes through the states in which a pool has no slot to spare. A pool of 40 slots has more than one
// receive asks for, so that some are free while messages come.
func TestNothingIsLent(t *testing.T) {
	for _, slots := range []int{8, 40} {
		synctest.Test(t, func(t *testing.T) {
			q := queuetest.NewMemory(0)
			work := make(chan struct{})
			p, drain := start(t, pool.Config{Slots: slots, Lends: true}, q, func(context.Context, queue.Message) error { <-work; return nil })
			lends := func(when string, want bool) {
				t.Helper()
				back, ok := p.Lend(queue.Message{}, "a")
				if ok {
					back()
				}
				if ok != want {
					t.Errorf("%d slots, %s: lends is %v, want %v", slots, when, ok, want)
				}
			}
			lends("before the first receive", false)
			pass(time.Minute)
			lends("while the queue is empty", true)
			q.Put("first")
			synctest.Wait()
			lends("after a receive that brought a message", false)
			pass(time.Minute)
			lends("after the next, which brought none", true)
			for range slots {
				q.Put("more")
			}
			pass(time.Minute)
			lends("while all slots are busy", false)
			close(work)
			pass(time.Minute)
			lends("when the queue is empty again", true)
			drain()
			lends("after the drain", false)
		})
	}
}

func TestPoolThatDoesNotLend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		p, drain := start(t, pool.Config{Slots: 8}, q, func(context.Context, queue.Message) error { return nil })
		pass(time.Minute)
		if len(lendAll(p, "a")) != 0 || q.receives[len(q.receives)-1].max != 8 {
			t.Errorf("lends, or receives %d messages, want 8", q.receives[len(q.receives)-1].max)
		}
		drain()
	})
}
