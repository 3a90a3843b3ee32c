package queuetest

import (
	"slices"
	"strconv"
	"time"

	"darkroom/worker/internal/queue"
)

// OpenMemory returns a queue with this kind of dead-letter queue, for [Conformance].
func OpenMemory(kind DeadLetterQueue) (q, dead *Memory) {
	switch kind {
	case None:
		return NewMemory(0), nil
	case Own:
		q = NewMemory(0)
		q.SetDeadLetterQueue(q)
		return q, nil
	}
	q = NewMemory(5)
	return q, q.deadLetters
}

// SetLimits replaces the limits, which are those of SQS otherwise. It is called before the queue is used.
func (q *Memory) SetLimits(l queue.Limits) { q.limits = l }

// SetDeadLetterQueue makes DeadLetter send to another queue, or to q itself for a misconfigured queue. It is called
// before the queue is used.
func (q *Memory) SetDeadLetterQueue(dead *Memory) { q.deadLetters = dead }

// Fail makes every operation return err until it is called with nil.
func (q *Memory) Fail(err error) {
	if err == nil {
		q.FailOn(nil)
		return
	}
	q.FailOn(func(string, string) error { return err })
}

// FailOn calls fault before every operation: "receive" with an empty body, and "send", "visibility", "delete" or
// "dead-letter" once for each message. If it returns an error, the operation returns it.
func (q *Memory) FailOn(fault func(operation, body string) error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.fault = fault
}

// Texts returns messages with these bodies and without groups, to send.
func Texts(bodies ...string) []queue.Outgoing {
	messages := make([]queue.Outgoing, len(bodies))
	for i, b := range bodies {
		messages[i].Body = b
	}
	return messages
}

// Put adds messages without going through Send, and so without a fault.
func (q *Memory) Put(bodies ...string) {
	for _, b := range bodies {
		q.PutMessage(queue.Message{Body: b, Sent: time.Now()})
	}
}

// PutMessage adds a message with a body, a reason and a time of its own.
func (q *Memory) PutMessage(m queue.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ids++
	if m.ID == "" {
		m.ID = q.prefix + strconv.Itoa(q.ids)
	}
	q.messages = append(q.messages, &entry{Message: m, visible: time.Now()})
	q.wake()
}

// Counts returns how many messages are visible and how many are in flight.
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

// Bodies returns the bodies of all messages and of those that are in flight, both sorted.
func (q *Memory) Bodies() (all, inFlight []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for _, e := range q.messages {
		all = append(all, e.Body)
		if e.visible.After(now) {
			inFlight = append(inFlight, e.Body)
		}
	}
	slices.Sort(all)
	slices.Sort(inFlight)
	return all, inFlight
}

// DeadLetters returns the messages in the dead-letter queue, in the order in which they came.
func (q *Memory) DeadLetters() (letters []queue.Message) {
	if q.deadLetters == nil {
		return nil
	}
	q.deadLetters.mu.Lock()
	defer q.deadLetters.mu.Unlock()
	for _, e := range q.deadLetters.messages {
		letters = append(letters, e.Message)
	}
	return letters
}

// Steal gives every message to another consumer for d, as if each visibility timeout had ended.
func (q *Memory) Steal(d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.messages {
		q.hand(e, d)
	}
}

// Oldest returns when the oldest message was sent, or zero if there is none.
func (q *Memory) Oldest() (sent time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.messages {
		if sent.IsZero() || e.Sent.Before(sent) {
			sent = e.Sent
		}
	}
	return sent
}
