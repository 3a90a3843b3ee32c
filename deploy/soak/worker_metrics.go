package main

import (
	"context"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"

	"darkroom/deploy/testkit/scrape"
	"darkroom/worker/wait"
)

// Metrics of a worker that are read.
const (
	goroutines = "go_goroutines"
	resident   = "process_resident_memory_bytes"
	slotsBusy  = "darkroom_slots_busy"
	routesBusy = "darkroom_intake_slots_busy"
	cpuSeconds = "process_cpu_seconds_total"
)

// gauges returns a worker's gauges and counters that have no labels.
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

// processes is the resource use of the workers.
type processes struct {
	peak float64 // highest resident memory of a worker in bytes
	idle float64 // most goroutines of a worker before the load
	left float64 // most goroutines of a worker after all work was done
}

// leakMargin is how many more goroutines a worker may have after the load than before. An idle connection has two
// goroutines. With eight slots there are up to five connections to S3 per slot, because the variants of a photo are
// uploaded at once, and ten to SQS. A few more serve the metrics. A leak of one goroutine per photo is far above the
// margin.
const leakMargin = 2*(8*5+10) + 8

// watch reads the workers' memory every second until ctx ends.
func (p *processes) watch(ctx context.Context, workers []string) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		for _, w := range workers {
			// A worker that was just killed does not answer.
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

// settleTime is how long the last goroutines may take to end.
const settleTime = 15 * time.Second

// settled waits up to settleTime until no worker has more goroutines than limit, and returns the most that a worker
// has.
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

// most returns the highest value of a metric among the workers.
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
