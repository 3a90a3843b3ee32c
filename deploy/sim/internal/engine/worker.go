package engine

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Worker is what one task does.
type Worker struct {
	Processors   int           // photos rendered at once
	Slots        int           // messages in hand at once
	PhotoTime    time.Duration // of one photo on one processor, on the average
	Spread       float64       // standard deviation of that, as a part of it; it is lognormal
	Transfer     time.Duration // download and uploads of a photo, which need no processor
	Stall        time.Duration // a try of a message that fails
	MaxReceives  int           // after which a message goes to the dead-letter queue
	Visibility   time.Duration // until a killed worker's messages come back
	DrainTimeout time.Duration // from SIGTERM until unfinished messages are given back
	StopTimeout  time.Duration // from SIGTERM to SIGKILL
	Linger       time.Duration // for which the protection outlasts the last message; negative: no protection
}

func (w Worker) validate() error {
	switch {
	case w.Processors < 1 || w.Slots < 1 || w.MaxReceives < 1:
		return fmt.Errorf("a worker of %d processors, %d slots and %d receives", w.Processors, w.Slots, w.MaxReceives)
	case w.PhotoTime <= 0 || w.Spread < 0 || w.Transfer < 0 || w.Stall < 0:
		return fmt.Errorf("%v (spread %v) and %v for a photo, %v for one that fails", w.PhotoTime, w.Spread, w.Transfer, w.Stall)
	case w.Visibility <= 0 || w.DrainTimeout <= 0 || w.StopTimeout <= 0:
		return errors.New("visibility, drain timeout and stop timeout have to be more than nothing")
	}
	return nil
}

// draw is how long a photo is rendered.
func (w Worker) draw(r *rand.Rand) time.Duration {
	if w.Spread == 0 {
		return w.PhotoTime
	}
	sigma := math.Sqrt(math.Log1p(w.Spread * w.Spread))
	return time.Duration(float64(w.PhotoTime) * math.Exp(sigma*r.NormFloat64()-sigma*sigma/2))
}

// current reports whether the photo of an event is still in the hand and the try that it is about.
func (r *run) current(e event) bool {
	p := r.photos[e.photo]
	return p.task == e.task && p.receives == e.count
}

// moved puts a photo in line for a processor of its task.
func (r *run) moved(e event) {
	if !r.current(e) {
		return
	}
	t := &r.fleet.tasks[e.task]
	if t.rendering == r.Worker.Processors {
		t.line.push(e.photo)
		return
	}
	r.render(e.task, e.photo)
}

func (r *run) render(id, p int32) {
	r.fleet.tasks[id].rendering++
	r.at(r.now+r.Worker.draw(r.rand), event{kind: rendered, photo: p, task: id, count: r.photos[p].receives})
}

// rendered is the end of a photo that has its outcome.
func (r *run) rendered(e event) {
	if !r.current(e) {
		return
	}
	t := &r.fleet.tasks[e.task]
	t.rendering--
	if t.line.n > 0 {
		r.render(e.task, t.line.pop())
	}
	if upload := r.Arrivals[e.photo]; upload >= r.Warm {
		r.result.latencies = append(r.result.latencies, latency{upload, r.now - upload})
	}
	r.settled()
	r.release(e.task, e.photo)
}

// failed is the end of a try that failed.
func (r *run) failed(e event) {
	if !r.current(e) {
		return
	}
	if int(e.count) >= r.Worker.MaxReceives {
		r.result.DeadLetters++
		r.settled()
	} else {
		r.queue.inFlight++ // hidden until its next try
		r.at(r.now+retryAfter(e.count), event{kind: visible, photo: e.photo, count: again})
	}
	r.release(e.task, e.photo)
}

func (r *run) settled() {
	r.open--
	r.result.Settled = r.now
}

// release frees the slot of a photo.
func (r *run) release(id, p int32) {
	t := &r.fleet.tasks[id]
	for i, held := range t.held {
		if held == p {
			t.held[i] = t.held[len(t.held)-1]
			t.held = t.held[:len(t.held)-1]
			break
		}
	}
	r.photos[p].task = -1
	r.queue.inFlight--
	if len(t.held) == 0 {
		t.idleSince = r.now
	}
	switch {
	case t.state == draining && len(t.held) == 0:
		r.stopped(id)
	case t.state == running:
		r.fleet.freed(id)
		if len(t.held) == 0 && r.fleet.excess() {
			r.at(r.now+max(0, r.Worker.Linger), event{kind: unprotected, task: id, count: t.busy})
		}
		r.dispatch()
	}
}
