package fakesqs

import (
	"container/heap"
	"slices"
	"time"
)

// maxInFlight is how many messages of a standard queue may be in flight at once (ChangeMessageVisibility: 120,000).
const maxInFlight = 120_000

// queue is one queue in memory. It is a state machine that takes the time from its caller, never blocks and writes
// nothing. The core's lock guards it.
type queue struct {
	id       uint64 // random, so that a queue that is created again under a name is another queue
	name     string
	attrs    attributes
	tags     map[string]string
	created  time.Time
	modified time.Time
	purged   time.Time // latest PurgeQueue; not stored

	messages map[uint64]*message // by seq
	ready    messageHeap         // receivable; the longest waiting first
	pending  messageHeap         // in flight or delayed; the first to become visible first
	byAge    messageHeap         // all messages, the oldest first
	inFlight int                 // number of messages in pending that are in flight
	waiters  []*waiter           // long polls, the longest waiting first
}

// waiter is a long poll. Its channel receives one token when it is removed from the queue's list.
type waiter struct{ wake chan struct{} }

func newQueue(id uint64, name string, attrs attributes, tags map[string]string, now time.Time) *queue {
	place := func(m *message, i int) { m.at = i }
	return &queue{id: id, name: name, attrs: attrs, tags: tags, created: now, modified: now,
		messages: map[uint64]*message{},
		ready:    messageHeap{before: soonest, place: place},
		pending:  messageHeap{before: soonest, place: place},
		byAge:    messageHeap{before: oldest, place: func(m *message, i int) { m.ageAt = i }},
	}
}

// add adds a message to the queue.
func (q *queue) add(m *message, now time.Time) {
	q.messages[m.seq] = m
	heap.Push(&q.byAge, m)
	q.enqueue(m, now)
}

// remove removes a message from the queue.
func (q *queue) remove(m *message) {
	delete(q.messages, m.seq)
	heap.Remove(&q.byAge, m.ageAt)
	q.dequeue(m)
}

// change sets the state of a message in the queue.
func (q *queue) change(m *message, s state, now time.Time) {
	q.dequeue(m)
	m.state = s
	q.enqueue(m, now)
}

// enqueue puts a message into the heap of its state.
func (q *queue) enqueue(m *message, now time.Time) {
	m.pending = m.visibleAt.After(now)
	if !m.pending {
		m.receivedAt = time.Time{}
		heap.Push(&q.ready, m)
		return
	}
	if !m.receivedAt.IsZero() {
		q.inFlight++
	}
	heap.Push(&q.pending, m)
}

// dequeue takes a message out of its heap.
func (q *queue) dequeue(m *message) {
	if !m.pending {
		heap.Remove(&q.ready, m.at)
		return
	}
	if !m.receivedAt.IsZero() {
		q.inFlight--
	}
	heap.Remove(&q.pending, m.at)
}

// advance makes the messages receivable that have become visible by now.
func (q *queue) advance(now time.Time) {
	for q.pending.Len() > 0 && !q.pending.items[0].visibleAt.After(now) {
		m := q.pending.items[0]
		q.dequeue(m)
		q.enqueue(m, now)
	}
}

// expired returns the messages whose retention period has ended by now, in flight or not.
func (q *queue) expired(now time.Time) []*message {
	var old []*message
	if q.byAge.Len() == 0 || q.byAge.items[0].Sent.Add(q.attrs.retention).After(now) {
		return nil
	}
	for _, m := range q.byAge.items {
		if !m.Sent.Add(q.attrs.retention).After(now) {
			old = append(old, m)
		}
	}
	return old
}

// received returns the state of m after a receive at now.
func (m *message) received(now time.Time, timeout time.Duration) state {
	s := m.state
	s.receives++
	s.receipt++
	s.visibleAt, s.receivedAt = now.Add(timeout), now
	if s.first.IsZero() {
		s.first = now
	}
	return s
}

// deadLettered returns the state of m after its move from q to a dead-letter queue at now. It keeps the receive count,
// because SQS counts the receives in all queues.
func (m *message) deadLettered(q, dead *queue, now time.Time) state {
	s := m.state
	s.queue, s.source = dead.id, q.id
	s.before = s.receives
	s.receipt++
	s.visibleAt, s.receivedAt = now, time.Time{}
	return s
}

// spent reports whether the message has had as many receives as its queue allows.
func (q *queue) spent(m *message) bool {
	return q.attrs.redrive != nil && int(m.receives-m.before) >= int(q.attrs.redrive.Receives)
}

// wake wakes as many long polls as there are receivable messages.
func (q *queue) wake() {
	n := min(len(q.waiters), q.ready.Len())
	for _, w := range q.waiters[:n] {
		w.wake <- struct{}{}
	}
	q.waiters = slices.Delete(q.waiters, 0, n)
}

// stopWaiting removes a long poll from the list. If it is no longer there, it has been woken: stopWaiting drops the
// token, and the caller must wake another poll instead.
func (q *queue) stopWaiting(w *waiter) {
	q.waiters = slices.DeleteFunc(q.waiters, func(o *waiter) bool { return o == w })
	select {
	case <-w.wake:
	default:
	}
}

// messageHeap is a heap of messages that know their index.
type messageHeap struct {
	items  []*message
	before func(a, b *message) bool
	place  func(m *message, i int)
}

func soonest(a, b *message) bool {
	if !a.visibleAt.Equal(b.visibleAt) {
		return a.visibleAt.Before(b.visibleAt)
	}
	return a.seq < b.seq
}

func oldest(a, b *message) bool {
	if !a.Sent.Equal(b.Sent) {
		return a.Sent.Before(b.Sent)
	}
	return a.seq < b.seq
}

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (h *messageHeap) Len() int           { return len(h.items) }
func (h *messageHeap) Less(i, j int) bool { return h.before(h.items[i], h.items[j]) }

func (h *messageHeap) Swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.place(h.items[i], i)
	h.place(h.items[j], j)
}

func (h *messageHeap) Push(x any) {
	m := x.(*message)
	h.place(m, len(h.items))
	h.items = append(h.items, m)
}

func (h *messageHeap) Pop() any {
	last := len(h.items) - 1
	m := h.items[last]
	h.items[last] = nil
	h.items = h.items[:last]
	return m
}
