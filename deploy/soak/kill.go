package main

import (
	"context"
	"sync"
	"time"

	"darkroom/deploy/wait"
)

// killer kills workers at the planned moments.
type killer struct {
	handled func(context.Context) int // number of photos processed so far
	workers []string                  // URLs of the metrics
	kill    func(worker int)

	mu          sync.Mutex
	kills       int
	interrupted int // messages that the killed workers were processing
}

// patience is how long a kill waits for a busy worker.
const patience = 3 * time.Second

// run kills a worker whenever the number of processed photos exceeds the next moment. It prefers a busy worker, because a
// kill should interrupt work.
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

// count returns the number of kills, and of the messages that they interrupted.
func (k *killer) count() (kills, interrupted int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kills, k.interrupted
}
