package simulation

import "time"

// protectionExpires is how long ECS protects a task after a call: the worker's setting. A busy worker renews its
// protection after half of that.
const protectionExpires = 10 * time.Minute

// Blocked is when ECS answers DEPLOYMENT_BLOCKED to a task that asks to be protected. The developer guide of ECS
// ("Protect your Amazon ECS tasks from being terminated by scale-in events") says that the answer "means the service
// has more protected tasks than the desired count of tasks", and not whether the task that asks is counted.
type Blocked uint8

// The readings.
const (
	Exceeded Blocked = iota // more tasks are protected already
	Exceeds                 // more tasks would be protected after the call
)

// protected reports whether ECS must not stop a task. A worker without messages ends its protection after the linger
// time.
func (r *run) protected(t *task) bool { return r.protectedUntil(t) > r.now }

// protectedUntil returns when the protection of a task ends, judging by its photos now.
func (r *run) protectedUntil(t *task) time.Duration {
	if len(t.held) > 0 {
		return t.protectedTo
	}
	return min(t.protectedTo, t.idleSince+r.Worker.Linger)
}

// began has the worker of a task ask for protection, unless it has enough, or was refused and waits. It is called
// before the first message that a task without messages receives.
func (r *run) began(id int32) {
	t := &r.fleet.tasks[id]
	if r.Worker.Linger < 0 {
		return
	}
	if !r.protected(t) {
		t.protectedTo = 0
	}
	if t.protectedTo-protectionExpires/2 <= r.now {
		r.ask(id, max(r.now+r.AWS.Call, t.mayAsk))
	}
}

// ask schedules the next call of a worker. It replaces the one that was scheduled before.
func (r *run) ask(id int32, at time.Duration) {
	t := &r.fleet.tasks[id]
	t.asks++
	r.schedule(at, event{kind: eventProtect, task: id, count: t.asks})
}

// protect is the call of a worker to protect its task. A worker that is refused, or that renews its protection, asks
// whether a deployment replaces it.
func (r *run) protect(e event) {
	t := &r.fleet.tasks[e.task]
	if t.state != running || t.asks != e.count || len(t.held) == 0 {
		return
	}
	renewal := r.protected(t)
	blocked := r.blocked(t)
	if blocked {
		r.result.Blocked++
	}
	switch {
	case blocked && r.Worker.DrainsWhenBlocked, !r.Worker.DrainsWhenBlocked && (blocked || renewal) && r.replaced(e.task):
		r.result.Drained++
		r.drain(e.task)
		return
	case !blocked:
		t.protectedTo = r.now + protectionExpires
		r.ask(e.task, r.now+protectionExpires/2)
		return
	}
	t.mayAsk = r.now + uniform(r.rand, 15*time.Second, 45*time.Second) // the worker's pause
	r.ask(e.task, t.mayAsk)
	if r.protected(t) { // ECS may stop it from then on
		r.schedule(t.protectedTo, event{kind: eventUnprotected, task: e.task})
	}
}

// blocked reports whether ECS refuses to protect a task. A task that drains by itself stays protected until it ends.
func (r *run) blocked(t *task) bool {
	n := 0
	for _, id := range r.fleet.alive {
		if r.protected(&r.fleet.tasks[id]) {
			n++
		}
	}
	if r.AWS.Blocked == Exceeds && !r.protected(t) {
		n++
	}
	return n > r.fleet.desired
}

// replaced reports whether a deployment replaces a task, as worker/internal/taskprotection/ecstask decides: the task is
// not of the primary deployment, and it is one of the surplus, in which only healthy tasks of the primary deployment
// count.
func (r *run) replaced(id int32) bool {
	t := &r.fleet.tasks[id]
	if t.revision == r.fleet.revision {
		return false
	}
	primary, old, rank := 0, 0, 0
	for _, other := range r.fleet.alive {
		switch o := &r.fleet.tasks[other]; {
		case o.revision == r.fleet.revision:
			if r.healthy(o) {
				primary++
			}
		case o.revision == t.revision:
			old++
			if arn(other) < arn(id) {
				rank++
			}
		}
	}
	return rank < primary+old-r.fleet.desired
}

// arn returns a number that orders the tasks at random, like their ARNs.
func arn(id int32) uint32 { return uint32(id) * 0x9e3779b1 }

// drain ends a task by its own decision: it no longer receives, and ends when its photos are done. Until then it runs
// for ECS.
func (r *run) drain(id int32) {
	t := &r.fleet.tasks[id]
	r.fleet.endMove(t)
	t.state, t.itself = draining, true
	r.fleet.free.remove(id)
	r.fleet.routers.remove(id)
	r.observe()
	if len(t.held) == 0 {
		r.taskStopped(id)
		return
	}
	r.schedule(r.now+r.Worker.DrainTimeout, event{kind: eventDrained, task: id})
}

// unprotected lets ECS stop tasks whose protection has ended.
func (r *run) unprotected(e event) {
	t := &r.fleet.tasks[e.task]
	if t.state != running || r.protected(t) {
		return
	}
	if t.leaving {
		r.stopTask(e.task, r.Worker.DrainTimeout)
		r.result.Moved++
	}
	r.reconcile()
}
