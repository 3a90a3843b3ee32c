package fakesqs

import (
	"context"
	"slices"
	"time"
)

// receiveOptions says what to receive. A nil duration stands for the queue's own.
type receiveOptions struct {
	max     int
	timeout *time.Duration // visibility
	wait    *time.Duration
}

// receive receives messages and waits for the first of them. It returns none if the wait ends first. Once ctx is done
// it receives nothing, because a client that hung up would never see the message.
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
		got, err := c.receiveNow(q, o, now)
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
		q.stopWaiting(w)
		if ctx.Err() != nil { // another poll gets the message that this one was woken for
			c.notify(q, time.Now())
		}
	}
}

// receiveNow receives up to o.max messages without waiting. A message that has reached its maximum of receives moves to
// the dead-letter queue instead. It moves at the receive after the last one allowed.
func (c *core) receiveNow(q *queue, o receiveOptions, now time.Time) ([]delivery, error) {
	if q.ready.InFlight() >= maxInFlight {
		return nil, plainError("OverLimit", "The maximum number of in flight messages is reached: %d.", maxInFlight)
	}
	timeout := q.attrs.timeout
	if o.timeout != nil {
		timeout = *o.timeout
	}
	dead := c.deadLetterQueue(q)
	var picked, spent []*message
	limit := min(o.max, maxInFlight-q.ready.InFlight())
	for len(picked) < limit {
		m, ok := q.ready.First(now)
		if !ok {
			break
		}
		q.take(m, now)
		if dead != nil && q.receivesExhausted(m) {
			spent = append(spent, m)
		} else {
			picked = append(picked, m)
		}
	}
	states := make(map[uint64]state, len(picked)+len(spent))
	for _, m := range picked {
		states[m.seq] = m.received(now, timeout)
	}
	for _, m := range spent {
		states[m.seq] = m.deadLettered(q, dead, now)
	}
	for _, m := range slices.Concat(picked, spent) { // the queue's methods expect them to be ready
		q.putBack(m, now)
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
		got = append(got, delivery{content: m.content, seq: m.seq, receipt: m.receipt,
			handle:   encodeHandle(q.id, m.seq, m.receipt),
			receives: m.receives, first: m.first, source: c.arnByID(m.source), firstNow: firstNow})
	}
	for _, m := range spent {
		q.remove(m, now)
		m.state = states[m.seq]
		dead.add(m, now)
		c.log.Debug("message moved to the dead-letter queue", "queue", q.name, "dead", dead.name, "message", m.ID,
			"receives", m.receives)
	}
	if len(spent) > 0 {
		c.notify(dead, now)
	}
	c.notify(q, now)
	return got, nil
}

// release undoes receives whose response did not reach the client: the messages become visible at once, and the
// receives do not count.
func (c *core) release(name string, got []delivery) error {
	return c.updateStates(name, len(got), func(q *queue, i int, now time.Time) (*message, state, error) {
		m, ok := q.messages[got[i].seq]
		if !ok || m.receipt != got[i].receipt {
			return nil, state{}, nil
		}
		s := m.state
		s.receives--
		s.visibleAt, s.receivedAt = now, time.Time{}
		if got[i].firstNow {
			s.first = time.Time{}
		}
		return m, s, nil
	}, nil)
}
