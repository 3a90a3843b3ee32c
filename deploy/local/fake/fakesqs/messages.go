package fakesqs

import (
	"container/heap"
	"context"
	"slices"
	"time"
)

// draft is a message to be sent.
type draft struct {
	content
	delay *time.Duration // nil means the queue's
}

// send puts messages in a queue, all in one commit. The errors are by draft: one of them does not hold up the others.
// It stamps ID, BodyMD5 and Sent.
func (c *core) send(name string, drafts []draft) ([]*content, []error, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	q, err := c.find(name, now)
	if err != nil {
		return nil, nil, err
	}
	sent, refused := make([]*content, len(drafts)), make([]error, len(drafts))
	var added []*message
	for i, d := range drafts {
		if d.size() > q.attrs.maxSize {
			refused[i] = invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", q.attrs.maxSize)
			continue
		}
		delay := q.attrs.delay
		if d.delay != nil {
			delay = *d.delay
		}
		d.ID, d.BodyMD5, d.Sent = newUUID(), md5Hex([]byte(d.Body)), now
		sent[i] = &d.content
		added = append(added, &message{seq: c.seq + uint64(len(added)) + 1, content: sent[i],
			state: state{queue: q.id, visibleAt: now.Add(delay)}})
	}
	if err := c.store.commit(change{add: added}); err != nil {
		return nil, nil, err
	}
	for _, m := range added {
		q.add(m, now)
	}
	c.seq += uint64(len(added))
	c.notify(q, now)
	return sent, refused, nil
}

// receiveOptions says what to receive; a nil duration means the queue's.
type receiveOptions struct {
	max     int
	timeout *time.Duration // visibility
	wait    *time.Duration
}

// receive leases messages, waiting for the first of them. It returns none where the wait ends without one, and leases
// nothing once ctx is done: a caller that hung up would never see the message.
func (c *core) receive(ctx context.Context, name string, o receiveOptions) ([]delivery, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &waiter{wake: make(chan struct{}, 1)}
	var timer *time.Timer
	for waited := false; ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if timer != nil && c.closed {
			return nil, nil
		}
		now := time.Now()
		q, err := c.find(name, now)
		if err != nil {
			return nil, err
		}
		got, err := c.lease(q, o, now)
		wait := q.attrs.wait
		if o.wait != nil {
			wait = *o.wait
		}
		if err != nil || len(got) > 0 || waited || wait <= 0 {
			return got, err
		}
		if timer == nil {
			timer = time.NewTimer(wait)
			defer timer.Stop()
		}
		q.waiters = append(q.waiters, w)
		c.notify(q, now)
		c.mu.Unlock()
		select {
		case <-w.wake:
		case <-timer.C:
			waited = true
		case <-ctx.Done():
		case <-c.done:
		}
		c.mu.Lock()
		q.leave(w)
		if ctx.Err() != nil { // the message it may have been woken for goes to the next
			c.notify(q, time.Now())
		}
	}
}

// lease takes up to o.max receivable messages. Those that have had all their receives go to the dead-letter queue
// instead: the move happens on the receive after the last one allowed.
func (c *core) lease(q *queue, o receiveOptions, now time.Time) ([]delivery, error) {
	if q.inFlight >= maxInFlight {
		return nil, plainError("OverLimit", "The maximum number of in flight messages is reached: %d.", maxInFlight)
	}
	timeout := q.attrs.timeout
	if o.timeout != nil {
		timeout = *o.timeout
	}
	dead := c.deadLetterQueue(q)
	var picked, spent []*message
	for q.ready.Len() > 0 && len(picked) < min(o.max, maxInFlight-q.inFlight) {
		m := heap.Pop(&q.ready).(*message)
		if dead != nil && q.spent(m) {
			spent = append(spent, m)
		} else {
			picked = append(picked, m)
		}
	}
	states := make(map[uint64]state, len(picked)+len(spent))
	for _, m := range picked {
		states[m.seq] = m.leased(now, timeout)
	}
	for _, m := range spent {
		states[m.seq] = m.buried(q, dead, now)
	}
	for _, m := range slices.Concat(picked, spent) { // back where the queue's methods expect them
		heap.Push(&q.ready, m)
	}
	if len(states) == 0 {
		return nil, nil
	}
	if err := c.store.commit(change{states: states}); err != nil {
		return nil, err
	}
	got := make([]delivery, 0, len(picked))
	for _, m := range picked {
		firstNow := m.first.IsZero()
		q.change(m, states[m.seq], now)
		got = append(got, delivery{content: m.content, seq: m.seq, lease: m.lease, handle: encodeHandle(q.id, m.seq, m.lease),
			receives: m.receives, first: m.first, source: c.arnOf(m.source), firstNow: firstNow})
	}
	for _, m := range spent {
		q.remove(m)
		m.state = states[m.seq]
		dead.add(m, now)
		c.log.Debug("message moved to the dead-letter queue", "queue", q.name, "dead", dead.name, "message", m.ID, "receives", m.receives)
	}
	if len(spent) > 0 {
		c.notify(dead, now)
	}
	c.notify(q, now)
	return got, nil
}

// release undoes receives whose response did not reach the caller: the messages are receivable at once, and the
// receives do not count.
func (c *core) release(name string, got []delivery) error {
	return c.settle(name, len(got), func(q *queue, i int, now time.Time) (*message, state, error) {
		m, ok := q.messages[got[i].seq]
		if !ok || m.lease != got[i].lease {
			return nil, state{}, nil
		}
		s := m.state
		s.receives--
		s.visibleAt, s.leasedAt = now, time.Time{}
		if got[i].firstNow {
			s.first = time.Time{}
		}
		return m, s, nil
	}, nil)
}

// visibility is a ChangeMessageVisibility of one message.
type visibility struct {
	handle  string
	timeout time.Duration // from now
}

// changeVisibility sets when leased messages become receivable again. The errors are by change.
func (c *core) changeVisibility(name string, changes []visibility) ([]error, error) {
	failed := make([]error, len(changes))
	err := c.settle(name, len(changes), func(q *queue, i int, now time.Time) (*message, state, error) {
		seq, lease, ok := decodeHandle(changes[i].handle, q.id)
		if !ok {
			return nil, state{}, receiptHandleIsInvalid()
		}
		m, ok := q.messages[seq]
		if !ok || m.lease != lease {
			return nil, state{}, invalidParameter( // without the handle, which callers would log
				"Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.")
		}
		if m.leasedAt.IsZero() {
			return nil, state{}, sqsError("MessageNotInflight", "The specified message isn't in flight.")
		}
		s := m.state
		s.visibleAt = now.Add(changes[i].timeout)
		if s.visibleAt.After(s.leasedAt.Add(maxVisibility)) {
			return nil, state{}, invalidValue(int(changes[i].timeout/time.Second), "VisibilityTimeout",
				"Total VisibilityTimeout for the message is beyond the limit [%d seconds]", int(maxVisibility/time.Second))
		}
		return m, s, nil
	}, failed)
	return failed, err
}

// settle gives up to n messages of a queue another state, in one commit. decide returns a nil message for one to leave
// alone; its errors go to failed.
func (c *core) settle(name string, n int, decide func(q *queue, i int, now time.Time) (*message, state, error), failed []error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	q, err := c.find(name, now)
	if err != nil {
		return err
	}
	states := map[uint64]state{}
	for i := range n {
		m, s, err := decide(q, i, now)
		if err != nil {
			failed[i] = err
		} else if m != nil {
			states[m.seq] = s
		}
	}
	if err := c.store.commit(change{states: states}); err != nil {
		return err
	}
	for seq, s := range states {
		q.change(q.messages[seq], s, now)
	}
	c.notify(q, now)
	return nil
}

// remove deletes received messages. A handle of an earlier receive, or of a message that is gone, succeeds without
// effect (DeleteMessage: "the request will succeed, but the message might not be deleted"). The errors are by handle.
func (c *core) remove(name string, handles []string) ([]error, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q, err := c.find(name, time.Now())
	if err != nil {
		return nil, err
	}
	failed := make([]error, len(handles))
	gone := map[uint64]*message{}
	var drop []*message
	for i, h := range handles {
		seq, lease, ok := decodeHandle(h, q.id)
		if !ok {
			failed[i] = receiptHandleIsInvalid()
		} else if m := q.messages[seq]; m != nil && m.lease == lease && gone[seq] == nil {
			gone[seq] = m
			drop = append(drop, m)
		}
	}
	if err := c.store.commit(change{drop: drop}); err != nil {
		return nil, err
	}
	for _, m := range drop {
		q.remove(m)
	}
	return failed, nil
}
