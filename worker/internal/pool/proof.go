package pool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"darkroom/worker/wait"
)

const (
	// After a failed proof, the next one follows after proofFirst. Each further pause doubles, up to proofMost.
	proofFirst   = time.Second
	proofMost    = 30 * time.Second
	proofTimeout = 15 * time.Second
)

var errNotProven = errors.New("the settings have not been tried yet")

// proof keeps a pool from receiving until its settings and permissions are known to work. Receiving a message with a
// wrong setting costs it one of its receives, or its place in the queue.
//
// The first proof takes place before the first receive. Later a call to the queue that fails although receives succeed
// raises a doubt, and receives pause until the next proof succeeds.
type proof struct {
	prove func(context.Context) error
	log   *slog.Logger
	wake  func() // tells the intake that it may receive

	doubts chan struct{} // starts the loop again

	mu     sync.Mutex
	proven bool   // the first proof has succeeded
	why    error  // why no receive may start; nil while all is well
	round  *round // proofs since the start or since a doubt; nil while all is well
}

// round is a series of proofs that ends when one succeeds.
type round struct {
	over   chan struct{}
	failed bool // a proof of the series failed
}

func newProof(cfg Config, wake func()) *proof {
	return &proof{prove: cfg.Prove, log: cfg.Log, wake: wake, doubts: make(chan struct{}, 1), why: errNotProven,
		round: &round{over: make(chan struct{})}}
}

// loop proves the settings at the start and after every doubt, until running ends.
func (p *proof) loop(running context.Context) {
	for {
		for attempt := 1; !p.attempt(running, attempt); attempt++ {
			if running.Err() != nil {
				return
			}
		}
		select {
		case <-p.doubts:
		case <-running.Done():
			return
		}
	}
}

// attempt proves the settings once and reports whether they work. If they do not, it pauses.
func (p *proof) attempt(running context.Context, attempt int) bool {
	ctx, cancel := context.WithTimeout(running, proofTimeout)
	err := p.prove(ctx)
	cancel()
	if running.Err() != nil {
		return false
	}
	if err != nil {
		pause := backoff(attempt, proofFirst, proofMost)
		p.log.Error("no message is received until this works", "error", err, "pause", pause.String())
		p.mu.Lock()
		p.why, p.round.failed = err, true
		p.mu.Unlock()
		_ = wait.For(running, pause) // an ended context is noticed by what follows
		return false
	}
	p.mu.Lock()
	recovered := p.round.failed
	close(p.round.over)
	p.proven, p.why, p.round = true, nil, nil
	p.mu.Unlock()
	if recovered {
		p.log.Info("queue and storage work now, messages are received")
	}
	p.wake()
	return true
}

// doubt makes receives pause until the settings are proven again, because of err. It does not wait for that.
func (p *proof) doubt(err error) *round {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.round == nil {
		p.why, p.round = err, &round{over: make(chan struct{})}
		p.doubts <- struct{}{} // never blocks: the loop took the last value before it ended the last round
	}
	return p.round
}

// resolve raises a doubt and waits until the settings work. It reports whether they did not work at first, so that the
// call that failed with err is worth another attempt.
func (p *proof) resolve(running context.Context, err error) bool {
	r := p.doubt(err)
	select {
	case <-r.over:
		p.mu.Lock()
		defer p.mu.Unlock()
		return r.failed
	case <-running.Done():
		return false
	}
}

// cause returns why no receive may start, or nil.
func (p *proof) cause() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.why
}

// pending returns an error until the first proof has succeeded.
func (p *proof) pending() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proven {
		return nil
	}
	return fmt.Errorf("no message is received until this works: %w", p.why)
}
