package pool

import (
	"darkroom/worker/internal/queue"

	"context"
	"time"
)

// Waits of a receive, beside the poll wait.
const (
	// shortWait is that of all polls but the one of an idle pool. SQS looks at all of its servers only for a receive
	// that waits, and at a sample of them otherwise:
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
	shortWait = time.Second
	// receiveMargin is how long a receive may take beyond its wait. A connection that has died in silence would
	// hold the only poll for ever.
	receiveMargin = 10 * time.Second
)

// poll is a receive in the air.
type poll struct {
	slots int // that it has taken
	begun time.Time
	due   time.Time // when it must be back

	messages []queue.Message
	err      error
}

// intake receives messages and starts their jobs until run ends. Then it waits for the polls in the air and releases
// what they bring.
//
// An idle pool has one poll in the air. One that brings half of what it asked for lets one more be in the air at a
// time, up to one for ten slots, and an empty one sets that back to one. Every poll takes the slots that it asks for
// beforehand, so that there is never a message without one.
func (p *Pool) intake(ph phases) {
	var (
		inAir    = map[*poll]struct{}{}
		back     = make(chan *poll, p.pollers)
		target   = 1
		failures = 0
		resume   <-chan time.Time // not nil while receives pause after a failure
		stop     = ph.run.Done()
		turn     = time.NewTicker(turnEvery)
	)
	defer turn.Stop()
	for ph.run.Err() == nil || len(inAir) > 0 {
		if !overdue(inAir) {
			p.health.intake.turn()
		}
		for ph.run.Err() == nil && resume == nil && len(inAir) < target && !p.breaker.isOpen() {
			n := p.takeSlots()
			if n == 0 {
				break
			}
			wait := p.cfg.PollWait
			if len(inAir) > 0 || p.health.receiving() != nil {
				wait = min(wait, shortWait) // and at the start, so that it is soon known whether the queue answers
			}
			a := &poll{slots: n, begun: time.Now(), due: time.Now().Add(wait + receiveMargin)}
			inAir[a] = struct{}{}
			go func() {
				p.receive(ph.work, a, wait)
				back <- a
			}()
		}
		select {
		case <-stop:
			stop = nil
		case <-turn.C:
		case <-p.wake:
		case <-resume:
			resume = nil
		case a := <-back:
			delete(inAir, a)
			p.giveSlots(a.slots - len(a.messages))
			switch got := len(a.messages); {
			case a.err != nil && ph.work.Err() != nil: // it was cut off
			case a.err != nil:
				target = 1
				if resume == nil {
					failures++
					pause := backoff(failures, time.Second, 30*time.Second)
					resume = time.After(pause)
					p.cfg.Log.Error("receive failed", "error", a.err, "pause", pause.String())
				}
				p.health.received(a.err)
				continue
			case got == 0:
				target = 1
			case 2*got >= a.slots:
				target = min(target+1, p.pollers)
			}
			failures = 0
			p.health.received(nil)
			p.take(ph, a)
		}
	}
}

// overdue reports whether a poll has not come back although its context has ended.
func overdue(inAir map[*poll]struct{}) bool {
	for a := range inAir {
		if time.Since(a.due) > turnEvery {
			return true
		}
	}
	return false
}

// receive makes one receive.
func (p *Pool) receive(ctx context.Context, a *poll, wait time.Duration) {
	ctx, cancel := context.WithDeadline(ctx, a.due)
	defer cancel()
	a.messages, a.err = p.queue.Receive(ctx, a.slots, wait, p.cfg.Visibility)
}

// take starts the jobs of what a poll brought, each with one of its slots. What comes while draining is released.
func (p *Pool) take(ph phases, a *poll) {
	if len(a.messages) == 0 {
		return
	}
	p.cfg.Metrics.received.Add(float64(len(a.messages)))
	draining := ph.run.Err() != nil
	for _, m := range a.messages {
		p.cfg.Metrics.waited(m)
		j := p.newJob(ph, m, a.begun)
		p.jobs.Go(func() {
			defer p.giveSlots(1)
			if draining {
				p.settle(ph, j, ErrDrained, ErrDrained)
				return
			}
			p.work(ph, j)
		})
	}
}

// takeSlots takes as many free slots as one receive can fill.
func (p *Pool) takeSlots() int {
	n := min(int(p.free.Load()), p.queue.Limits().Batch)
	p.free.Add(int32(-n))
	return n
}

// giveSlots gives slots back.
func (p *Pool) giveSlots(n int) {
	if n > 0 {
		p.free.Add(int32(n))
		p.poke()
	}
}
