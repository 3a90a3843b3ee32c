package supervise

import (
	"context"
	"sync"
	"time"
)

// Kept is a child that is restarted whenever it ends, as a container service restarts its tasks.
type Kept struct {
	command Command
	restart func(err error, wait time.Duration)
	stop    context.CancelFunc
	done    chan struct{}

	mu      sync.Mutex
	process *Process
}

// The wait before a restart doubles from firstWait to lastWait. It starts again at firstWait for a child that ran
// longer than lastWait.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 10 * time.Second
)

// Keep starts the child, and restarts it after each end until [Kept.Stop]. Before a restart it calls restart with the
// reason and the wait. Keep returns only an error of the first start.
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

// Process returns the current child, or the last one.
func (k *Kept) Process() *Process {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.process
}

// Stop ends the restarts and stops the child: see [Process.Stop].
func (k *Kept) Stop(grace time.Duration) error {
	k.stop()
	<-k.done
	return k.Process().Stop(grace)
}
