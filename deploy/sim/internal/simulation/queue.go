package simulation

import (
	"time"

	"darkroom/deploy/testkit/fairqueue"
)

// photo is one upload and its message.
type photo struct {
	receives uint32
	task     int32 // task that works on it, -1 if none does
	poison   bool
	routed   bool          // its message is in the photos queue
	order    uint64        // order in which messages became visible
	event    time.Duration // its event was first visible
	wait     time.Duration // from then until a worker received it to render it
	group    *group        // in the photos queue, if routed
}

// group is the messages of a board in the photos queue.
type group = fairqueue.Group[int32, int32]

// queue is the queue that photos are rendered from. With one queue it is also the one that S3 notifies, and no message
// has a group. A message that waits for a retry is in flight.
type queue struct {
	*fairqueue.Backlog[int32, int32]
	order    uint64 // order of the latest message that became visible
	receives int    // calls that returned messages
}

// newQueue returns an empty queue of r's photos.
func (r *run) newQueue() queue {
	longest := func(a, b int32) bool { return r.photos[a].order < r.photos[b].order }
	return queue{Backlog: fairqueue.New[int32](longest, func(int32, int) {})}
}

// board returns the board of a photo that is shared with others, and 0 for one whose board has no other photo.
func (c *Config) board(p int32) int32 {
	if c.BoardOf == nil {
		return 0
	}
	return c.BoardOf[p]
}

// enter makes a message visible in the photos queue.
func (r *run) enter(p int32) {
	ph := &r.photos[p]
	if !ph.routed {
		board := int32(0)
		if r.Routing != nil {
			board = r.board(p)
		}
		ph.routed, ph.group = true, r.queue.Join(board, r.clockTime(), r.clockTime())
	}
	r.queue.order++
	ph.order = r.queue.order
	r.queue.Push(ph.group, p)
	r.peak()
}

// clockTime returns the time as the policies and the queue know it.
func (r *run) clockTime() time.Time { return epoch.Add(r.now) }

// messages returns the numbers of messages in all queues.
func (r *run) messages() (visible, inFlight int) {
	return r.queue.Len() + r.events.waiting.n, r.queue.InFlight() + r.events.inFlight
}

func (r *run) peak() {
	visible, _ := r.messages()
	r.result.PeakBacklog = max(r.result.PeakBacklog, visible)
}

// fly adds n to the messages in flight, in the queue that has the message of a photo.
func (r *run) fly(p int32, n int) {
	if g := r.photos[p].group; g != nil {
		r.queue.ChangeInFlight(g, n, r.clockTime())
		return
	}
	r.events.inFlight += n
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
	r.photos[p] = photo{poison: r.Poison > 0 && r.rand.Float64() < r.Poison, event: -1}
	r.schedule(r.now+r.AWS.eventDelay(r.rand), event{kind: eventVisible, photo: p})
	if int(p)+1 < len(r.Arrivals) {
		r.schedule(r.Arrivals[p+1], event{kind: eventUploaded, photo: p + 1})
	}
}

// batch is the most messages of one receive (API reference of SQS, ReceiveMessage).
const batch = 10

// dispatch gives messages to random tasks with free slots, since SQS serves receives in no particular order.
func (r *run) dispatch() {
	for r.queue.Len() > 0 && len(r.fleet.free.ids) > 0 {
		id := r.fleet.free.ids[r.rand.IntN(len(r.fleet.free.ids))]
		t := &r.fleet.tasks[id]
		r.queue.receives++
		t.gotAt = r.now
		for range min(batch, r.Worker.Slots-len(t.held)) {
			p, ok := r.queue.First(r.clockTime())
			if !ok {
				break
			}
			r.queue.Remove(r.photos[p].group, 0) // the first of its group
			r.receive(id, p)
		}
		if len(t.held) == r.Worker.Slots {
			r.fleet.free.remove(id)
		}
	}
}

// wasInFlight is the count of eventVisible for a message that was in flight.
const wasInFlight = 1

// visible makes a message visible, for the first time or again.
func (r *run) visible(e event) {
	ph := &r.photos[e.photo]
	if e.count == wasInFlight {
		r.fly(e.photo, -1)
	}
	if ph.event < 0 {
		ph.event = r.now
	}
	if r.Routing != nil && !ph.routed {
		r.events.waiting.push(e.photo)
		r.peak()
		r.route()
		return
	}
	r.enter(e.photo)
	r.dispatch()
}

// receive gives a message to a task, to render its photo.
func (r *run) receive(id, p int32) {
	t, ph := &r.fleet.tasks[id], &r.photos[p]
	if len(t.held) == 0 {
		r.began(id)
	}
	t.held = append(t.held, p)
	ph.task = id
	if ph.receives++; ph.receives == 1 {
		ph.wait = r.now - ph.event
	}
	r.fly(p, 1)
	e := event{kind: eventTransferred, photo: p, task: id, count: ph.receives}
	if ph.poison {
		e.kind = eventFailed
		r.schedule(r.now+r.Worker.Stall, e)
		return
	}
	r.schedule(r.now+r.AWS.Call+r.Worker.Transfer, e)
}

// retryAfter returns the worker's back-off after a failure: 2 s after the first receive, doubled each time, at most 5
// min.
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
