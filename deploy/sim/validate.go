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

	"darkroom/deploy/sim/internal/simulation"
)

type validateCommand struct {
	Template string         `default:"deploy/aws/template/template.yaml" type:"path" placeholder:"FILE" help:"CloudFormation template with the policies that scale the simulated and the real workers."`
	Photos   int            `default:"500" placeholder:"N" help:"Number of photos in the burst through real workers."`
	Workers  int            `default:"8" placeholder:"N" help:"Largest number of real workers."`
	Seed     uint64         `default:"1" placeholder:"N" help:"Seed of all random numbers."`
	Bin      string         `type:"path" placeholder:"DIR" help:"Folder with the programs local, token-lambda and worker. Default: build them first, with the go command."`
	Closed   bool           `name:"closed-forms-only" help:"Skip the real workers."`
	System   validateSystem `embed:""`
}

// closedPhotos is the number of photos for each mean wait. At a load of 0.95 a tenth of them would still leave a random
// error of some per cent.
const closedPhotos = 1_000_000

// validateSystem is what the comparison of the scaling uses of a system.
type validateSystem struct {
	Set map[string]string `placeholder:"NAME=VALUE;..." help:"Parameters of the template, for the comparison of its scaling. Default: its own defaults."`
}

// Largest relative errors of the simulator.
const (
	closedBound = 0.05
	fluidBound  = 0.25
	realBound   = 0.15
)

// comparison compares a time of the simulator with the true one.
type comparison struct {
	what       string
	sim, truth time.Duration
}

// off returns the relative error.
func (c comparison) off() float64 { return c.sim.Seconds()/c.truth.Seconds() - 1 }

// Run prints the comparisons as they are made.
func (c *validateCommand) Run(ctx context.Context) error {
	err := c.run(ctx, os.Stdout, os.Stderr)
	if err != nil && ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}

func (c *validateCommand) run(ctx context.Context, out, notes io.Writer) error {
	if c.Photos < 1 || c.Workers < 1 {
		return fmt.Errorf("--photos (%d) and --workers (%d) must be at least 1", c.Photos, c.Workers)
	}
	forms, err := closedForms(ctx, c.Seed, closedPhotos)
	if err != nil {
		return err
	}
	wrong := writeComparisons(out, "CLOSED FORM", "THEORY", closedBound, forms)
	traces, err := compareTraces(ctx, behaviour{aws: simulation.Default()})
	if err != nil {
		return errors.Join(wrong, err)
	}
	fmt.Fprintln(out)
	wrong = errors.Join(wrong, writeTraces(out, traces))
	scaled, err := compareScaling(ctx, c.Template, c.System.Set, scaledLoads)
	if err != nil {
		return errors.Join(wrong, err)
	}
	fmt.Fprintln(out)
	wrong = errors.Join(wrong, writeComparisons(out, "SCALING BY THE TEMPLATE", "PROMISED", fluidBound, scaled))
	if !c.Closed {
		r, err := c.runRealWorkers(ctx, notes)
		if err != nil {
			return err
		}
		fmt.Fprintln(out)
		wrong = errors.Join(wrong, r.write(out))
	}
	return wrong
}

// writeComparisons prints a table. The error names each comparison whose relative error exceeds the bound.
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
