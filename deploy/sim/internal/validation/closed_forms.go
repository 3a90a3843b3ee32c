package validation

import (
	"context"
	"fmt"
	"time"

	"darkroom/deploy/sim/internal/arrivals"
	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/closedform"
	"darkroom/deploy/sim/internal/format"
	"darkroom/deploy/sim/internal/parallel"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/worker/plural"
	"darkroom/worker/scaling"
)

// fixedServers returns a system with a fixed number of servers, in which only rendering takes time.
func fixedServers(seed uint64, servers int, service time.Duration) simulation.Config {
	aws := simulation.Default()
	aws.EventMedian, aws.Call = 0, 0
	return simulation.Config{
		Seed: seed, AWS: aws, PointInterval: time.Minute,
		Policies: autoscaling.Config{Bounds: scaling.Bounds{Min: servers, Max: servers}},
		Worker: simulation.Worker{Processors: 1, Slots: 1, PhotoTime: service, MaxReceives: 5,
			Visibility: 30 * time.Second, DrainTimeout: time.Minute, StopTimeout: 2 * time.Minute},
		Fleet: simulation.Fleet{OnDemandWeight: 1, VCPU: 1, MemoryGB: 2},
	}
}

// ClosedForms compares mean waits with M/D/c and a drain with the fluid limit.
func ClosedForms(ctx context.Context, seed uint64, photos int) ([]Comparison, error) {
	const service = 100 * time.Millisecond
	waits := []struct {
		servers int
		load    float64
	}{{1, 0.7}, {4, 0.8}, {8, 0.9}, {16, 0.95}}
	all := make([]Comparison, len(waits)+1)
	err := parallel.Run(ctx, len(all), func(i int) error {
		if i == len(waits) {
			const workers, arriving, queue = 20, 60.0, 40_000
			truth := closedform.Drain(queue, arriving, workers, 10)
			c := fixedServers(seed, workers, service)
			c.Worker.Spread = 0.5
			c.Arrivals = append(make([]time.Duration, queue),
				arrivals.Draw(seed, int(arriving*truth.Seconds()), 0, truth, arrivals.Flat)...)
			r, err := simulation.Run(c)
			if err == nil {
				all[i] = Comparison{fmt.Sprintf("drain of %s photos by %s while %v arrive per second", format.Number(queue),
					plural.Count(workers, "worker"), arriving), r.Settled, truth}
			}
			return err
		}
		w := waits[i]
		rate := w.load * float64(w.servers) / service.Seconds()
		c := fixedServers(seed, w.servers, service)
		c.Arrivals = arrivals.Draw(seed, photos, 0, time.Duration(float64(photos)/rate*float64(time.Second)), arrivals.Flat)
		c.WarmUp = c.Arrivals[photos/20]
		truth, err := closedform.MeanWait(rate, service, w.servers)
		if err != nil {
			return err
		}
		r, err := simulation.Run(c)
		if err == nil {
			all[i] = Comparison{fmt.Sprintf("mean wait of M/D/%d at a load of %v", w.servers, w.load), r.Mean - service, truth}
		}
		return err
	})
	return all, err
}
