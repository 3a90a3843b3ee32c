package simulation

import (
	"errors"
	"math"
	"slices"
	"time"
)

// Deployment is a rolling update of the service: a new revision of the worker replaces all tasks.
type Deployment struct {
	At  time.Duration
	Bad bool // its tasks never become healthy, and receive nothing
}

// Rolling is how ECS deploys (developer guide of ECS, "Deploy Amazon ECS services by replacing tasks").
type Rolling struct {
	MinimumHealthyPercent int  // tasks that must be running and healthy, as a share of the desired count, rounded up
	MaximumPercent        int  // tasks that may run or start, as a share of the desired count, rounded down
	CircuitBreaker        bool // a deployment fails after too many failed tasks, and is rolled back
	// Healthy is the time from the start of a task until its health check has passed. Unhealthy is the time until ECS
	// gives up a task whose check never passes: the start period and all retries.
	Healthy, Unhealthy time.Duration
}

func (r Rolling) validate() error {
	if r.MinimumHealthyPercent < 0 || r.MaximumPercent <= 100 || r.Healthy < 0 || r.Unhealthy < r.Healthy {
		return errors.New("deployments: the maximum percent must be more than 100, and nothing else negative")
	}
	return nil
}

// failures returns the number of failed tasks at which the circuit breaker fails a deployment: half of the desired
// count, rounded up, at least 3 and at most 200 (API reference of ECS, ServiceDeploymentCircuitBreaker and
// ThresholdConfiguration).
func failures(desired int) int { return min(max(3, (desired+1)/2), 200) }

// giveUp is the time after which CloudFormation rolls back a stack whose service does not become stable (developer
// guide of ECS, on task protection: "the update-stack has a 3 hour timeout"). The simulation follows no deployment for
// longer.
const giveUp = 3 * time.Hour

// Rollout is what became of a deployment.
type Rollout struct {
	At         time.Duration
	Took       time.Duration // until ECS called it completed, or the roll-back was; negative if it never was
	RolledBack bool
	Failed     int // tasks that never became healthy
	Before     int // tasks at work when it began
	Needed     int // fewest tasks that ECS must keep: Before, or the minimum healthy percent if that is less
	Least      int // fewest tasks at work while it lasted
	Most       int // most tasks that ran or started
	Drained    int // busy tasks that drained by their own decision
	Blocked    int // calls for protection that ECS refused

	from             int32 // revision before it
	drained, blocked int   // counts of the whole run at its start
}

// deploy begins a deployment. It replaces one that is in progress.
func (r *run) deploy(i int32) {
	f := &r.fleet
	from := f.revision
	if f.rollout != nil {
		from = f.rollout.from
		r.endRollout(-1)
	}
	f.revision = i + 1
	atWork := r.atWork()
	f.rollout = &Rollout{At: r.now, Before: atWork, Needed: min(atWork, r.minimumHealthy()), Least: atWork,
		Most: len(f.alive), from: from,
		drained: r.result.Drained, blocked: r.result.Blocked}
	for _, id := range f.alive {
		switch t := &f.tasks[id]; {
		case t.state != running:
		case !r.healthy(t):
			r.schedule(t.started+r.Fleet.Rolling.Healthy, event{kind: eventHealthy, task: id})
		case len(t.held) == 0 && r.protected(t):
			r.schedule(r.protectedUntil(t), event{kind: eventUnprotected, task: id})
		}
	}
	r.reconcile()
}

func (r *run) bad(t *task) bool { return t.revision > 0 && r.Deployments[t.revision-1].Bad }

func (r *run) healthy(t *task) bool {
	return t.state == running && !r.bad(t) && r.now >= t.started+r.Fleet.Rolling.Healthy
}

func (r *run) minimumHealthy() int {
	return int(math.Ceil(float64(r.fleet.desired*r.Fleet.Rolling.MinimumHealthyPercent) / 100))
}

// atWork returns the number of tasks that receive.
func (r *run) atWork() (n int) {
	for _, id := range r.fleet.alive {
		if t := &r.fleet.tasks[id]; t.state == running && !r.bad(t) {
			n++
		}
	}
	return n
}

// observe records how many tasks are at work during a deployment.
func (r *run) observe() {
	if d := r.fleet.rollout; d != nil {
		d.Least, d.Most = min(d.Least, r.atWork()), max(d.Most, len(r.fleet.alive))
	}
}

// roll stops old tasks and starts new ones, within the limits of the deployment.
func (r *run) roll() {
	f, d := &r.fleet, r.fleet.rollout
	healthy, old, current := 0, 0, 0
	for _, id := range f.alive {
		t := &f.tasks[id]
		if r.healthy(t) {
			healthy++
		}
		if t.revision != f.revision {
			old++
		} else if !t.itself {
			current++
		}
	}
	for _, id := range slices.Backward(slices.Clone(f.alive)) {
		t := &f.tasks[id]
		if t.revision == f.revision || t.itself || r.protected(t) {
			continue
		}
		if r.healthy(t) {
			if healthy <= r.minimumHealthy() {
				continue
			}
			healthy--
		}
		r.stopTask(id, r.Worker.DrainTimeout)
		old--
	}
	for current < f.desired && len(f.alive) < f.desired*r.Fleet.Rolling.MaximumPercent/100 {
		spot, ok := r.provider()
		if !ok {
			break
		}
		r.start(spot)
		current++
	}
	r.observe()
	if old == 0 && current >= f.desired && r.allHealthy() {
		r.endRollout(r.now - d.At)
		r.reconcile()
	}
}

// allHealthy reports whether no task is starting or draining.
func (r *run) allHealthy() bool {
	return !slices.ContainsFunc(r.fleet.alive, func(id int32) bool { return !r.healthy(&r.fleet.tasks[id]) })
}

func (r *run) endRollout(took time.Duration) {
	d := r.fleet.rollout
	d.Took, d.Drained, d.Blocked = took, r.result.Drained-d.drained, r.result.Blocked-d.blocked
	r.result.Rollouts = append(r.result.Rollouts, *d)
	r.fleet.rollout = nil
}

// unhealthy stops a task whose health check has failed. Only such tasks count as failed (API reference of ECS,
// Deployment: "fails any of its defined health checks and is stopped"): one that ends by itself does not.
func (r *run) unhealthy(id int32) {
	if r.fleet.tasks[id].state != running {
		return
	}
	r.stopTask(id, r.Worker.DrainTimeout)
	if d := r.fleet.rollout; d != nil && !d.RolledBack {
		d.Failed++
		if r.Fleet.Rolling.CircuitBreaker && d.Failed >= failures(r.fleet.desired) {
			d.RolledBack, r.fleet.revision = true, d.from
		}
	}
	r.reconcile()
}

// deploying reports whether a deployment is in progress, or to come.
func (r *run) deploying() bool {
	d := r.fleet.rollout
	return r.toDeploy > 0 || d != nil && r.now < d.At+giveUp
}
