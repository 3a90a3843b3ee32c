package engine

import (
	"errors"
	"fmt"
	"time"
)

// Fleet is how tasks are placed and paid.
type Fleet struct {
	Base                       int // tasks that are on FARGATE whatever the weights
	OnDemandWeight, SpotWeight int // of the others
	VCPU, MemoryGB             float64
}

func (f Fleet) validate() error {
	if f.Base < 0 || f.OnDemandWeight < 0 || f.SpotWeight < 0 || f.OnDemandWeight+f.SpotWeight == 0 {
		return fmt.Errorf("capacity providers: base %d, weights %d and %d", f.Base, f.OnDemandWeight, f.SpotWeight)
	}
	if f.VCPU <= 0 || f.MemoryGB <= 0 {
		return errors.New("a task without processor or memory")
	}
	return nil
}

type state uint8

const (
	pending state = iota
	running
	draining // told to stop
	gone
)

// task is one task on Fargate.
type task struct {
	state     state
	spot      bool
	launched  time.Duration
	held      []int32 // photos in hand
	line      ring    // of those, that wait for a processor
	rendering int
	busy      uint32        // messages received so far
	idleSince time.Duration // when it had nothing in hand any more
	place     int           // in free, plus 1; 0: it has no free slot or takes none
}

// fleet is the service with its tasks.
type fleet struct {
	desired int
	running int
	tasks   []task
	alive   []int32 // pending and running, the oldest first
	free    []int32 // running, with a free slot
	tokens  [2]bucket
	dry     time.Duration // until when no Spot task starts
	paid    [2]time.Duration
	peak    int
}

// bucket is a token bucket, by when its last token will be back.
type bucket struct{ full time.Duration }

// take returns when the next token is there, and takes it.
func (b *bucket) take(now time.Duration, burst int, perSecond float64) time.Duration {
	each := time.Duration(float64(time.Second) / perSecond)
	b.full = max(b.full, now) + each
	return max(now, b.full-time.Duration(burst)*each)
}

func (f *fleet) excess() bool { return len(f.alive) > f.desired }

func index(spot bool) int {
	if spot {
		return 1
	}
	return 0
}

// provider chooses the capacity provider of the next task: the base first, then whichever is behind its weight.
func (r *run) provider() (spot bool) {
	var count [2]int
	for _, id := range r.fleet.alive {
		count[index(r.fleet.tasks[id].spot)]++
	}
	if count[0] < r.Fleet.Base || r.Fleet.SpotWeight == 0 {
		return false
	}
	if r.Fleet.OnDemandWeight == 0 {
		return true
	}
	return (count[1])*r.Fleet.OnDemandWeight < (count[0]-r.Fleet.Base)*r.Fleet.SpotWeight
}

// launch asks for a task, which is at work when its event comes.
func (r *run) launch() int32 {
	spot := r.provider()
	id := int32(len(r.fleet.tasks))
	at := r.fleet.tokens[index(spot)].take(r.now, r.AWS.LaunchBurst, r.AWS.LaunchRate)
	if spot {
		at = max(at, r.fleet.dry)
	}
	r.fleet.tasks = append(r.fleet.tasks, task{spot: spot, launched: at})
	r.fleet.alive = append(r.fleet.alive, id)
	return id
}

// reconcile starts or stops tasks until there are as many as are desired, as the service scheduler of ECS does.
func (r *run) reconcile() {
	for len(r.fleet.alive) < r.fleet.desired {
		id := r.launch()
		r.at(r.fleet.tasks[id].launched+r.AWS.start(r.rand), event{kind: ready, task: id})
	}
	// Which tasks ECS stops first it does not say; here those that do not work yet, and of others the youngest. None is
	// stopped that is protected.
	for _, want := range []state{pending, running} {
		for i := len(r.fleet.alive) - 1; i >= 0 && r.fleet.excess(); i-- {
			id := r.fleet.alive[i]
			t := &r.fleet.tasks[id]
			if t.state != want {
				continue
			}
			if until := r.protectedUntil(t); until > r.now {
				if len(t.held) == 0 {
					r.at(until, event{kind: unprotected, task: id, count: t.busy})
				}
				continue
			}
			r.stop(id, r.Worker.DrainTimeout)
		}
	}
}

// protectedUntil is when the task can be stopped at the soonest, by what it has in hand now.
func (r *run) protectedUntil(t *task) time.Duration {
	switch {
	case r.Worker.Linger < 0 || t.busy == 0:
		return 0
	case len(t.held) > 0:
		return r.now + 1
	}
	return t.idleSince + r.Worker.Linger
}

func (r *run) unprotected(e event) {
	if t := r.fleet.tasks[e.task]; t.state == running && t.busy == e.count && len(t.held) == 0 {
		r.reconcile()
	}
}

// start puts a task to work.
func (r *run) start(id int32) {
	t := &r.fleet.tasks[id]
	if t.state != pending {
		return
	}
	t.state = running
	r.fleet.running++
	r.fleet.peak = max(r.fleet.peak, r.fleet.running)
	r.fleet.freed(id)
}

// stop tells a task to stop: it receives no more, finishes what it has in hand until the timeout, and gives the rest back.
func (r *run) stop(id int32, timeout time.Duration) {
	f := &r.fleet
	t := &f.tasks[id]
	for i, a := range f.alive {
		if a == id {
			f.alive = append(f.alive[:i], f.alive[i+1:]...)
			break
		}
	}
	if t.state == pending {
		r.pay(t)
		t.state = gone
		return
	}
	f.running--
	t.state = draining
	f.taken(id)
	if len(t.held) == 0 {
		r.stopped(id)
		return
	}
	if timeout < r.Worker.StopTimeout {
		r.at(r.now+timeout, event{kind: drained, task: id})
	} else {
		r.at(r.now+r.Worker.StopTimeout, event{kind: killed, task: id})
	}
}

// drainEnds gives what a task has in hand back to the queue.
func (r *run) drainEnds(id int32) {
	if t := &r.fleet.tasks[id]; t.state == draining {
		r.back(t.held, 0)
		r.stopped(id)
	}
}

// kill ends a task that still has messages in hand; they come back when their leases end.
func (r *run) kill(id int32) {
	if t := &r.fleet.tasks[id]; t.state == draining {
		r.back(t.held, r.Worker.Visibility)
		r.stopped(id)
	}
}

func (r *run) stopped(id int32) {
	t := &r.fleet.tasks[id]
	t.state = gone
	r.pay(t)
	t.held, t.line = nil, ring{}
}

// pay counts what a task costs.
func (r *run) pay(t *task) {
	if r.now > t.launched {
		r.fleet.paid[index(t.spot)] += max(r.now-t.launched, r.AWS.LeastPaid)
	}
}

// reclaim takes Spot tasks back, at random which. ECS replaces a task as soon as it is told to stop.
func (r *run) reclaim(c Reclaim) {
	f := &r.fleet
	n := int(c.Share*float64(f.running) + 0.5)
	f.dry = r.now + c.Dry
	var spot []int32
	for _, id := range f.alive {
		if f.tasks[id].spot && f.tasks[id].state == running {
			spot = append(spot, id)
		}
	}
	r.rand.Shuffle(len(spot), func(i, j int) { spot[i], spot[j] = spot[j], spot[i] })
	for _, id := range spot[:min(n, len(spot))] {
		r.stop(id, min(r.Worker.DrainTimeout, r.AWS.SpotNotice))
		r.result.Reclaimed++
	}
	r.reconcile()
	r.dispatch()
}

// freed puts a task with a free slot among those that receive.
func (f *fleet) freed(id int32) {
	if t := &f.tasks[id]; t.place == 0 {
		f.free = append(f.free, id)
		t.place = len(f.free)
	}
}

// taken takes a task away from those.
func (f *fleet) taken(id int32) {
	t := &f.tasks[id]
	if t.place == 0 {
		return
	}
	last := f.free[len(f.free)-1]
	f.free[t.place-1] = last
	f.tasks[last].place = t.place
	f.free = f.free[:len(f.free)-1]
	t.place = 0
}
