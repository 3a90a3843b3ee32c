package pool

import (
	"context"
	"sync"
	"time"

	"darkroom/worker/internal/queue"
)

// receiveMargin is how long a receive may take beyond its wait. Without it, a connection that died silently would block
// the only receive for ever.
const receiveMargin = 10 * time.Second

// poll is one receive.
type poll struct {
	slots int // slots that it has reserved
	begun time.Time
	due   time.Time // when it must have returned

	messages []queue.Message
	err      error
}

// intake receives messages and starts their deliveries until the run ends. Then it waits for the receives in progress
// and releases the messages that they return.
//
// An idle pool has one receive in progress. A receive that brings at least half of what it asked for raises the number
// of receives by one, up to enough for all slots; an empty one sets it back to one. Every receive first reserves the
// slots that it asks for, so that no message comes without a slot.
func (p *Pool) intake(ph phases) {
	var (
		polls    = map[*poll]struct{}{} // in progress
		returned = make(chan *poll, p.maxPolls)
		target   = 1 // receives to have in progress
		failures = 0
		resume   <-chan time.Time // not nil while receives pause after a failure
		stop     = ph.running.Done()
		turn     = time.NewTicker(turnInterval)
	)
	defer turn.Stop()
	for ph.running.Err() == nil || len(polls) > 0 {
		if !overdue(polls) {
			p.health.intake.turn()
		}
		for ph.running.Err() == nil && resume == nil && len(polls) < target {
			n := p.reserveSlots(p.allowance(len(polls)))
			if n == 0 {
				break
			}
			wait := p.cfg.PollWait
			if len(polls) > 0 || p.health.receiveError() != nil {
				wait = p.limits.MinWait // short for the first receive too, to learn soon whether the queue answers
			}
			r := &poll{slots: n, begun: time.Now(), due: time.Now().Add(wait + receiveMargin)}
			polls[r] = struct{}{}
			go func() {
				p.receive(ph.working, r, wait)
				returned <- r
			}()
		}
		select {
		case <-stop:
			stop = nil
		case <-turn.C:
		case <-p.wake:
		case <-resume:
			resume = nil
		case r := <-returned:
			delete(polls, r)
			p.freeSlots(r.slots - len(r.messages))
			switch got := len(r.messages); {
			case r.err != nil && ph.working.Err() != nil: // the drain cancelled it
			case r.err != nil:
				target = 1
				if resume == nil {
					failures++
					pause := backoff(failures, time.Second, 30*time.Second)
					resume = time.After(pause)
					p.cfg.Log.Error("receive failed", "error", r.err, "pause", pause.String())
				}
				p.health.received(r.err)
				continue
			case got == 0:
				target = 1
			case 2*got >= r.slots:
				target = min(target+1, p.maxPolls)
			}
			failures = 0
			p.health.received(nil)
			p.lending.idle.Store(len(r.messages) == 0)
			p.startDeliveries(ph, r)
		}
	}
}

// overdue reports whether a receive has not returned although its context has ended.
func overdue(polls map[*poll]struct{}) bool {
	for r := range polls {
		if time.Since(r.due) > turnInterval {
			return true
		}
	}
	return false
}

// receive makes one receive.
func (p *Pool) receive(ctx context.Context, r *poll, wait time.Duration) {
	ctx, cancel := context.WithDeadline(ctx, r.due)
	defer cancel()
	r.messages, r.err = p.queue.Receive(ctx, r.slots, wait, p.cfg.Visibility)
}

// startDeliveries starts a delivery, with one of the receive's slots, for each message that it brought. A message that
// comes while the pool drains is released.
func (p *Pool) startDeliveries(ph phases, r *poll) {
	if len(r.messages) == 0 {
		return
	}
	p.cfg.Metrics.received.Add(float64(len(r.messages)))
	draining := ph.running.Err() != nil
	for _, m := range r.messages {
		p.cfg.Metrics.observeWait(m, p.noise.Note(m.Group))
		d := p.newDelivery(ph, m, r.begun)
		p.deliveries.Go(func() {
			freeSlot := sync.OnceFunc(func() { p.freeSlots(1) })
			defer freeSlot()
			if draining {
				p.settle(ph, d, ErrDrained, ErrDrained)
				return
			}
			p.work(ph, d, freeSlot)
		})
	}
}

// allowance returns how many messages the next receive may ask for while this many others are in progress.
func (p *Pool) allowance(polls int) int {
	switch {
	case p.proof.cause() != nil:
		return 0
	case p.breaker.isOpen():
		if polls == 0 && p.breaker.takeSample() {
			return 1
		}
		return 0
	case p.strangers.cause() != nil:
		if polls == 0 && p.strangers.takeSample() {
			return 1
		}
		return 0
	}
	return p.limits.Batch
}

// reserveSlots takes as many free slots as a receive of at most that many messages can fill. While the queue has no
// messages, it leaves the slots free that [Pool.Lend] may lend.
func (p *Pool) reserveSlots(most int) int {
	for {
		free := p.free.Load()
		n := min(max(int(free)-p.lending.reserved(), min(int(free), 1)), most)
		if p.free.CompareAndSwap(free, free-int32(n)) {
			return n
		}
	}
}

// freeSlots returns n slots.
func (p *Pool) freeSlots(n int) {
	if n > 0 {
		p.free.Add(int32(n))
		p.wakeIntake()
	}
}
