package simulation

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Worker describes the worker in a task.
type Worker struct {
	Processors   int           // photos rendered at once
	Slots        int           // messages in progress at once
	PhotoTime    time.Duration // mean time to render a JPEG on one processor
	Mix          []Kind        // kinds of photos; none means that all are JPEG
	Spread       float64       // standard deviation of the lognormal time to render, as a part of its mean
	Transfer     time.Duration // download and uploads of a photo, which use no processor
	Stall        time.Duration // time of a try that fails
	MaxReceives  int           // receives before a message moves to the dead-letter queue
	Visibility   time.Duration // visibility timeout: until a killed worker's messages are visible again
	DrainTimeout time.Duration // from SIGTERM until unfinished messages are returned
	StopTimeout  time.Duration // from SIGTERM to SIGKILL
	// DrainsWhenBlocked has every busy worker drain when ECS refuses to protect it, because more workers are protected
	// than desired. That is also so at a scale-in, and for the new workers of a deployment. Darkroom's workers drain only
	// if they are really being replaced.
	DrainsWhenBlocked bool
	Linger            time.Duration // how long the protection outlasts the last message; negative means no protection
}

func (w Worker) validate() error {
	switch {
	case w.Processors < 1 || w.Slots < 1 || w.MaxReceives < 1:
		return fmt.Errorf("worker: processors (%d), slots (%d) and receives (%d) must be at least 1", w.Processors, w.Slots, w.MaxReceives)
	case w.PhotoTime <= 0 || w.Spread < 0 || w.Transfer < 0 || w.Stall < 0:
		return fmt.Errorf("worker: photo time (%v) must be more than 0; spread (%v), transfer (%v) and stall (%v) must not be negative", w.PhotoTime, w.Spread, w.Transfer, w.Stall)
	case slices.ContainsFunc(w.Mix, func(k Kind) bool { return k.Share < 0 || k.Cost <= 0 }):
		return errors.New("worker: the shares of the mix must not be negative, and its costs must be more than 0")
	case w.Visibility <= 0 || w.DrainTimeout <= 0 || w.StopTimeout <= 0:
		return errors.New("worker: visibility timeout, drain timeout and stop timeout must be more than 0")
	}
	return nil
}

// Kind is a kind of photo, such as a format.
type Kind struct {
	Name  string
	Share float64 // fraction of the photos
	Cost  float64 // mean time to render one, as a multiple of a JPEG's
}

// MeanTime returns the mean time to render a photo of the mix.
func (w Worker) MeanTime() time.Duration {
	if len(w.Mix) == 0 {
		return w.PhotoTime
	}
	var cost, shares float64
	for _, k := range w.Mix {
		cost, shares = cost+k.Share*k.Cost, shares+k.Share
	}
	return time.Duration(float64(w.PhotoTime) * cost / shares)
}

// renderTime draws the time to render a photo.
func (w Worker) renderTime(r *rand.Rand) time.Duration {
	if len(w.Mix) > 0 {
		at := r.Float64()
		for _, k := range w.Mix {
			if at -= k.Share; at < 0 || k == w.Mix[len(w.Mix)-1] {
				w.PhotoTime = time.Duration(float64(w.PhotoTime) * k.Cost)
				break
			}
		}
	}
	if w.Spread == 0 {
		return w.PhotoTime
	}
	sigma := math.Sqrt(math.Log1p(w.Spread * w.Spread))
	return time.Duration(float64(w.PhotoTime) * math.Exp(sigma*r.NormFloat64()-sigma*sigma/2))
}

// current reports whether the task of an event still works on the photo, in the same try.
func (r *run) current(e event) bool {
	p := r.photos[e.photo]
	return p.task == e.task && p.receives == e.count
}

// transferred lets a photo wait for a processor of its task, or renders it.
func (r *run) transferred(e event) {
	if !r.current(e) {
		return
	}
	t := &r.fleet.tasks[e.task]
	if t.rendering == r.Worker.Processors {
		t.queued.push(e.photo)
		return
	}
	r.render(e.task, e.photo)
}

func (r *run) render(id, p int32) {
	t := &r.fleet.tasks[id]
	t.rendering++
	r.processors.change(r.now, 0, 1)
	took := r.Worker.renderTime(r.rand) + t.intake.debt
	t.intake.debt = 0
	r.schedule(r.now+took, event{kind: eventRendered, photo: p, task: id, count: r.photos[p].receives})
}

// rendered frees the processor of a photo, and puts its variants.
func (r *run) rendered(e event) {
	if !r.current(e) {
		return
	}
	t := &r.fleet.tasks[e.task]
	t.rendering--
	r.processors.change(r.now, 0, -1)
	if t.queued.n > 0 {
		r.render(e.task, t.queued.pop())
	}
	if r.Boards > 0 {
		if at := r.putVariants(); at > r.now {
			e.kind = eventStored
			r.schedule(at, e)
			return
		}
	}
	r.stored(e)
}

// stored ends the try of a photo whose variants and manifest are in S3.
func (r *run) stored(e event) {
	if !r.current(e) {
		return
	}
	if upload := r.Arrivals[e.photo]; upload >= r.WarmUp {
		r.result.latencies = append(r.result.latencies, latency{upload: upload, took: r.now - upload, wait: r.photos[e.photo].wait, board: r.board(e.photo)})
	}
	if r.photos[e.photo].group != nil { // else its event was counted when it took the short way
		r.fleet.tasks[e.task].deletes.add(r.now, 1)
	}
	r.freeSlot(e.task, e.photo, true)
}

// failed ends a try that failed.
func (r *run) failed(e event) {
	if !r.current(e) {
		return
	}
	dead := int(e.count) >= r.Worker.MaxReceives
	if dead {
		r.result.DeadLetters++
	} else {
		r.fly(e.photo, 1) // hidden until its retry
		r.schedule(r.now+retryAfter(e.count), event{kind: eventVisible, photo: e.photo, count: wasInFlight})
	}
	r.freeSlot(e.task, e.photo, dead)
}

// freeSlot frees the slot of a photo, which has its outcome if settled.
func (r *run) freeSlot(id, p int32, settled bool) {
	t := &r.fleet.tasks[id]
	for i, held := range t.held {
		if held == p {
			t.held[i] = t.held[len(t.held)-1]
			t.held = t.held[:len(t.held)-1]
			break
		}
	}
	r.photos[p].task = -1
	r.fly(p, -1)
	if settled {
		r.unsettled--
		r.result.Settled = r.now
		if g := r.photos[p].group; g != nil {
			r.queue.Leave(g)
		}
	}
	if len(t.held) == 0 {
		t.idleSince = r.now
	}
	switch {
	case t.state == draining && len(t.held) == 0:
		r.taskStopped(id)
	case t.state == running:
		r.fleet.free.add(id)
		if len(t.held) == 0 && (t.leaving || r.fleet.excess() || t.revision != r.fleet.revision) {
			r.schedule(r.now+max(0, r.Worker.Linger), event{kind: eventUnprotected, task: id})
		}
		r.dispatch()
	}
}
