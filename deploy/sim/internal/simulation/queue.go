package simulation

import "time"

// photo is one upload and its message.
type photo struct {
	receives uint32
	task     int32 // task that works on it, -1 if none does
	poison   bool
}

// queue is the SQS queue. A message that waits for a retry is in flight.
type queue struct {
	waiting  ring
	inFlight int
	receives int // calls that returned messages
	peak     int
}

func (q *queue) visible() int { return q.waiting.n }

func (q *queue) push(p int32) {
	q.waiting.push(p)
	q.peak = max(q.peak, q.waiting.n)
}

// ring is a queue of numbers in a ring buffer.
type ring struct {
	buf     []int32
	head, n int
}

func (r *ring) push(v int32) {
	if r.n == len(r.buf) {
		larger := make([]int32, max(16, 2*r.n))
		for i := range r.n {
			larger[i] = r.buf[(r.head+i)%len(r.buf)]
		}
		r.buf, r.head = larger, 0
	}
	r.buf[(r.head+r.n)%len(r.buf)] = v
	r.n++
}

func (r *ring) pop() int32 {
	v := r.buf[r.head]
	r.head = (r.head + 1) % len(r.buf)
	r.n--
	return v
}

// uploaded schedules the event of a photo, and the next upload.
func (r *run) uploaded(p int32) {
	r.photos[p] = photo{poison: r.Poison > 0 && r.rand.Float64() < r.Poison}
	r.schedule(r.now+r.AWS.eventDelay(r.rand), event{kind: eventVisible, photo: p})
	if int(p)+1 < len(r.Arrivals) {
		r.schedule(r.Arrivals[p+1], event{kind: eventUploaded, photo: p + 1})
	}
}

// batch is the most messages of one receive (API reference of SQS, ReceiveMessage).
const batch = 10

// dispatch gives messages to random tasks with free slots, since SQS serves receives in no particular order.
func (r *run) dispatch() {
	for r.queue.waiting.n > 0 && len(r.fleet.free) > 0 {
		id := r.fleet.free[r.rand.IntN(len(r.fleet.free))]
		t := &r.fleet.tasks[id]
		r.queue.receives++
		for range min(batch, r.Worker.Slots-len(t.held), r.queue.waiting.n) {
			r.receive(id, r.queue.waiting.pop())
		}
		if len(t.held) == r.Worker.Slots {
			r.fleet.taken(id)
		}
	}
}

// wasInFlight is the count of eventVisible for a message that was in flight.
const wasInFlight = 1

// visible makes a message visible, for the first time or again.
func (r *run) visible(e event) {
	if e.count == wasInFlight {
		r.queue.inFlight--
	}
	r.queue.push(e.photo)
	r.dispatch()
}

// receive gives a message to a task.
func (r *run) receive(id, p int32) {
	t, ph := &r.fleet.tasks[id], &r.photos[p]
	if len(t.held) == 0 {
		r.began(id)
	}
	t.held = append(t.held, p)
	ph.task = id
	ph.receives++
	r.queue.inFlight++
	e := event{kind: eventTransferred, photo: p, task: id, count: ph.receives}
	if ph.poison {
		e.kind = eventFailed
		r.schedule(r.now+r.Worker.Stall, e)
		return
	}
	r.schedule(r.now+r.AWS.Call+r.Worker.Transfer, e)
}

// retryAfter returns the worker's back-off after a failure: 2 s after the first receive, doubled each time, at most 5 min.
func retryAfter(receives uint32) time.Duration {
	return min(time.Second<<receives, 5*time.Minute)
}

// returnMessages makes the messages of unfinished photos visible again after a time.
func (r *run) returnMessages(held []int32, after time.Duration) {
	for _, p := range held {
		r.photos[p].task = -1
		r.schedule(r.now+after, event{kind: eventVisible, photo: p, count: wasInFlight})
	}
}
