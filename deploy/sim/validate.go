package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"darkroom/deploy/sim/internal/realworkers"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/validation"
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
	forms, err := validation.ClosedForms(ctx, c.Seed, closedPhotos)
	if err != nil {
		return err
	}
	wrong := validation.WriteComparisons(out, "CLOSED FORM", "THEORY", validation.ClosedBound, forms)
	traces, err := validation.Traces(ctx, validation.Behaviour{AWS: simulation.Default()})
	if err != nil {
		return errors.Join(wrong, err)
	}
	fmt.Fprintln(out)
	wrong = errors.Join(wrong, validation.WriteMeasurements(out, "PUBLISHED MEASUREMENT", "OBSERVED", traces))
	forecasts, err := validation.Forecasts(ctx, c.Template)
	if err != nil {
		return errors.Join(wrong, err)
	}
	fmt.Fprintln(out)
	wrong = errors.Join(wrong, validation.WriteMeasurements(out, "PREDICTIVE SCALING", "THEORY", forecasts))
	scaled, err := validation.Scaling(ctx, c.Template, c.System.Set, validation.Loads)
	if err != nil {
		return errors.Join(wrong, err)
	}
	fmt.Fprintln(out)
	wrong = errors.Join(wrong, validation.WriteComparisons(out, "SCALING BY THE TEMPLATE", "PROMISED", validation.FluidBound, scaled))
	if !c.Closed {
		r, err := realworkers.Run(ctx, realworkers.Config{Template: c.Template, Bin: c.Bin, Photos: c.Photos,
			Workers: c.Workers, Seed: c.Seed}, notes)
		if err != nil {
			return err
		}
		fmt.Fprintln(out)
		wrong = errors.Join(wrong, r.Write(out))
	}
	return wrong
}
