// Package lettertest holds what tests of dead-letter queues share: a queue in memory and the conformance suite that
// every implementation passes.
package lettertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"darkroom/worker/internal/deadletter"
	"darkroom/worker/internal/enqueue"
)

// Queue is a queue that can be sent to and looked through.
type Queue interface {
	deadletter.Queue
	enqueue.Queue
}

// Memory is a queue in memory.
type Memory struct {
	// Fail, if set, is asked before each operation on a message; its error is the operation's. It is set before the
	// queue is used.
	Fail func(op, body string) error

	mu       sync.Mutex
	messages []*message
	n, turn  int
}

type message struct {
	deadletter.Letter
	visible time.Time
}

// Put adds a message that was sent at a time, with a reason of a worker's or "".
func (q *Memory) Put(body, reason string, sent time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.n++
	q.messages = append(q.messages, &message{Letter: deadletter.Letter{ID: fmt.Sprint("id", q.n), Body: body, Reason: reason, Sent: sent}})
}

// Bodies returns those of all messages, and of those that are in flight, in order.
func (q *Memory) Bodies() (all, inFlight []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.messages {
		all = append(all, m.Body)
		if time.Now().Before(m.visible) {
			inFlight = append(inFlight, m.Body)
		}
	}
	slices.Sort(all)
	return all, inFlight
}

func (q *Memory) fail(op, body string) error {
	if q.Fail == nil {
		return nil
	}
	return q.Fail(op, body)
}

// Send implements enqueue.Queue.
func (q *Memory) Send(ctx context.Context, bodies []string) []error {
	errs := make([]error, len(bodies))
	for i, b := range bodies {
		if errs[i] = errors.Join(ctx.Err(), q.fail("send", b)); errs[i] == nil {
			q.Put(b, "", time.Now())
		}
	}
	return errs
}

// Receive implements deadletter.Queue.
func (q *Memory) Receive(ctx context.Context, lease time.Duration) ([]deadletter.Letter, error) {
	if err := errors.Join(ctx.Err(), q.fail("receive", "")); err != nil {
		return nil, err
	}
	letters := q.take(lease)
	if len(letters) == 0 {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		letters = q.take(lease)
	}
	return letters, nil
}

func (q *Memory) take(lease time.Duration) (letters []deadletter.Letter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for range len(q.messages) {
		if len(letters) == 10 {
			break
		}
		q.turn = (q.turn + 1) % len(q.messages) // each has its turn, as is about so with SQS
		if m := q.messages[q.turn]; !now.Before(m.visible) {
			q.n++
			m.visible, m.Receipt = now.Add(lease), fmt.Sprint("receipt", q.n)
			m.Receives++
			letters = append(letters, m.Letter)
		}
	}
	return letters
}

// Release implements deadletter.Queue.
func (q *Memory) Release(ctx context.Context, letters []deadletter.Letter) error {
	if err := errors.Join(ctx.Err(), q.fail("release", "")); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range letters {
		for _, m := range q.messages {
			if m.Receipt == l.Receipt {
				m.visible = time.Time{}
			}
		}
	}
	return nil
}

// Delete implements deadletter.Queue.
func (q *Memory) Delete(ctx context.Context, letters []deadletter.Letter) []error {
	errs := make([]error, len(letters))
	for i, l := range letters {
		if errs[i] = errors.Join(ctx.Err(), q.fail("delete", l.Body)); errs[i] != nil {
			continue
		}
		q.mu.Lock()
		q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return m.Receipt == l.Receipt })
		q.mu.Unlock()
	}
	return errs
}

// Conformance checks what the commands rely on. open returns an empty queue and what puts a message with a reason in it.
func Conformance(t *testing.T, open func(t *testing.T) (Queue, func(body, reason string))) {
	const lease = time.Minute
	receive := func(t *testing.T, q Queue) []deadletter.Letter {
		t.Helper()
		letters, err := q.Receive(t.Context(), lease)
		if err != nil {
			t.Fatal(err)
		}
		return letters
	}
	all := func(t *testing.T, errs []error, n int) {
		t.Helper()
		if len(errs) != n || errors.Join(errs...) != nil {
			t.Fatalf("%d results, %v, want %d without an error", len(errs), errors.Join(errs...), n)
		}
	}
	t.Run("what is put is what is received", func(t *testing.T) {
		q, put := open(t)
		put("body", "foreign-key")
		letters := receive(t, q)
		if len(letters) != 1 || letters[0].Body != "body" || letters[0].Reason != "foreign-key" || letters[0].Receives != 1 || letters[0].ID == "" ||
			time.Since(letters[0].Sent).Abs() > time.Hour {
			t.Errorf("got %+v", letters)
		}
	})
	t.Run("held, released, deleted", func(t *testing.T) {
		q, put := open(t)
		put("body", "")
		first := receive(t, q)
		if len(first) != 1 || first[0].Reason != "" {
			t.Fatalf("got %+v", first)
		}
		if again := receive(t, q); len(again) != 0 {
			t.Errorf("under a lease it is received again: %+v", again)
		}
		if err := q.Release(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		second := receive(t, q)
		if len(second) != 1 || second[0].ID != first[0].ID || second[0].Receives != 2 {
			t.Fatalf("released: %+v", second)
		}
		all(t, q.Delete(t.Context(), second), 1)
		if err := q.Release(t.Context(), append(first, second...)); err != nil {
			t.Errorf("release of leases that have ended: %v", err)
		}
		if left := receive(t, q); len(left) != 0 {
			t.Errorf("deleted: %+v", left)
		}
	})
	t.Run("batches", func(t *testing.T) {
		q, _ := open(t)
		var bodies []string
		for i := range 10 {
			bodies = append(bodies, fmt.Sprint("body ", i, strings.Repeat("x", 100_000))) // which SQS takes one by one
		}
		all(t, q.Send(t.Context(), bodies), 10)
		var letters []deadletter.Letter
		for range 10 {
			letters = append(letters, receive(t, q)...)
			if len(letters) == 10 {
				break
			}
		}
		slices.SortFunc(letters, func(a, b deadletter.Letter) int { return strings.Compare(a.Body, b.Body) })
		for i, l := range letters {
			if l.Body != bodies[i] {
				t.Errorf("message %d is %.20q", i, l.Body)
			}
		}
		all(t, q.Delete(t.Context(), letters), 10)
	})
	t.Run("a context that has ended", func(t *testing.T) {
		q, _ := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := q.Receive(ctx, lease); err == nil {
			t.Error("receive: no error")
		}
		if errs := q.Send(ctx, []string{"x"}); len(errs) != 1 || errs[0] == nil {
			t.Errorf("send: %v", errs)
		}
		if letters := receive(t, q); len(letters) != 0 {
			t.Errorf("it was sent: %+v", letters)
		}
	})
}
