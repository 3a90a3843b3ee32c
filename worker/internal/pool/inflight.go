package pool

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"darkroom/worker/internal/queue"
)

// visibility is when a message becomes visible to others again. inFlight.mu guards it.
type visibility struct {
	until     time.Time     // end of the visibility timeout, by this machine's clock
	sure      time.Time     // earliest end of the visibility timeout: counted from before the call that set it
	limit     time.Time     // latest end that the queue allows
	next      time.Time     // when to extend it
	extending chan struct{} // not nil while an extension is in progress; closed when it ends
	claimed   bool          // somebody settles the message
	stopped   bool          // it is no longer extended
}

// inFlight holds the deliveries of all messages in flight, and those whose handler is running.
type inFlight struct {
	timeout time.Duration // visibility timeout
	max     time.Duration // longest visibility timeout that the queue allows
	batch   int           // most messages in one call
	lost    func(d *delivery)
	busy    func(bool)

	mu      sync.Mutex
	held    map[*delivery]struct{}
	empty   chan struct{}          // closed when held is empty; nil if nobody waits
	running map[*delivery]struct{} // the handler has been called and has not returned, whether the message is held or not
}

func newInFlight(cfg Config, limits queue.Limits) *inFlight {
	return &inFlight{
		timeout: cfg.Visibility, max: limits.MaxVisibility, batch: limits.Batch, busy: cfg.Busy,
		held: map[*delivery]struct{}{}, running: map[*delivery]struct{}{},
		lost: func(d *delivery) {
			cfg.Metrics.visibilityExpirations.Inc()
			cfg.Log.Warn("visibility timeout ended before the handler", "message", d.ID, "receives", d.ReceiveCount)
		},
	}
}

// interval is the time between two extensions.
func (f *inFlight) interval() time.Duration { return f.timeout / 3 }

// add begins to track a message. The queue's longest visibility timeout counts from the receive. The receive began at
// receiveBegun, so counting from there is safe.
func (f *inFlight) add(d *delivery, receiveBegun time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d.visibility = visibility{
		until: d.Received.Add(f.timeout), sure: receiveBegun.Add(f.timeout), next: d.Received.Add(f.interval()),
		limit: receiveBegun.Add(f.max - callTimeout - time.Second),
	}
	f.held[d] = struct{}{}
	if len(f.held) == 1 {
		f.busy(true)
	}
}

// remove stops tracking a settled message.
func (f *inFlight) remove(d *delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.held[d]; !ok {
		return
	}
	delete(f.held, d)
	if len(f.held) == 0 {
		f.busy(false)
		if f.empty != nil {
			close(f.empty)
			f.empty = nil
		}
	}
}

// emptied returns a channel that is closed when no message is in flight.
func (f *inFlight) emptied() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.held) == 0 {
		c := make(chan struct{})
		close(c)
		return c
	}
	if f.empty == nil {
		f.empty = make(chan struct{})
	}
	return f.empty
}

// claim reports whether the caller is the one to settle the message. A message that is no longer in flight can still be
// claimed.
func (f *inFlight) claim(d *delivery) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	first := !d.visibility.claimed
	d.visibility.claimed = true
	return first
}

// claimRest claims and returns the deliveries that nobody settles yet.
func (f *inFlight) claimRest() []*delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	var rest []*delivery
	for d := range f.held {
		if !d.visibility.claimed {
			d.visibility.claimed = true
			rest = append(rest, d)
		}
	}
	return rest
}

// stopExtending ends the extensions of a visibility timeout and waits for one in progress, so that none comes after.
func (f *inFlight) stopExtending(ctx context.Context, d *delivery) {
	f.mu.Lock()
	d.visibility.stopped = true
	extending := d.visibility.extending
	f.mu.Unlock()
	if extending == nil {
		return
	}
	select {
	case <-extending:
	case <-ctx.Done():
	}
}

// handlerStarted records that a message's handler is called.
func (f *inFlight) handlerStarted(d *delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d.started = time.Now()
	f.running[d] = struct{}{}
}

// handlerEnded records that a message's handler has returned.
func (f *inFlight) handlerEnded(d *delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.running, d)
}

// remaining returns how long from now the queue lets the message stay invisible.
func (f *inFlight) remaining(d *delivery, now time.Time) time.Duration {
	return max(0, d.visibility.limit.Sub(now))
}

// lose ends a delivery whose visibility timeout has ended, and cancels its handler. It leaves a delivery that is being
// settled alone: settling explains why the message is no longer in flight.
func (f *inFlight) lose(d *delivery) {
	if d.visibility.stopped {
		return
	}
	d.visibility.stopped = true
	if !d.visibility.claimed {
		f.lost(d)
		d.cancel(queue.ErrNotInFlight)
	}
}

// takeDue returns, in batches, the deliveries to extend now, and marks them as being extended. It ends those whose
// visibility timeout has ended by the clock.
func (f *inFlight) takeDue(now time.Time) [][]*delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	var due, soon []*delivery
	for d := range f.held {
		switch {
		case d.visibility.stopped:
		case !now.Before(d.visibility.until):
			f.lose(d)
		case d.visibility.extending != nil:
		case !now.Before(d.visibility.next):
			due = append(due, d)
		case d.visibility.next.Sub(now) <= f.interval()/2:
			soon = append(soon, d)
		}
	}
	if len(due) == 0 {
		return nil
	}
	// Deliveries that are due soon are included, so that batches fill up.
	all := append(due, soon...)
	slices.SortFunc(all, func(a, b *delivery) int {
		return cmp.Or(a.visibility.next.Compare(b.visibility.next), cmp.Compare(a.ID, b.ID))
	})
	for _, d := range all {
		d.visibility.extending = make(chan struct{})
	}
	return slices.Collect(slices.Chunk(all, f.batch))
}

// extended records the result of an extension by timeout that was sent at now. lost says that the message is no longer
// in flight.
func (f *inFlight) extended(d *delivery, timeout time.Duration, now time.Time, err error, lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(d.visibility.extending)
	d.visibility.extending = nil
	switch {
	case lost:
		f.lose(d)
	case err != nil:
		d.visibility.next = time.Now().Add(f.interval() / 4)
	default:
		d.visibility.until, d.visibility.next = now.Add(timeout), now.Add(f.interval())
		d.visibility.sure = d.visibility.until
	}
}

// count returns how many messages are in flight.
func (f *inFlight) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.held)
}

// oldest returns the time since the oldest message in flight was received.
func (f *inFlight) oldest() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	var age time.Duration
	for d := range f.held {
		age = max(age, time.Since(d.Received))
	}
	return age
}

// stuck returns a delivery whose handler has been running for longer than limit, or nil.
func (f *inFlight) stuck(limit time.Duration) *delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	for d := range f.running {
		if time.Since(d.started) > limit {
			return d
		}
	}
	return nil
}
