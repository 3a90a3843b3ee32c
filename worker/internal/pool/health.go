package pool

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// turnEvery is how often a loop makes a turn at least, whether there is something to do or not.
	turnEvery = 5 * time.Second
	// turnMost is how long a loop that makes none is still taken for a live one.
	turnMost = 30 * time.Second
	// stuckAfter is how long after its deadline a handler is still taken for one that is about to return.
	stuckAfter = 30 * time.Second
)

var (
	errStarting = errors.New("nothing received yet")
	errDraining = errors.New("draining")
)

// health is what a run tells of itself.
type health struct {
	intake, heartbeat loop

	mu       sync.Mutex
	running  bool
	draining bool
	receive  error // of the last receive
}

// loop is the time of a loop's last turn, in Unix nanoseconds.
type loop struct{ last atomic.Int64 }

func (l *loop) turn() { l.last.Store(time.Now().UnixNano()) }

func (l *loop) age() time.Duration { return time.Since(time.Unix(0, l.last.Load())) }

func (h *health) begin() {
	h.intake.turn()
	h.heartbeat.turn()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running, h.receive = true, errStarting
}

func (h *health) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running = false
}

func (h *health) drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
}

func (h *health) received(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.receive = err
}

// receiving returns nil if the last receive succeeded.
func (h *health) receiving() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.receive
}

// Healthy reports whether the pool makes progress. An error names what does not: a job whose handler has not returned
// although its deadline is over for 30 s, or a loop that has stood still for 30 s. Nothing but a new process helps
// then. A pool that waits, for messages or for the breaker, is healthy.
func (p *Pool) Healthy() error {
	p.health.mu.Lock()
	running := p.health.running
	p.health.mu.Unlock()
	if !running {
		return nil
	}
	if j := p.leases.stuck(p.cfg.JobTimeout + stuckAfter); j != nil {
		return fmt.Errorf("message %s: its handler has not returned %v after the job timeout", j.ID, stuckAfter)
	}
	if age := p.health.intake.age(); age > turnMost {
		return fmt.Errorf("the intake has stood still for %v", age.Round(time.Second))
	}
	if age := p.health.heartbeat.age(); age > turnMost {
		return fmt.Errorf("the heartbeat has stood still for %v", age.Round(time.Second))
	}
	return nil
}

// Ready reports whether the pool takes new work. An error says why it does not: it drains, its last receive failed or
// is yet to come, or the breaker is open.
func (p *Pool) Ready() error {
	p.health.mu.Lock()
	running, draining, receive := p.health.running, p.health.draining, p.health.receive
	p.health.mu.Unlock()
	switch {
	case draining:
		return errDraining
	case !running:
		return errStarting
	case receive != nil:
		return fmt.Errorf("not receiving from the queue: %w", receive)
	}
	if err := p.breaker.cause(); err != nil {
		return fmt.Errorf("the breaker is open: %w", err)
	}
	return nil
}
