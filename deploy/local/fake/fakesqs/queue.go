package fakesqs

import (
	"slices"
	"time"

	"darkroom/deploy/testkit/fairqueue"
	"darkroom/deploy/testkit/indexheap"
)

// maxInFlight is how many messages of a standard queue may be in flight at once (ChangeMessageVisibility: 120,000).
const maxInFlight = 120_000

// queue is one queue in memory. It is a state machine that takes the time from its caller, never blocks and writes
// nothing. The core's lock guards it.
type queue struct {
	id       uint64 // random, so a queue that is created again under the same name is a different queue
	name     string
	attrs    attributes
	tags     map[string]string
	created  time.Time
	modified time.Time
	purged   time.Time // time of the latest PurgeQueue; not stored

	messages map[uint64]*message                  // the keys are seq
	ready    *fairqueue.Backlog[string, *message] // receivable, by MessageGroupId; it also counts those in flight
	pending  *indexheap.Heap[*message]            // in flight or delayed; the first to become visible first
	byAge    *indexheap.Heap[*message]            // all messages, the oldest first
	waiters  []*waiter                            // long polls, the longest waiting first
}

// waiter is a long poll. Its channel receives one token when it is removed from the queue's list.
type waiter struct{ wake chan struct{} }

func newQueue(id uint64, name string, attrs attributes, tags map[string]string, now time.Time) *queue {
	return &queue{id: id, name: name, attrs: attrs, tags: tags, created: now, modified: now,
		messages: map[uint64]*message{},
		ready:    fairqueue.New[string](soonest, setAt),
		pending:  indexheap.New(soonest, setAt),
		byAge:    indexheap.New(oldest, func(m *message, i int) { m.ageAt = i }),
	}
}

// add adds a message to the queue.
func (q *queue) add(m *message, now time.Time) {
	q.messages[m.seq] = m
	m.group = q.ready.Join(m.Group, m.Sent, now)
	q.byAge.Push(m)
	q.enqueue(m, now)
}

// remove removes a message from the queue.
func (q *queue) remove(m *message, now time.Time) {
	delete(q.messages, m.seq)
	q.byAge.Remove(m.ageAt)
	q.dequeue(m, now)
	q.ready.Leave(m.group)
}

// change sets the state of a message in the queue.
func (q *queue) change(m *message, s state, now time.Time) {
	q.dequeue(m, now)
	m.state = s
	q.enqueue(m, now)
}

// enqueue puts a message where its state belongs.
func (q *queue) enqueue(m *message, now time.Time) {
	m.pending = m.visibleAt.After(now)
	if !m.pending {
		m.receivedAt = time.Time{}
		q.ready.Push(m.group, m)
		return
	}
	if !m.receivedAt.IsZero() {
		q.ready.ChangeInFlight(m.group, 1, now)
	}
	q.pending.Push(m)
}

// dequeue takes a message out again.
func (q *queue) dequeue(m *message, now time.Time) {
	if !m.pending {
		q.ready.Remove(m.group, m.at)
		return
	}
	if !m.receivedAt.IsZero() {
		q.ready.ChangeInFlight(m.group, -1, now)
	}
	q.pending.Remove(m.at)
}

// advance makes the messages receivable that have become visible by now.
func (q *queue) advance(now time.Time) {
	for q.pending.Len() > 0 && !q.pending.First().visibleAt.After(now) {
		m := q.pending.First()
		q.dequeue(m, m.visibleAt) // end of its visibility timeout
		q.enqueue(m, now)
	}
}

// expired returns the messages whose retention period has ended by now, in flight or not.
func (q *queue) expired(now time.Time) []*message {
	var old []*message
	if q.byAge.Len() == 0 || q.byAge.First().Sent.Add(q.attrs.retention).After(now) {
		return nil
	}
	for _, m := range q.byAge.Items() {
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

// receivesExhausted reports whether the message has had as many receives as its queue allows.
func (q *queue) receivesExhausted(m *message) bool {
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

// take removes a receivable message and counts it as in flight, so that the next one of the same receive is chosen as
// if this one had been received.
func (q *queue) take(m *message, now time.Time) {
	q.ready.Remove(m.group, m.at)
	q.ready.ChangeInFlight(m.group, 1, now)
}

// putBack undoes take.
func (q *queue) putBack(m *message, now time.Time) {
	q.ready.ChangeInFlight(m.group, -1, now)
	q.ready.Push(m.group, m)
}

// setAt sets the index of a message in the heap of its state.
func setAt(m *message, i int) { m.at = i }

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
