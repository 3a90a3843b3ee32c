package main

import (
	"context"
	"sync"
	"time"

	"darkroom/deploy/testkit/wait"
)

// killer kills workers at random moments.
type killer struct {
	handled func(context.Context) int // photos so far
	workers []string                  // addresses of metrics
	kill    func(worker int)

	mu          sync.Mutex
	kills       int
	interrupted int // messages that the workers had in hand
}

// patience is how long a kill waits for a worker that has work in hand.
const patience = 3 * time.Second

// run kills a worker each time that as many photos have been handled as the next of the moments says. It prefers one
// that has work in hand, since that is what a kill is to interrupt.
func (k *killer) run(ctx context.Context, moments []int) {
	for n, moment := range moments {
		for k.handled(ctx) <= moment {
			if wait.For(ctx, 50*time.Millisecond) != nil {
				return
			}
		}
		deadline := time.Now().Add(patience)
		for i := n; ; i++ {
			worker := i % len(k.workers)
			v, err := gauges(ctx, k.workers[worker])
			if err == nil && (v[slotsBusy] > 0 || time.Now().After(deadline)) {
				k.kill(worker)
				k.mu.Lock()
				k.kills++
				k.interrupted += int(v[slotsBusy])
				k.mu.Unlock()
				break
			}
			if wait.For(ctx, 20*time.Millisecond) != nil {
				return
			}
		}
	}
}

// count returns how many workers were killed, and how many messages those had in hand.
func (k *killer) count() (kills, interrupted int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kills, k.interrupted
}
