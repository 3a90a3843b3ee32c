package simulation

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Fleet describes how tasks are placed and paid.
type Fleet struct {
	Base                       int // tasks on FARGATE regardless of the weights
	OnDemandWeight, SpotWeight int // for all other tasks
	VCPU, MemoryGB             float64
	QuotaVCPU                  float64 // the account's quota, of each capacity provider; 0 means enough
	Rolling                    Rolling // how ECS deploys; needed for deployments only
}

func (f Fleet) validate() error {
	if f.Base < 0 || f.OnDemandWeight < 0 || f.SpotWeight < 0 || f.OnDemandWeight+f.SpotWeight == 0 {
		return fmt.Errorf("capacity providers: base (%d) and weights (%d on demand, %d Spot) must not be negative, and one weight more than 0", f.Base, f.OnDemandWeight, f.SpotWeight)
	}
	if f.VCPU <= 0 || f.MemoryGB <= 0 {
		return errors.New("a task needs processors and memory")
	}
	return nil
}

type state uint8

const (
	pending state = iota
	running
	draining // stopping: it finishes its photos
	gone
)

// task is one task on Fargate.
type task struct {
	state     state
	spot      bool
	revision  int32
	launched  time.Duration
	started   time.Duration
	held      []int32 // photos in progress
	queued    ring    // those that wait for a processor
	rendering int
	idleSince time.Duration // time at which its last photo ended
	gotAt     time.Duration // its last receive that brought messages to render
	intake    intake
	deletes   deletes // photos
	pair      int32   // index plus 1 of the other task of a move between zones; 0 outside of a move
	leaving   bool    // its replacement in the other zone works, so it stops once it is not protected
	itself    bool    // it drains by its own decision, and not because ECS stops it

	protectedTo time.Duration // end of the protection that ECS has granted
	mayAsk      time.Duration // earliest next call after a refusal
	asks        uint32        // calls scheduled so far; only the last one counts
}

// fleet is the state of the service and its tasks.
type fleet struct {
	desired     int
	running     int
	tasks       []task
	alive       []int32 // pending and running tasks, the oldest first
	free        roster  // running tasks with a free slot
	routers     roster  // running tasks with a free slot for events
	tokens      [2]bucket
	launches    window
	noSpotUntil time.Duration // no Spot task starts before this time
	paid        [2]time.Duration
	peak        int
	moving      int      // tasks that run or start above the desired count, for moves between zones
	revision    int32    // primary revision of the worker; new tasks run it
	rollout     *Rollout // deployment in progress, nil if there is none
}

func (f *fleet) excess() bool { return len(f.alive)-f.moving > f.desired }

// reconcile starts or stops tasks until their number is the desired one, as the service scheduler of ECS does.
func (r *run) reconcile() {
	if r.fleet.rollout != nil {
		r.roll()
		return
	}
	for len(r.fleet.alive)-r.fleet.moving < r.fleet.desired {
		spot, ok := r.provider()
		if !ok {
			break
		}
		r.start(spot)
	}
	// ECS does not say which tasks it stops first. The assumption is: pending ones, then the youngest. It never stops a
	// protected task.
	for _, stage := range []state{pending, running} {
		for i := len(r.fleet.alive) - 1; i >= 0 && r.fleet.excess(); i-- {
			id := r.fleet.alive[i]
			t := &r.fleet.tasks[id]
			if t.state != stage {
				continue
			}
			if r.protected(t) {
				if len(t.held) == 0 {
					r.schedule(r.protectedUntil(t), event{kind: eventUnprotected, task: id})
				}
				continue
			}
			r.stopTask(id, r.Worker.DrainTimeout)
		}
	}
}

// startTask lets a pending task receive.
func (r *run) startTask(id int32) {
	t := &r.fleet.tasks[id]
	if t.state != pending {
		return
	}
	t.state, t.started = running, r.now
	r.fleet.running++
	r.processors.change(r.now, 1, 0)
	r.fleet.peak = max(r.fleet.peak, r.fleet.running)
	if r.bad(t) {
		r.schedule(r.now+r.Fleet.Rolling.Unhealthy, event{kind: eventUnhealthy, task: id})
		return
	}
	r.fleet.free.add(id)
	r.fleet.routers.add(id)
	if r.fleet.rollout != nil {
		r.observe()
		r.schedule(r.now+r.Fleet.Rolling.Healthy, event{kind: eventHealthy, task: id})
	}
}

// stopTask stops a task: it no longer receives, finishes its photos until the drain timeout, and returns the messages
// of the others to the queue.
func (r *run) stopTask(id int32, timeout time.Duration) {
	f := &r.fleet
	t := &f.tasks[id]
	f.endMove(t)
	f.remove(id)
	if t.state == pending {
		r.pay(t)
		t.state = gone
		return
	}
	f.running--
	t.state = draining
	f.free.remove(id)
	f.routers.remove(id)
	r.observe()
	if len(t.held) == 0 {
		r.taskStopped(id)
		return
	}
	if timeout < r.Worker.StopTimeout {
		r.schedule(r.now+timeout, event{kind: eventDrained, task: id})
	} else {
		r.schedule(r.now+r.Worker.StopTimeout, event{kind: eventKilled, task: id})
	}
}

// drainTimedOut returns the messages of a task's unfinished photos to the queue.
func (r *run) drainTimedOut(id int32) {
	if t := &r.fleet.tasks[id]; t.state == draining {
		r.returnMessages(t.held, 0)
		r.taskStopped(id)
	}
}

// killTask ends a task that still has photos. Their messages become visible when their visibility timeout ends.
func (r *run) killTask(id int32) {
	if t := &r.fleet.tasks[id]; t.state == draining {
		r.returnMessages(t.held, r.Worker.Visibility)
		r.taskStopped(id)
	}
}

// taskStopped ends a task.
func (r *run) taskStopped(id int32) {
	t := &r.fleet.tasks[id]
	t.state = gone
	r.pay(t)
	r.processors.change(r.now, -1, -t.rendering)
	t.held, t.queued, t.rendering = nil, ring{}, 0
	if t.itself { // ECS learns of it only now
		r.fleet.remove(id)
		r.fleet.running--
		r.schedule(r.now, event{kind: eventTaskEnded})
	}
}

// remove removes a task from those that run or start.
func (f *fleet) remove(id int32) {
	if i := slices.Index(f.alive, id); i >= 0 {
		f.alive = slices.Delete(f.alive, i, i+1)
	}
}

// pay adds a task's time to the bill.
func (r *run) pay(t *task) {
	if r.now > t.launched {
		r.fleet.paid[capacityProvider(t.spot)] += max(r.now-t.launched, r.AWS.LeastPaid)
	}
}

// reclaim stops Spot tasks at random. ECS replaces a task as soon as it begins to stop.
func (r *run) reclaim(c Reclaim) {
	f := &r.fleet
	n := int(c.Share*float64(f.running) + 0.5)
	f.noSpotUntil = r.now + c.NoSpot
	var spot []int32
	for _, id := range f.alive {
		if f.tasks[id].spot && f.tasks[id].state == running {
			spot = append(spot, id)
		}
	}
	r.rand.Shuffle(len(spot), func(i, j int) { spot[i], spot[j] = spot[j], spot[i] })
	for _, id := range spot[:min(n, len(spot))] {
		r.stopTask(id, min(r.Worker.DrainTimeout, r.AWS.SpotNotice))
		r.result.Reclaimed++
	}
	r.reconcile()
	r.dispatch()
}

// roster is tasks in no particular order, from which one can be drawn at random.
type roster struct {
	ids   []int32
	place []int32 // index of each task in ids plus 1, or 0
}

// add adds a task that is not in the roster yet.
func (f *roster) add(id int32) {
	for int(id) >= len(f.place) {
		f.place = append(f.place, 0)
	}
	if f.place[id] == 0 {
		f.ids = append(f.ids, id)
		f.place[id] = int32(len(f.ids))
	}
}

// remove removes a task if it is in the roster.
func (f *roster) remove(id int32) {
	if int(id) >= len(f.place) || f.place[id] == 0 {
		return
	}
	last := f.ids[len(f.ids)-1]
	f.ids[f.place[id]-1] = last
	f.place[last] = f.place[id]
	f.ids = f.ids[:len(f.ids)-1]
	f.place[id] = 0
}
