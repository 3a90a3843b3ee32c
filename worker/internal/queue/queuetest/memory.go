// Package queuetest holds what tests of a [queue.Queue] share: an implementation in memory and the conformance suite
// that every implementation passes.
package queuetest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"darkroom/worker/internal/queue"
)

// leaseMost is how long a lease can be extended from its receive, as in SQS.
const leaseMost = 12 * time.Hour

// Memory is a queue.Queue in memory, driven by the clock, so that it works in a synctest bubble.
type Memory struct {
	mu       sync.Mutex
	messages []*entry
	dead     []DeadLetter
	redrive  int // receives that a message gets; 0 means no dead-letter queue
	sent     int
	receipts int
	changed  chan struct{} // closed and replaced whenever a message may have become visible
	failing  error
}

type entry struct {
	queue.Message
	leased, visible time.Time
}

// DeadLetter is a message in the dead-letter queue.
type DeadLetter struct {
	queue.Message
	Reason string // empty for one that the redrive policy took there
}

// NewMemory returns an empty queue. A message gets as many receives as receives says, and is then in the dead-letter
// queue; 0 means that there is none.
func NewMemory(receives int) *Memory { return &Memory{redrive: receives, changed: make(chan struct{})} }

// Send adds a message.
func (q *Memory) Send(body string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent++
	q.messages = append(q.messages, &entry{Message: queue.Message{ID: strconv.Itoa(q.sent), Body: body, Sent: time.Now()}, visible: time.Now()})
	q.wake()
}

// Fail makes every call return err until it is called with nil.
func (q *Memory) Fail(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failing = err
}

// Counts returns how many messages may be received now and how many are leased or delayed.
func (q *Memory) Counts() (visible, inFlight int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for _, e := range q.messages {
		if e.visible.After(now) {
			inFlight++
		} else {
			visible++
		}
	}
	return visible, inFlight
}

// DeadLetters returns the messages in the dead-letter queue.
func (q *Memory) DeadLetters() []DeadLetter {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.dead)
}

// Steal takes every lease away, as if each had ended and another consumer had the message for d.
func (q *Memory) Steal(d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.messages {
		q.lease(e, d)
	}
}

// Receive implements queue.Queue.
func (q *Memory) Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]queue.Message, error) {
	deadline := time.Now().Add(wait)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q.mu.Lock()
		if q.failing != nil {
			defer q.mu.Unlock()
			return nil, q.failing
		}
		got, next := q.pick(max, visibility, deadline)
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

// pick leases up to max messages. next is when to look again, at the latest at the deadline.
func (q *Memory) pick(max int, visibility time.Duration, deadline time.Time) (got []queue.Message, next time.Time) {
	now := time.Now()
	next = deadline
	kept := q.messages[:0]
	for _, e := range q.messages {
		switch {
		case e.visible.After(now):
			if e.visible.Before(next) {
				next = e.visible
			}
		case q.redrive > 0 && e.ReceiveCount >= q.redrive:
			q.dead = append(q.dead, DeadLetter{Message: e.Message})
			continue
		case len(got) < max:
			q.lease(e, visibility)
			got = append(got, e.Message)
		}
		kept = append(kept, e)
	}
	q.messages = kept
	return got, next
}

// Delete implements queue.Queue.
func (q *Memory) Delete(_ context.Context, batch []queue.Message) []error {
	return each(q, batch, func(m queue.Message) error {
		q.messages = slices.DeleteFunc(q.messages, func(e *entry) bool { return e.Receipt == m.Receipt })
		return nil
	})
}

// SetVisibility implements queue.Queue.
func (q *Memory) SetVisibility(_ context.Context, batch []queue.VisibilityChange) []error {
	now := time.Now()
	return each(q, batch, func(c queue.VisibilityChange) error {
		for _, e := range q.messages {
			if e.Receipt == c.Message.Receipt && e.visible.After(now) {
				if end := now.Add(c.Timeout); end.Sub(e.leased) > leaseMost {
					return fmt.Errorf("a lease from %v to %v is too long", e.leased, end)
				}
				e.visible = now.Add(c.Timeout)
				q.wake()
				return nil
			}
		}
		return queue.ErrLeaseLost
	})
}

// DeadLetter implements queue.Queue.
func (q *Memory) DeadLetter(_ context.Context, m queue.Message, reason string) error {
	return each(q, []queue.Message{m}, func(queue.Message) error {
		if q.redrive == 0 {
			return queue.ErrNoDeadLetterQueue
		}
		q.dead = append(q.dead, DeadLetter{m, reason})
		return nil
	})[0]
}

// each calls f with each entry of a batch, under the lock.
func each[E any](q *Memory, batch []E, f func(E) error) []error {
	q.mu.Lock()
	defer q.mu.Unlock()
	errs := make([]error, len(batch))
	for i, e := range batch {
		if errs[i] = q.failing; errs[i] == nil {
			errs[i] = f(e)
		}
	}
	return errs
}

func (q *Memory) lease(e *entry, d time.Duration) {
	q.receipts++
	e.Receipt = "receipt-" + strconv.Itoa(q.receipts)
	e.ReceiveCount++
	e.leased = time.Now()
	e.visible = e.leased.Add(d)
}

func (q *Memory) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}
