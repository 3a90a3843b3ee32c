package pool

import (
	"darkroom/worker/internal/queue"

	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// leaseMost is how long SQS lets a lease be extended, from its receive:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
const leaseMost = 12 * time.Hour

// lease is the pool's hold on a message. leases.mu guards it.
type lease struct {
	until   time.Time     // when it ends, by this machine's clock
	most    time.Time     // when the queue ends it at the latest
	next    time.Time     // when it is to be extended
	inAir   chan struct{} // not nil while an extension is in the air, and closed when that is over
	claimed bool          // somebody settles the message
	stopped bool          // it is not extended any more
}

// leases are the leases on all messages in hand, and which of their handlers run.
type leases struct {
	visibility time.Duration
	batch      int
	lost       func(j *job) // counts a job whose lease was lost while it ran
	busy       func(bool)

	mu      sync.Mutex
	held    map[*job]struct{}
	empty   chan struct{}     // closed when held is empty; nil if nobody waits
	running map[*job]struct{} // whose handler has been called and has not returned, whether the lease is held or not
}

func (l *leases) init(cfg Config, limits queue.Limits) {
	l.batch = limits.Batch
	l.visibility, l.busy = cfg.Visibility, cfg.Busy
	l.held, l.running = map[*job]struct{}{}, map[*job]struct{}{}
	l.lost = func(j *job) {
		cfg.Metrics.leaseLosses.Inc()
		cfg.Log.Warn("lease lost", "message", j.ID, "receives", j.ReceiveCount)
	}
}

// beat is how long after an extension the next one is due.
func (l *leases) beat() time.Duration { return l.visibility / 3 }

// hold begins a lease. Its 12 hours count from the beginning of the receive, or a little earlier to be safe: the
// queue began the lease later than that.
func (l *leases) hold(j *job, asked time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	j.lease = lease{until: j.Received.Add(l.visibility), most: asked.Add(leaseMost - callTimeout - time.Second), next: j.Received.Add(l.beat())}
	l.held[j] = struct{}{}
	if len(l.held) == 1 {
		l.busy(true)
	}
}

// forget ends a lease whose message is settled.
func (l *leases) forget(j *job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.held[j]; !ok {
		return
	}
	delete(l.held, j)
	if len(l.held) == 0 {
		l.busy(false)
		if l.empty != nil {
			close(l.empty)
			l.empty = nil
		}
	}
}

// none returns a channel that is closed when no message is in hand.
func (l *leases) none() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.held) == 0 {
		c := make(chan struct{})
		close(c)
		return c
	}
	if l.empty == nil {
		l.empty = make(chan struct{})
	}
	return l.empty
}

// claim reports whether the caller is the one to settle the message. A lease that was lost can still be claimed.
func (l *leases) claim(j *job) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := !j.lease.claimed
	j.lease.claimed = true
	return first
}

// stop ends the extensions of a lease and waits for one in the air, so that none comes after.
func (l *leases) stop(ctx context.Context, j *job) {
	l.mu.Lock()
	j.lease.stopped = true
	inAir := j.lease.inAir
	l.mu.Unlock()
	if inAir == nil {
		return
	}
	select {
	case <-inAir:
	case <-ctx.Done():
	}
}

// unclaimed returns the jobs that nobody settles yet, and claims them.
func (l *leases) unclaimed() []*job {
	l.mu.Lock()
	defer l.mu.Unlock()
	var jobs []*job
	for j := range l.held {
		if !j.lease.claimed {
			j.lease.claimed = true
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// runs and ran say when a job's handler is called and when the job no longer waits for it.
func (l *leases) runs(j *job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	j.started = time.Now()
	l.running[j] = struct{}{}
}

func (l *leases) ran(j *job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, j)
}

// room returns how long from now the queue lets a lease last.
func (l *leases) room(j *job, now time.Time) time.Duration { return max(0, j.lease.most.Sub(now)) }

// lose ends a lease that is no longer ours, and with it the handler. That of a message whose delete is under way is
// lost because it is deleted.
func (l *leases) lose(j *job) {
	if j.lease.stopped {
		return
	}
	j.lease.stopped = true
	if !j.lease.claimed {
		l.lost(j)
		j.cancel(queue.ErrNotInFlight)
	}
}

// due returns the extensions to be made now, in batches, and marks them as in the air. Leases that have ended by the
// clock are lost.
func (l *leases) due(now time.Time) [][]*job {
	l.mu.Lock()
	defer l.mu.Unlock()
	var due, soon []*job
	for j := range l.held {
		switch {
		case j.lease.stopped:
		case !now.Before(j.lease.until):
			l.lose(j)
		case j.lease.inAir != nil:
		case !now.Before(j.lease.next):
			due = append(due, j)
		case j.lease.next.Sub(now) <= l.beat()/2:
			soon = append(soon, j)
		}
	}
	if len(due) == 0 {
		return nil
	}
	// Those that are due soon come along, so that extensions gather in full batches.
	all := append(due, soon...)
	slices.SortFunc(all, func(a, b *job) int {
		return cmp.Or(a.lease.next.Compare(b.lease.next), cmp.Compare(a.ID, b.ID))
	})
	for _, j := range all {
		j.lease.inAir = make(chan struct{})
	}
	return slices.Collect(slices.Chunk(all, l.batch))
}

// extended records what became of an extension that was sent at now.
func (l *leases) extended(j *job, timeout time.Duration, now time.Time, err error, lost bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(j.lease.inAir)
	j.lease.inAir = nil
	switch {
	case lost:
		l.lose(j)
	case err != nil:
		j.lease.next = time.Now().Add(l.beat() / 4)
	default:
		j.lease.until, j.lease.next = now.Add(timeout), now.Add(l.beat())
	}
}

// count returns how many messages are in hand.
func (l *leases) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.held)
}

// oldest returns how long the oldest message has been in hand.
func (l *leases) oldest() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var age time.Duration
	for j := range l.held {
		age = max(age, time.Since(j.Received))
	}
	return age
}

// stuck returns a job whose handler has not returned for longer than most, or nil.
func (l *leases) stuck(most time.Duration) *job {
	l.mu.Lock()
	defer l.mu.Unlock()
	for j := range l.running {
		if time.Since(j.started) > most {
			return j
		}
	}
	return nil
}
