package main

import (
	"context"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"

	"darkroom/deploy/testkit/scrape"
	"darkroom/deploy/testkit/wait"
)

// Metrics of a worker that are looked at.
const (
	goroutines = "go_goroutines"
	resident   = "process_resident_memory_bytes"
	slotsBusy  = "darkroom_slots_busy"
	cpuSeconds = "process_cpu_seconds_total"
)

// gauges returns the gauges and counters without labels of a worker.
func gauges(ctx context.Context, worker string) (map[string]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	families, err := scrape.Families(ctx, http.DefaultClient, worker)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for name, f := range families {
		if len(f.Metric) != 1 || len(f.Metric[0].Label) > 0 {
			continue
		}
		switch f.GetType() {
		case dto.MetricType_GAUGE:
			values[name] = f.Metric[0].Gauge.GetValue()
		case dto.MetricType_COUNTER:
			values[name] = f.Metric[0].Counter.GetValue()
		}
	}
	return values, nil
}

// processes is what the workers' processes used.
type processes struct {
	peak float64 // bytes, the most that one of them was seen with
	idle float64 // goroutines of one before it had work, the most of all
	left float64 // goroutines of one when all work was done, the most of all
}

// leakMargin is how many goroutines more than before a worker may have when all is done: the connections that are kept for
// the next request, of two goroutines each. With eight slots there are up to five to S3 for each slot, for the variants of
// a photo are sent at once, and ten to SQS; and one more that serves the question. A leak of one a photo is far above it.
const leakMargin = 2*(8*5+10) + 8

// watch looks at the workers every second until ctx ends.
func (p *processes) watch(ctx context.Context, workers []string) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		for _, w := range workers {
			// One that was just killed does not answer.
			if v, err := gauges(ctx, w); err == nil {
				p.peak = max(p.peak, v[resident])
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// settleTime is how long goroutines of the last work may take to end.
const settleTime = 15 * time.Second

// settled waits until every worker has as few goroutines as an idle one, and returns the most that one has if it does not.
func settled(ctx context.Context, workers []string, limit float64) (float64, error) {
	deadline := time.Now().Add(settleTime)
	for {
		most, err := most(ctx, workers, goroutines)
		if err == nil && most <= limit || time.Now().After(deadline) {
			return most, err
		}
		if err := wait.For(ctx, 250*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

// most returns the greatest value of a metric among the workers.
func most(ctx context.Context, workers []string, metric string) (most float64, err error) {
	for _, w := range workers {
		v, err := gauges(ctx, w)
		if err != nil {
			return 0, err
		}
		most = max(most, v[metric])
	}
	return most, nil
}
