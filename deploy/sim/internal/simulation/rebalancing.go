package simulation

import "time"

// moveInterval is the time between two moves of tasks between zones.
const moveInterval = time.Minute

// move starts replacements of running tasks, as ECS does when it rebalances a service between availability zones: it
// starts the replacements first, above the desired count.
func (r *run) move() {
	var candidates []int32
	for _, id := range r.fleet.alive {
		if t := &r.fleet.tasks[id]; t.state == running && t.pair == 0 {
			candidates = append(candidates, id)
		}
	}
	r.rand.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
	for _, old := range candidates[:min(r.Moves, len(candidates))] {
		id := r.start(r.fleet.tasks[old].spot)
		r.fleet.tasks[id].pair, r.fleet.tasks[old].pair = old+1, id+1
		r.fleet.moving++
	}
}

// moved stops the task that a started one replaces, now or when its protection ends.
func (r *run) moved(id int32) {
	t := &r.fleet.tasks[id]
	if t.state != running || t.pair == 0 {
		return
	}
	old := t.pair - 1
	o := &r.fleet.tasks[old]
	o.leaving = true
	switch {
	case !r.protected(o):
		r.stopTask(old, r.Worker.DrainTimeout)
		r.result.Moved++
	case len(o.held) == 0:
		r.schedule(r.protectedUntil(o), event{kind: eventUnprotected, task: old})
	}
}

// endMove ends the move that a stopping task is part of. If it is the replacement, the other task stays.
func (f *fleet) endMove(t *task) {
	if t.pair == 0 {
		return
	}
	other := &f.tasks[t.pair-1]
	t.pair, other.pair = 0, 0
	other.leaving = false
	f.moving--
}
