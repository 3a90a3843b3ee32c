// Package queuetest holds what tests of queues share: a queue in memory and the conformance suite that every
// [queue.Queue] passes.
package queuetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"darkroom/worker/internal/queue"
)

// Memory is a [queue.Queue] in memory. It is driven by the clock and works in a synctest bubble.
type Memory struct {
	mu          sync.Mutex
	limits      queue.Limits
	messages    []*entry // a received message moves to the end, so each gets its turn
	deadLetters *Memory  // nil if there is no dead-letter queue
	maxReceives int      // receives before the redrive policy moves a message; 0 for never
	prefix      string   // distinguishes the IDs of this queue from those of another
	ids         int
	receipts    int
	changed     chan struct{} // closed and replaced whenever a message may have become visible
	fault       func(operation, body string) error
}

type entry struct {
	queue.Message
	received, visible time.Time // the last receive; when the message is visible again
}

var _ queue.Queue = (*Memory)(nil)

// NewMemory returns an empty queue. After maxReceives receives a message goes to the dead-letter queue; with 0 there is
// no dead-letter queue.
func NewMemory(maxReceives int) *Memory {
	q := &Memory{maxReceives: maxReceives, prefix: "id-", changed: make(chan struct{}), limits: queue.Limits{
		Batch: 10, BatchBytes: 256 << 10, MinWait: time.Second, MaxWait: 20 * time.Second, MaxVisibility: 12 * time.Hour}}
	if maxReceives > 0 {
		q.deadLetters = NewMemory(0)
		q.deadLetters.prefix = "dead-"
	}
	return q
}

// Limits implements [queue.Consumer].
func (q *Memory) Limits() queue.Limits { return q.limits }

// Receive implements [queue.Consumer].
func (q *Memory) Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]queue.Message, error) {
	deadline := time.Now().Add(wait)
	if err := q.check(ctx, "receive", ""); err != nil {
		return nil, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q.mu.Lock()
		got, next := q.take(max, visibility, deadline)
		changed := q.changed
		q.mu.Unlock()
		now := time.Now()
		if len(got) > 0 || !now.Before(deadline) {
			return got, nil
		}
		t := time.NewTimer(next.Sub(now))
		select {
		case <-ctx.Done():
		case <-changed:
		case <-t.C:
		}
		t.Stop()
	}
}

// take receives up to max messages. next is when the next message may become visible, at the latest the deadline.
func (q *Memory) take(max int, visibility time.Duration, deadline time.Time) (got []queue.Message, next time.Time) {
	now := time.Now()
	next = deadline
	var waiting, taken []*entry
	for _, e := range q.messages {
		switch {
		case e.visible.After(now):
			if e.visible.Before(next) {
				next = e.visible
			}
		case q.maxReceives > 0 && e.ReceiveCount >= q.maxReceives:
			q.deadLetters.PutMessage(e.Message)
			continue
		case len(got) < max:
			q.hand(e, visibility)
			got = append(got, e.Message)
			taken = append(taken, e)
			continue
		}
		waiting = append(waiting, e)
	}
	q.messages = append(waiting, taken...)
	return got, next
}

// Send implements [queue.Sender].
func (q *Memory) Send(ctx context.Context, messages []queue.Outgoing) []error {
	errs := make([]error, len(messages))
	for i, m := range messages {
		if errs[i] = q.check(ctx, "send", m.Body); errs[i] != nil {
			continue
		}
		if m.Sent.IsZero() {
			m.Sent = time.Now()
		}
		q.PutMessage(queue.Message{Body: m.Body, Group: m.Group, Sent: m.Sent})
	}
	return errs
}

// DeadLetter implements [queue.Sender].
func (q *Memory) DeadLetter(ctx context.Context, m queue.Message, reason string) error {
	switch err := q.check(ctx, "dead-letter", m.Body); {
	case err != nil:
		return err
	case q.deadLetters == nil:
		return queue.ErrNoDeadLetterQueue
	case q.deadLetters == q:
		return queue.ErrOwnDeadLetterQueue
	}
	q.deadLetters.PutMessage(queue.Message{Body: m.Body, Group: m.Group, Reason: reason, Sent: time.Now()})
	return nil
}

// SetVisibility implements [queue.Consumer].
func (q *Memory) SetVisibility(ctx context.Context, batch []queue.VisibilityChange) []error {
	errs := make([]error, len(batch))
	for i, c := range batch {
		if errs[i] = q.check(ctx, "visibility", c.Message.Body); errs[i] == nil {
			errs[i] = q.setVisibility(c)
		}
	}
	return errs
}

func (q *Memory) setVisibility(c queue.VisibilityChange) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for _, e := range q.messages {
		if e.Receipt == c.Message.Receipt && e.visible.After(now) {
			end := now.Add(c.Timeout)
			if end.Sub(e.received) > q.limits.MaxVisibility {
				return fmt.Errorf("message %s would be invisible for %v: at most %v", e.ID, end.Sub(e.received),
					q.limits.MaxVisibility)
			}
			e.visible = end
			q.wake()
			return nil
		}
	}
	return queue.ErrNotInFlight
}

// Delete implements [queue.Consumer].
func (q *Memory) Delete(ctx context.Context, batch []queue.Message) []error {
	errs := make([]error, len(batch))
	for i, m := range batch {
		if errs[i] = q.check(ctx, "delete", m.Body); errs[i] == nil {
			q.mu.Lock()
			q.messages = slices.DeleteFunc(q.messages, func(e *entry) bool { return e.Receipt == m.Receipt })
			q.mu.Unlock()
		}
	}
	return errs
}

// Depth implements [queue.Inspector].
func (q *Memory) Depth(ctx context.Context) (queue.Depth, error) {
	if err := q.check(ctx, "depth", ""); err != nil {
		return queue.Depth{}, err
	}
	visible, inFlight := q.Counts()
	return queue.Depth{Visible: visible, InFlight: inFlight}, nil
}

// DeadLetterDepth implements [queue.Inspector].
func (q *Memory) DeadLetterDepth(ctx context.Context) (queue.Depth, error) {
	switch err := q.check(ctx, "depth", ""); {
	case err != nil:
		return queue.Depth{}, err
	case q.deadLetters == nil:
		return queue.Depth{}, queue.ErrNoDeadLetterQueue
	case q.deadLetters == q:
		return queue.Depth{}, queue.ErrOwnDeadLetterQueue
	}
	return q.deadLetters.Depth(ctx)
}

// check returns the error of an operation that is to fail. It calls the fault without the lock.
func (q *Memory) check(ctx context.Context, operation, body string) error {
	q.mu.Lock()
	fault := q.fault
	q.mu.Unlock()
	if fault == nil {
		return ctx.Err()
	}
	return errors.Join(ctx.Err(), fault(operation, body))
}

// hand gives a message to a consumer for d.
func (q *Memory) hand(e *entry, d time.Duration) {
	q.receipts++
	e.Receipt = "receipt-" + strconv.Itoa(q.receipts)
	e.ReceiveCount++
	e.received = time.Now()
	e.visible = e.received.Add(d)
}

func (q *Memory) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}
