// Package queuetest holds what tests of a [pool.Queue] share: an implementation in memory and the conformance suite
// that every implementation passes.
package queuetest

import (
	"context"
	"strconv"
	"sync"
	"time"

	"darkroom/worker/internal/pool"
)

// Memory is a pool.Queue in memory, driven by the clock, so that it works in a synctest bubble.
type Memory struct {
	mu       sync.Mutex
	messages []*entry
	sent     int
	receipts int
	changed  chan struct{} // closed and replaced whenever a message may have become visible
	failing  error
}

type entry struct {
	pool.Message
	visible time.Time
}

// NewMemory returns an empty queue.
func NewMemory() *Memory { return &Memory{changed: make(chan struct{})} }

// Send adds a message.
func (q *Memory) Send(body string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent++
	q.messages = append(q.messages, &entry{Message: pool.Message{ID: strconv.Itoa(q.sent), Body: body}, visible: time.Now()})
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

// Steal takes every lease away, as if each had ended and another consumer had the message for d.
func (q *Memory) Steal(d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.messages {
		q.lease(e, d)
	}
}

// Receive implements pool.Queue.
func (q *Memory) Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]pool.Message, error) {
	deadline := time.Now().Add(wait)
	for {
		q.mu.Lock()
		if q.failing != nil {
			defer q.mu.Unlock()
			return nil, q.failing
		}
		var got []pool.Message
		now := time.Now()
		next := deadline
		for _, e := range q.messages {
			switch {
			case e.visible.After(now):
				if e.visible.Before(next) {
					next = e.visible
				}
			case len(got) < max:
				q.lease(e, visibility)
				got = append(got, e.Message)
			}
		}
		changed := q.changed
		q.mu.Unlock()
		if len(got) > 0 || !now.Before(deadline) {
			return got, nil
		}
		t := time.NewTimer(next.Sub(now))
		select {
		case <-ctx.Done():
			t.Stop()
			return nil, ctx.Err()
		case <-changed:
		case <-t.C:
		}
		t.Stop()
	}
}

// Delete implements pool.Queue.
func (q *Memory) Delete(ctx context.Context, m pool.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.failing != nil {
		return q.failing
	}
	for i, e := range q.messages {
		if e.Receipt == m.Receipt {
			q.messages = append(q.messages[:i], q.messages[i+1:]...)
			break
		}
	}
	return nil
}

// SetVisibility implements pool.Queue.
func (q *Memory) SetVisibility(ctx context.Context, m pool.Message, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.failing != nil {
		return q.failing
	}
	now := time.Now()
	for _, e := range q.messages {
		if e.Receipt == m.Receipt && e.visible.After(now) {
			e.visible = now.Add(d)
			q.wake()
			return nil
		}
	}
	return pool.ErrLeaseLost
}

func (q *Memory) lease(e *entry, d time.Duration) {
	q.receipts++
	e.Receipt = "receipt-" + strconv.Itoa(q.receipts)
	e.ReceiveCount++
	e.visible = time.Now().Add(d)
}

func (q *Memory) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}
