package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/template"
	"darkroom/worker/scaling"
)

type playCommand struct {
	Scenario []string    `placeholder:"NAME" help:"Scenarios to play: steady, diurnal, burst, million, zero, spot, poison. Default: all."`
	SVG      string      `name:"svg" type:"path" placeholder:"DIR" help:"Plot backlog, tasks and latency of each scenario into NAME.svg in this folder."`
	Sweep    sweepFlags  `embed:""`
	System   systemFlags `embed:""`
}

// systemFlags describe the simulated system.
type systemFlags struct {
	Template      string            `default:"deploy/aws/template.yaml" type:"path" placeholder:"FILE" group:"System" help:"CloudFormation template with the policies and the workers."`
	Set           map[string]string `placeholder:"NAME=VALUE;..." group:"System" help:"Parameters of the template. Default: its own defaults."`
	Seed          uint64            `default:"1" placeholder:"N" group:"System" help:"Seed of all random numbers."`
	PhotoTime     time.Duration     `placeholder:"DURATION" group:"System" help:"Measured time that a photo takes on one processor. Default: the parameter SecondsPerPhoto."`
	Spread        float64           `default:"0.5" placeholder:"FRACTION" group:"System" help:"Standard deviation of the photo time, as a fraction of it."`
	Transfer      time.Duration     `default:"200ms" placeholder:"DURATION" group:"System" help:"Time for the download and the uploads of a photo."`
	Fast          bool              `group:"System" help:"Add the fast scaler, which is the command worker scale."`
	FastObjective time.Duration     `default:"60s" name:"fast-objective" placeholder:"DURATION" group:"System" help:"Target time of the fast scaler to clear the backlog."`
	SpotDiscount  float64           `default:"0.7" placeholder:"FRACTION" group:"System" help:"Fraction of the Fargate price that Spot saves."`
}

// stall is the time of a try that always fails: the worker aborts a download after 15 s without a byte.
const stall = 15 * time.Second

// system is a simulated system.
type system struct {
	config  simulation.Config
	latency time.Duration // acceptable wait for a worker
}

// configure returns the system described by the template and the flags.
func (f systemFlags) configure(t *template.Template, parameters map[string]string, fast bool) (system, error) {
	s, err := t.System(parameters)
	if err != nil {
		return system{}, err
	}
	c := simulation.Config{Worker: s.Worker, Fleet: s.Fleet, AWS: simulation.Default(), Policies: s.Policies, Metrics: s.Metrics}
	c.AWS.Prices.SpotDiscount = f.SpotDiscount
	c.Worker.Spread, c.Worker.Transfer, c.Worker.Stall = f.Spread, f.Transfer, stall
	if fast {
		c.Fast = &scaling.Fast{Bounds: s.Policies.Bounds, Objective: f.FastObjective, StartUp: (c.AWS.StartLeast + c.AWS.StartMost) / 2,
			PhotoTime: s.Worker.PhotoTime, Processors: s.Worker.Processors}
	}
	if f.PhotoTime != 0 {
		c.Worker.PhotoTime = f.PhotoTime
	}
	return system{c, s.Latency}, nil
}

// played is a scenario with its results.
type played struct {
	scenario
	config simulation.Config
	*simulation.Result
	sizing
}

// play simulates a scenario on a system.
func (s scenario) play(sys system, seed uint64) (*played, error) {
	c := s.config(sys.config, seed)
	r, err := simulation.Run(c)
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.name, err)
	}
	return &played{s, c, r, sizingFormula(c, sys.latency)}, nil
}

// Run plays scenarios, or sweeps parameters.
func (c *playCommand) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *playCommand) run(ctx context.Context, out io.Writer) error {
	t, err := template.Read(c.System.Template)
	if err != nil {
		return err
	}
	if c.Sweep.Sweep {
		if c.SVG != "" || c.System.Fast {
			return errors.New("--sweep excludes --svg and --fast: it draws no plots, and tries each combination with and without the fast scaler")
		}
		return c.sweep(ctx, t, out)
	}
	which, err := scenariosNamed(c.Scenario)
	if err != nil {
		return err
	}
	all := make([]*played, len(which))
	if err := parallel(ctx, len(which), func(i int) error {
		sys, err := c.System.configure(t, which[i].parameters(c.System.Set), c.System.Fast)
		if err == nil {
			all[i], err = which[i].play(sys, c.System.Seed)
		}
		return err
	}); err != nil {
		return err
	}
	writeReport(out, all)
	if c.SVG == "" {
		return nil
	}
	if err := os.MkdirAll(c.SVG, 0o755); err != nil {
		return err
	}
	for _, p := range all {
		if err := p.draw(filepath.Join(c.SVG, p.name+".svg")); err != nil {
			return err
		}
	}
	return nil
}
