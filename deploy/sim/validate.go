package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"text/tabwriter"
	"time"

	"darkroom/deploy/sim/internal/arrivals"
	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/closedform"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/worker/scaling"
)

type validateCommand struct {
	Template string `default:"deploy/aws/template.yaml" type:"path" placeholder:"FILE" help:"CloudFormation template whose policies are played, by the simulator and by real workers."`
	Photos   int    `default:"500" placeholder:"N" help:"Photos of the burst through real workers."`
	Workers  int    `default:"8" placeholder:"N" help:"Most real workers."`
	Seed     uint64 `default:"1" placeholder:"N" help:"Of all that is random."`
	Bin      string `type:"path" placeholder:"DIR" help:"Folder with local, token-lambda and worker, built already. Default: they are built first, with the go command."`
	Closed   bool   `name:"closed-forms-only" help:"Leave the real workers out."`
}

// closedPhotos are played for each mean wait: at a load of 0.95 a tenth of them still leaves some per cent to chance.
const closedPhotos = 1_000_000

// Bounds of how far the simulator may be off.
const (
	closedBound = 0.05
	realBound   = 0.15
)

// comparison is one number of the simulator beside what it should be.
type comparison struct {
	what       string
	sim, truth time.Duration
}

func (c comparison) off() float64 { return c.sim.Seconds()/c.truth.Seconds() - 1 }

// Run prints comparisons, as they are there.
func (c *validateCommand) Run(ctx context.Context) error {
	err := c.run(ctx, os.Stdout, os.Stderr)
	if err != nil && ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}

func (c *validateCommand) run(ctx context.Context, out, notes io.Writer) error {
	if c.Photos < 1 || c.Workers < 1 {
		return errors.New("--photos and --workers: at least 1")
	}
	forms, err := closedForms(ctx, c.Seed, closedPhotos)
	if err != nil {
		return err
	}
	wrong := writeComparisons(out, "CLOSED FORM", "THEORY", closedBound, forms)
	if !c.Closed {
		r, err := c.real(ctx, notes)
		if err != nil {
			return err
		}
		fmt.Fprintln(out)
		wrong = errors.Join(wrong, r.write(out))
	}
	return wrong
}

// fixed is a system of a fixed number of servers in which nothing takes time but service.
func fixed(seed uint64, servers int, service time.Duration) simulation.Config {
	aws := simulation.Default()
	aws.EventMedian, aws.Call = 0, 0
	return simulation.Config{
		Seed: seed, AWS: aws, PointInterval: time.Minute, Policies: autoscaling.Config{Bounds: scaling.Bounds{Min: servers, Max: servers}},
		Worker: simulation.Worker{Processors: 1, Slots: 1, PhotoTime: service, MaxReceives: 5,
			Visibility: 30 * time.Second, DrainTimeout: time.Minute, StopTimeout: 2 * time.Minute},
		Fleet: simulation.Fleet{OnDemandWeight: 1, VCPU: 1, MemoryGB: 2},
	}
}

// closedForms holds mean waits against M/D/c and a drain against the fluid limit.
func closedForms(ctx context.Context, seed uint64, photos int) ([]comparison, error) {
	const service = 100 * time.Millisecond
	waits := []struct {
		servers int
		load    float64
	}{{1, 0.7}, {4, 0.8}, {8, 0.9}, {16, 0.95}}
	all := make([]comparison, len(waits)+1)
	err := parallel(ctx, len(all), func(i int) error {
		if i == len(waits) {
			const workers, arriving, queue = 20, 60.0, 40_000
			truth := closedform.Drain(queue, arriving, workers, 10)
			c := fixed(seed, workers, service)
			c.Worker.Spread = 0.5
			c.Arrivals = append(make([]time.Duration, queue), arrivals.Draw(seed, int(arriving*truth.Seconds()), 0, truth, arrivals.Flat)...)
			r, err := simulation.Run(c)
			if err == nil {
				all[i] = comparison{fmt.Sprintf("drain of %s photos by %d workers while %v arrive a second", grouped(queue), workers, arriving), r.Settled, truth}
			}
			return err
		}
		w := waits[i]
		rate := w.load * float64(w.servers) / service.Seconds()
		c := fixed(seed, w.servers, service)
		c.Arrivals = arrivals.Draw(seed, photos, 0, time.Duration(float64(photos)/rate*float64(time.Second)), arrivals.Flat)
		c.WarmUp = c.Arrivals[photos/20]
		truth, err := closedform.MeanWait(rate, service, w.servers)
		if err != nil {
			return err
		}
		r, err := simulation.Run(c)
		if err == nil {
			all[i] = comparison{fmt.Sprintf("mean wait of M/D/%d at a load of %v", w.servers, w.load), r.Mean - service, truth}
		}
		return err
	})
	return all, err
}

// writeComparisons prints a table. The error names what is off by more than the bound.
func writeComparisons(w io.Writer, what, truth string, bound float64, all []comparison) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintf(t, "%s\tSIMULATOR\t%s\tOFF BY\n", what, truth)
	var wrong error
	for _, c := range all {
		fmt.Fprintf(t, "%s\t%.4gs\t%.4gs\t%+.1f %%\n", c.what, c.sim.Seconds(), c.truth.Seconds(), 100*c.off())
		if !(math.Abs(c.off()) <= bound) {
			wrong = errors.Join(wrong, fmt.Errorf("%s is off by %.1f %%, more than %.0f %%", c.what, 100*c.off(), 100*bound))
		}
	}
	t.Flush()
	return wrong
}
