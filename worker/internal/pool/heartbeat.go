package pool

import (
	"darkroom/worker/internal/queue"

	"context"
	"errors"
	"sync"
	"time"
)

// heartbeat extends the leases on all messages in hand, in batches, until the last is settled. It does not wait for
// an extension in the air: a lease that ends meanwhile is noticed all the same.
func (p *Pool) heartbeat(ph phases) {
	var calls sync.WaitGroup
	defer calls.Wait()
	tick := time.NewTicker(min(time.Second, p.cfg.Visibility/12))
	defer tick.Stop()
	for {
		p.health.heartbeat.turn()
		for _, batch := range p.leases.due(time.Now()) {
			calls.Go(func() { p.extend(ph, batch) })
		}
		select {
		case <-p.finished:
			return
		case <-tick.C:
		}
	}
}

// extend extends up to BatchMax leases.
func (p *Pool) extend(ph phases, batch []*job) {
	ctx, cancel := context.WithTimeout(ph.calls, callTimeout)
	defer cancel()
	now := time.Now()
	changes := make([]queue.VisibilityChange, len(batch))
	for i, j := range batch {
		changes[i] = queue.VisibilityChange{Message: j.Message, Timeout: min(p.cfg.Visibility, p.leases.room(j, now))}
	}
	var failed error
	errs := p.queue.SetVisibility(ctx, changes)
	for i, j := range batch {
		lost := errors.Is(errs[i], queue.ErrNotInFlight)
		p.leases.extended(j, changes[i].Timeout, now, errs[i], lost)
		if errs[i] != nil && !lost {
			failed = errs[i]
		}
	}
	if failed != nil {
		// It is tried again until the leases end by the clock.
		p.cfg.Log.Warn("leases not extended", "messages", len(batch), "error", failed)
	}
}
