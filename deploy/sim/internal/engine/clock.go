package engine

import "time"

type kind uint8

const (
	upload      kind = iota // a photo is in S3
	visible                 // its message can be received
	moved                   // its bytes are where they have to be
	rendered                // it has its outcome
	failed                  // a try of a message that always fails is over
	ready                   // a task receives
	unprotected             // a task may be stopped, if it had nothing to do since
	drained                 // a task that was told to stop gives up what it has not done
	killed                  // and is killed
	minute                  // CloudWatch takes its samples
	decide                  // alarms are evaluated
	look                    // the fast policy looks
	reclaimed               // Spot tasks are taken back
	point                   // a point of the result
)

// event is what happens at a moment, to a photo or a task. count tells an event that is out of date: of what the
// photo or task had then.
type event struct {
	at    time.Duration
	seq   uint64 // in the order of planning, for those at the same moment
	kind  kind
	photo int32
	task  int32
	count uint32
}

func (e event) before(o event) bool { return e.at < o.at || e.at == o.at && e.seq < o.seq }

// clock has the events that are to come, as a binary heap. container/heap would allocate for each of millions of them.
type clock struct {
	now  time.Duration
	seq  uint64
	heap []event
}

func (c *clock) at(t time.Duration, e event) {
	e.at, e.seq = t, c.seq
	c.seq++
	h := append(c.heap, e)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !h[i].before(h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	c.heap = h
}

// next takes the first event; there is always one, since some plan themselves anew.
func (c *clock) next() event {
	h := c.heap
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			break
		}
		if down+1 < last && h[down+1].before(h[down]) {
			down++
		}
		if !h[down].before(h[i]) {
			break
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
	c.heap = h
	return first
}
