package pool

import (
	"context"
	"errors"
	"sync"
	"time"

	"darkroom/worker/internal/queue"
)

// extendLoop extends the visibility timeouts of all messages in flight, in batches, until the last is settled. It does
// not wait for an extension in progress: it must also notice a visibility timeout that ends meanwhile.
func (p *Pool) extendLoop(ph phases) {
	var calls sync.WaitGroup
	defer calls.Wait()
	tick := time.NewTicker(min(time.Second, p.cfg.Visibility/12))
	defer tick.Stop()
	for {
		p.health.extending.turn()
		for _, batch := range p.inFlight.takeDue(time.Now()) {
			calls.Go(func() { p.extend(ph, batch) })
		}
		select {
		case <-p.finished:
			return
		case <-tick.C:
		}
	}
}

// extend extends the visibility timeouts of one batch.
func (p *Pool) extend(ph phases, batch []*delivery) {
	ctx, cancel := context.WithTimeout(ph.calling, callTimeout)
	defer cancel()
	now := time.Now()
	changes := make([]queue.VisibilityChange, len(batch))
	for i, d := range batch {
		changes[i] = queue.VisibilityChange{Message: d.Message, Timeout: min(p.cfg.Visibility, p.inFlight.remaining(d, now))}
	}
	var failed error
	errs := p.queue.SetVisibility(ctx, changes)
	for i, d := range batch {
		lost := errors.Is(errs[i], queue.ErrNotInFlight)
		p.inFlight.extended(d, changes[i].Timeout, now, errs[i], lost)
		if errs[i] != nil && !lost {
			failed = errs[i]
		}
	}
	if failed != nil {
		// The loop tries again until the visibility timeouts end by the clock.
		p.cfg.Log.Warn("visibility timeouts not extended", "messages", len(batch), "error", failed)
		p.proof.doubt(failed)
	}
}
