package simulation

import (
	"errors"
	"time"
)

// Routing is how the workers move events to a queue that is fair between boards, as worker/internal/route does.
// Without it there is one queue.
//
// The workers must route as fast as a board floods, also while only one or two of them run. The events of quiet boards
// wait behind the flood until they are routed, and only the photos queue is fair. With 30 events at once instead of
// 100, or with 2 ms of processor time for each, 99 of 100 photos of twenty quiet boards are ready within 24 and 39 s of
// their upload instead of 7.5 s, because the other workers have yet to start.
//
// A worker receives events in batches as fast as they come, and sends each as a message with its board as the group.
// Where nothing waits, it renders a photo at once instead. The simulation leaves out the worker's own judgement of
// noisy boards. A task that ends finishes the batches that it forwards.
type Routing struct {
	Slots  int           // events that a worker routes at once
	Linger time.Duration // how long the first message of a batch waits for others to be sent with it
	Time   time.Duration // processor time that an event takes away from rendering
	// Share is the part of the slots for rendering that events may use without the second queue: one in so many. Half of
	// them, rounded up, may be of one board. 0 turns the short way off.
	Share int
}

// DefaultRouting is the routing of Darkroom's workers (routingSlots in worker/routing.go, linger in
// worker/internal/route, lendShare in worker/internal/pool). The processor time was measured: 12,000 events of one
// board, forwarded to the local queue on amd64, took 0.51 ms each.
func DefaultRouting() *Routing {
	return &Routing{Slots: 100, Linger: 50 * time.Millisecond, Time: 500 * time.Microsecond, Share: 4}
}

func (g *Routing) validate() error {
	if g != nil && (g.Slots < 1 || g.Linger < 0 || g.Time < 0 || g.Share < 0) {
		return errors.New("routing: the slots must be at least 1, and nothing else negative")
	}
	return nil
}

// events is the queue that S3 notifies, if the workers route.
type events struct {
	waiting  ring
	inFlight int
	receives int       // calls that returned messages
	sends    int       // calls that sent messages to the photos queue
	sending  [][]int32 // batches that were sent, by their number
}

// intake is the part of a task that routes.
type intake struct {
	held    int           // events
	deletes deletes       // events
	batch   []int32       // to send next
	batches uint32        // number of the batch
	debt    time.Duration // processor time that the next render takes longer
}

// route gives events to random tasks with free slots for them.
func (r *run) route() {
	for r.events.waiting.n > 0 && len(r.fleet.routers.ids) > 0 {
		id := r.fleet.routers.ids[r.rand.IntN(len(r.fleet.routers.ids))]
		in := &r.fleet.tasks[id].intake
		r.events.receives++
		for range min(batch, r.Routing.Slots-in.held, r.events.waiting.n) {
			in.held++
			r.events.inFlight++
			r.schedule(r.now+r.AWS.Call, event{kind: eventRead, photo: r.events.waiting.pop(), task: id})
		}
		if in.held == r.Routing.Slots {
			r.fleet.routers.remove(id)
		}
	}
}

// read lets a task render the photo of an event at once, or adds it to the batch that is sent next.
func (r *run) read(e event) {
	t := &r.fleet.tasks[e.task]
	if r.lends(t, e.photo) {
		r.routed(e.task, 1)
		r.receive(e.task, e.photo)
		if len(t.held) == r.Worker.Slots {
			r.fleet.free.remove(e.task)
		}
		return
	}
	in := &t.intake
	if in.batch = append(in.batch, e.photo); len(in.batch) == batch {
		r.send(e.task)
	} else if len(in.batch) == 1 {
		r.schedule(r.now+r.Routing.Linger, event{kind: eventSend, task: e.task, count: in.batches})
	}
}

// lends reports whether a task renders a photo without the second queue: a share of its slots is free for it, and its
// last receive, which waited as long as a receive does, brought nothing.
func (r *run) lends(t *task, p int32) bool {
	if r.Routing.Share == 0 || t.state != running || len(t.held) == r.Worker.Slots || r.photos[p].receives > 0 ||
		r.queue.Len() > 0 || r.now-max(t.gotAt, t.started) < pollWait {
		return false
	}
	most, all, same := r.Worker.Slots/r.Routing.Share, 0, 0
	for _, held := range t.held {
		if r.photos[held].routed {
			continue
		}
		all++
		if board := r.board(p); board != 0 && board == r.board(held) {
			same++
		}
	}
	return all < most && same < (most+1)/2
}

// send sends the batch of a task.
func (r *run) send(id int32) {
	in := &r.fleet.tasks[id].intake
	in.debt += time.Duration(len(in.batch)) * r.Routing.Time
	r.events.sends++
	r.events.sending = append(r.events.sending, in.batch)
	in.batch = nil
	in.batches++
	r.schedule(r.now+r.AWS.Call, event{kind: eventForwarded, photo: int32(len(r.events.sending) - 1), task: id})
}

// forwarded makes the messages of a batch visible in the photos queue. The task then deletes them from the events.
func (r *run) forwarded(e event) {
	sent := r.events.sending[e.photo]
	r.events.sending[e.photo] = nil
	for _, p := range sent {
		r.enter(p)
	}
	r.dispatch()
	r.schedule(r.now+r.AWS.Call, event{kind: eventRouted, task: e.task, count: uint32(len(sent))})
}

// routed frees the slots of n events that a task has settled.
func (r *run) routed(id int32, n int) {
	t := &r.fleet.tasks[id]
	t.intake.held -= n
	t.intake.deletes.add(r.now, n)
	r.events.inFlight -= n
	if t.state == running {
		r.fleet.routers.add(id)
	}
	r.route()
}
