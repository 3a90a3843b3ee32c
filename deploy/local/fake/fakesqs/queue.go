package fakesqs

import (
	"container/heap"
	"slices"
	"time"
)

// maxInFlight is how many messages of a standard queue may be leased at once (ChangeMessageVisibility: 120,000).
const maxInFlight = 120_000

// queue is one queue in memory. It is a plain state machine: it takes the time from its caller, blocks nowhere and
// writes nothing. The core's lock guards it.
type queue struct {
	id       uint64 // random, so that a queue created anew under a name is another queue
	name     string
	attrs    attributes
	tags     map[string]string
	created  time.Time
	modified time.Time
	purged   time.Time // the latest PurgeQueue; not kept across a restart

	messages map[uint64]*message // by seq
	ready    messageHeap         // can be received, the longest waiting first
	pending  messageHeap         // in flight or delayed, the first to come back first
	byAge    messageHeap         // all of them, the oldest first
	inFlight int                 // of those in pending
	waiters  []*waiter           // long polls, the longest waiting first
}

// waiter is a long poll. Its channel gets one token when it is taken off the queue's list.
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

// add puts a message in the queue.
func (q *queue) add(m *message, now time.Time) {
	q.messages[m.seq] = m
	heap.Push(&q.byAge, m)
	q.file(m, now)
}

// remove takes a message out of the queue.
func (q *queue) remove(m *message) {
	delete(q.messages, m.seq)
	heap.Remove(&q.byAge, m.ageAt)
	q.unfile(m)
}

// change gives a message of the queue another state.
func (q *queue) change(m *message, s state, now time.Time) {
	q.unfile(m)
	m.state = s
	q.file(m, now)
}

func (q *queue) file(m *message, now time.Time) {
	m.pending = m.visibleAt.After(now)
	if !m.pending {
		m.leasedAt = time.Time{}
		heap.Push(&q.ready, m)
		return
	}
	if !m.leasedAt.IsZero() {
		q.inFlight++
	}
	heap.Push(&q.pending, m)
}

func (q *queue) unfile(m *message) {
	if !m.pending {
		heap.Remove(&q.ready, m.at)
		return
	}
	if !m.leasedAt.IsZero() {
		q.inFlight--
	}
	heap.Remove(&q.pending, m.at)
}

// advance makes what has become visible by now receivable.
func (q *queue) advance(now time.Time) {
	for q.pending.Len() > 0 && !q.pending.items[0].visibleAt.After(now) {
		m := q.pending.items[0]
		q.unfile(m)
		q.file(m, now)
	}
}

// overage returns the messages whose retention period has ended by now, in flight or not.
func (q *queue) overage(now time.Time) []*message {
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

// leased returns the state of m after a receive at now.
func (m *message) leased(now time.Time, timeout time.Duration) state {
	s := m.state
	s.receives++
	s.lease++
	s.visibleAt, s.leasedAt = now.Add(timeout), now
	if s.first.IsZero() {
		s.first = now
	}
	return s
}

// buried returns the state of m after its move from q to a dead-letter queue at now. The receive count goes along,
// since SQS counts the receives in all queues.
func (m *message) buried(q, dead *queue, now time.Time) state {
	s := m.state
	s.queue, s.source = dead.id, q.id
	s.before = s.receives
	s.lease++
	s.visibleAt, s.leasedAt = now, time.Time{}
	return s
}

// spent reports whether the message has had all the receives that its queue allows it.
func (q *queue) spent(m *message) bool {
	return q.attrs.redrive != nil && int(m.receives-m.before) >= int(q.attrs.redrive.Receives)
}

// wake lets as many long polls try again as there are messages to receive.
func (q *queue) wake() {
	n := min(len(q.waiters), q.ready.Len())
	for _, w := range q.waiters[:n] {
		w.wake <- struct{}{}
	}
	q.waiters = slices.Delete(q.waiters, 0, n)
}

// leave takes a long poll off the list. Where it is gone already it has been woken: its token is dropped, and the
// caller must wake another in its place.
func (q *queue) leave(w *waiter) {
	q.waiters = slices.DeleteFunc(q.waiters, func(o *waiter) bool { return o == w })
	select {
	case <-w.wake:
	default:
	}
}

// messageHeap is a heap of messages, each of which knows its index.
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

// Len, Less, Swap, Push and Pop are heap.Interface.
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
