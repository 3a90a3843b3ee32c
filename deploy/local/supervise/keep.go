package supervise

import (
	"context"
	"sync"
	"time"
)

// Kept is a child that is started again whenever it ends, as a container service does with its tasks.
type Kept struct {
	command Command
	restart func(err error, wait time.Duration)
	stop    context.CancelFunc
	done    chan struct{}

	mu      sync.Mutex
	process *Process
}

// Bounds of the wait before a child is started again: it doubles from the first to the last, and begins anew for a
// child that has run for longer than the last.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 10 * time.Second
)

// Keep starts the child and, until [Kept.Stop], again after each end; restart is then told why it ended and how long
// the wait is. The error is that of the first start alone.
func Keep(c Command, restart func(err error, wait time.Duration)) (*Kept, error) {
	p, err := Start(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	k := &Kept{command: c, restart: restart, stop: cancel, done: make(chan struct{}), process: p}
	go func() {
		defer close(k.done)
		k.loop(ctx, p)
	}()
	return k, nil
}

func (k *Kept) loop(ctx context.Context, p *Process) {
	wait := firstWait
	for {
		started := time.Now()
		select {
		case <-ctx.Done():
			return
		case <-p.Done():
		}
		why := p.Err()
		if time.Since(started) > lastWait {
			wait = firstWait
		}
		for p = nil; p == nil; wait = min(2*wait, lastWait) {
			k.restart(why, wait)
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			p, why = Start(k.command)
		}
		k.mu.Lock()
		k.process = p
		k.mu.Unlock()
	}
}

// Process is the child as it is now, or as it was last.
func (k *Kept) Process() *Process {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.process
}

// Stop ends the child for good: see [Process.Stop].
func (k *Kept) Stop(grace time.Duration) error {
	k.stop()
	<-k.done
	return k.Process().Stop(grace)
}
