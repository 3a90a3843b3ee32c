package engine

import "time"

// photo is one upload and its message.
type photo struct {
	receives uint32
	task     int32 // that has it in hand
	poison   bool
}

// queue is the SQS queue. What waits for its next try was received and is in flight.
type queue struct {
	waiting  ring
	inFlight int
	receives int // calls that gave messages
	peak     int
}

func (q *queue) visible() int { return q.waiting.n }

func (q *queue) push(p int32) {
	q.waiting.push(p)
	q.peak = max(q.peak, q.waiting.n)
}

// ring is a queue of numbers.
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

// uploaded plans the event of a photo, and the next upload.
func (r *run) uploaded(p int32) {
	r.photos[p] = photo{poison: r.Poison > 0 && r.rand.Float64() < r.Poison}
	r.at(r.now+r.AWS.eventDelay(r.rand), event{kind: visible, photo: p})
	if int(p)+1 < len(r.Arrivals) {
		r.at(r.Arrivals[p+1], event{kind: upload, photo: p + 1})
	}
}

// batch is the most messages of one receive, by the API reference of SQS, ReceiveMessage.
const batch = 10

// dispatch gives messages to tasks with free slots, at random which: SQS gives them to whoever asks.
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

// again is the count of the event visible of a message that was in flight.
const again = 1

// visible is a message that can be received (again).
func (r *run) visible(e event) {
	if e.count == again {
		r.queue.inFlight--
	}
	r.queue.push(e.photo)
	r.dispatch()
}

// receive puts a message into the hand of a task.
func (r *run) receive(id, p int32) {
	t, ph := &r.fleet.tasks[id], &r.photos[p]
	t.held = append(t.held, p)
	t.busy++
	ph.task = id
	ph.receives++
	r.queue.inFlight++
	e := event{kind: moved, photo: p, task: id, count: ph.receives}
	if ph.poison {
		e.kind = failed
		r.at(r.now+r.Worker.Stall, e)
		return
	}
	r.at(r.now+r.AWS.Call+r.Worker.Transfer, e)
}

// retryAfter is how long a message that failed stays hidden, as the worker does it: 2 s, twice as long each time, at most
// 5 min.
func retryAfter(receives uint32) time.Duration {
	return min(time.Second<<receives, 5*time.Minute)
}

// back puts messages that a task could not finish back into the queue.
func (r *run) back(held []int32, after time.Duration) {
	for _, p := range held {
		r.photos[p].task = -1
		r.at(r.now+after, event{kind: visible, photo: p, count: again})
	}
}
