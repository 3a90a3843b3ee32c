package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"darkroom/deploy/sim/internal/parallel"
	"darkroom/deploy/sim/internal/report"
	"darkroom/deploy/sim/internal/scenario"
	"darkroom/deploy/sim/internal/sweep"
	"darkroom/deploy/sim/internal/system"
	"darkroom/deploy/sim/internal/template"
)

type playCommand struct {
	Scenario []string     `placeholder:"NAME" help:"Scenarios to play: steady, diurnal, daily, burst, million, zero, spot, poison, deploy, rollback, noisy. Default: all."`
	Seeds    int          `default:"3" placeholder:"N" help:"Number of seeds to play, from --seed on. Results are ranges over them."`
	SVG      string       `name:"svg" type:"path" placeholder:"DIR" help:"Plot backlog, tasks and latency of each scenario, with the first seed, into NAME.svg in this folder."`
	Sweep    sweep.Flags  `embed:""`
	System   system.Flags `embed:""`
}

// Run plays scenarios, or sweeps parameters.
func (c *playCommand) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *playCommand) run(ctx context.Context, out io.Writer) error {
	t, err := template.Read(c.System.Template)
	if err != nil {
		return err
	}
	if c.Seeds < 1 {
		return fmt.Errorf("--seeds (%d) must be at least 1", c.Seeds)
	}
	if c.Sweep.Sweep {
		if c.SVG != "" {
			return errors.New("--sweep excludes --svg: it draws no plots")
		}
		return sweep.Run(ctx, sweep.Config{Flags: c.Sweep, Scenarios: c.Scenario, Seeds: c.Seeds, System: c.System}, t, out)
	}
	which, err := scenario.Named(c.Scenario)
	if err != nil {
		return err
	}
	all := make([][]*scenario.Played, len(which))
	for i := range all {
		all[i] = make([]*scenario.Played, c.Seeds)
	}
	if err := parallel.Run(ctx, len(which)*c.Seeds, func(i int) error {
		s, n := which[i/c.Seeds], i%c.Seeds
		sys, err := c.System.Configure(t, s.Parameters(c.System.Set), c.System.Fast)
		if err == nil {
			all[i/c.Seeds][n], err = s.Play(sys, c.System.Seed+uint64(n))
		}
		return err
	}); err != nil {
		return err
	}
	report.Write(out, all)
	if c.SVG == "" {
		return nil
	}
	if err := os.MkdirAll(c.SVG, 0o755); err != nil {
		return err
	}
	for _, seeds := range all {
		p := seeds[0]
		if err := report.Draw(p, filepath.Join(c.SVG, p.Name+".svg")); err != nil {
			return err
		}
	}
	return nil
}
