package pool

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// turnInterval is the longest time between two turns of a loop, even if there is nothing to do.
	turnInterval = 5 * time.Second
	// maxTurnAge is the longest time without a turn in which a loop counts as alive.
	maxTurnAge = 30 * time.Second
	// returnGrace is how long after its deadline a handler may take to return.
	returnGrace = 30 * time.Second
)

var (
	errStarting = errors.New("nothing received yet")
	errDraining = errors.New("draining")
)

// health is the state of a run that health checks report.
type health struct {
	intake, extending loop

	mu       sync.Mutex
	running  bool
	draining bool
	receive  error // error of the last receive
}

// loop is the time of a loop's last turn, in Unix nanoseconds.
type loop struct{ last atomic.Int64 }

func (l *loop) turn() { l.last.Store(time.Now().UnixNano()) }

func (l *loop) age() time.Duration { return time.Since(time.Unix(0, l.last.Load())) }

func (h *health) begin() {
	h.intake.turn()
	h.extending.turn()
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

// receiveError returns the error of the last receive, or nil if it succeeded.
func (h *health) receiveError() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.receive
}

// Healthy reports whether the pool has started and makes progress. An error says what is wrong: [Config.Prove] has not
// succeeded yet, a handler has not returned 30 s after its deadline, or a loop has made no turn for 30 s. Then only a
// new process helps. A pool that has started and waits, for messages or for the end of an outage, is healthy.
func (p *Pool) Healthy() error {
	if err := p.proof.pending(); err != nil {
		return err
	}
	p.health.mu.Lock()
	running := p.health.running
	p.health.mu.Unlock()
	if !running {
		return nil
	}
	if d := p.inFlight.stuck(p.cfg.JobTimeout + returnGrace); d != nil {
		return fmt.Errorf("message %s: the handler has not returned %v after the job timeout", d.ID, returnGrace)
	}
	if age := p.health.intake.age(); age > maxTurnAge {
		return fmt.Errorf("the intake has made no progress for %v", age.Round(time.Second))
	}
	if age := p.health.extending.age(); age > maxTurnAge {
		return fmt.Errorf("the extension of visibility timeouts has made no progress for %v", age.Round(time.Second))
	}
	return nil
}

// Ready reports whether the pool takes new messages. An error says why it does not: it drains, [Config.Prove] fails,
// its last receive failed, the first receive has not returned, the breaker is open, or no message so far was for this
// consumer.
func (p *Pool) Ready() error {
	p.health.mu.Lock()
	running, draining, receive := p.health.running, p.health.draining, p.health.receive
	p.health.mu.Unlock()
	switch {
	case draining:
		return errDraining
	case !running:
		return errStarting
	}
	if err := p.proof.cause(); err != nil {
		return fmt.Errorf("no message is received until this works: %w", err)
	}
	if receive != nil {
		return fmt.Errorf("not receiving from the queue: %w", receive)
	}
	if err := p.breaker.cause(); err != nil {
		return fmt.Errorf("the breaker is open: %w", err)
	}
	if err := p.strangers.cause(); err != nil {
		return fmt.Errorf("no message so far is for this worker, check %s: %w", p.cfg.Settings, err)
	}
	return nil
}
