package system

import (
	"context"
	"time"

	"darkroom/worker/wait"
)

// Processes has the resource use of the workers.
type Processes struct {
	Peak      float64 // highest resident memory of a worker in bytes
	BeforeRun float64 // highest number of goroutines of a worker before the load
	AfterRun  float64 // highest number of goroutines of a worker after all work was done
}

// LeakMargin is how many more goroutines a worker may have after the load than before. An idle connection has two
// goroutines. With eight slots there are up to five connections to S3 per slot, because the variants of a photo are
// uploaded at once, and ten to SQS. A few more serve the metrics. A leak of one goroutine per photo is far above the
// margin.
const LeakMargin = 2*(8*5+10) + 8

// Watch reads the workers' memory every second until ctx ends.
func (p *Processes) Watch(ctx context.Context, workers []string) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		for _, w := range workers {
			// A worker that was just killed does not respond.
			if v, err := ReadMetrics(ctx, w); err == nil {
				p.Peak = max(p.Peak, v[resident])
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// settleTime is how long the last goroutines may take to end.
const settleTime = 15 * time.Second

// WaitForGoroutines waits up to settleTime until no worker has more goroutines than limit. It returns the highest number
// that a worker has.
func WaitForGoroutines(ctx context.Context, workers []string, limit float64) (float64, error) {
	deadline := time.Now().Add(settleTime)
	for {
		most, err := HighestMetric(ctx, workers, Goroutines)
		if err == nil && most <= limit || time.Now().After(deadline) {
			return most, err
		}
		if err := wait.For(ctx, 250*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

// HighestMetric returns the highest value of a metric among the workers.
func HighestMetric(ctx context.Context, workers []string, metric string) (most float64, err error) {
	for _, w := range workers {
		v, err := ReadMetrics(ctx, w)
		if err != nil {
			return 0, err
		}
		most = max(most, v[metric])
	}
	return most, nil
}
