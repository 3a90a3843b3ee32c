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
)

type playCommand struct {
	Scenario []string    `placeholder:"NAME" help:"Scenarios to play: steady, diurnal, burst, million, zero, spot, poison, deploy, rollback, noisy. Default: all."`
	Seeds    int         `default:"3" placeholder:"N" help:"Number of seeds to play, from --seed on. Results are ranges over them."`
	SVG      string      `name:"svg" type:"path" placeholder:"DIR" help:"Plot backlog, tasks and latency of each scenario, with the first seed, into NAME.svg in this folder."`
	Sweep    sweepFlags  `embed:""`
	System   systemFlags `embed:""`
}

// played is a scenario with its results under one seed.
type played struct {
	scenario
	config simulation.Config
	*simulation.Result
	sizing
	front   time.Duration      // longest wait for a token
	without *simulation.Result // the same without the deployments; nil if there are none

	fair, oneQueue boardWaits // results of a scenario with a flood
}

// play simulates a scenario on a system.
func (s scenario) play(sys system, seed uint64) (*played, error) {
	c := s.config(sys.config, seed)
	asked := c.Arrivals
	c.Arrivals = sys.front.admit(asked)
	r, err := simulation.Run(c)
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.name, err)
	}
	p := &played{scenario: s, config: c, Result: r, sizing: sizingFormula(c, sys.latency),
		front: longestWait(asked, c.Arrivals)}
	if s.flood != nil {
		return p, p.compareQueues(asked[0])
	}
	if len(c.Deployments) > 0 {
		c.Deployments = nil
		if p.without, err = simulation.Run(c); err != nil {
			return nil, fmt.Errorf("scenario %s without deployments: %w", s.name, err)
		}
	}
	return p, nil
}

// compareQueues plays a flood with two queues and with one, whichever the system has.
func (p *played) compareQueues(start time.Duration) error {
	other := p.config
	if other.Routing = nil; p.config.Routing == nil {
		other.Routing = simulation.DefaultRouting()
	}
	r, err := simulation.Run(other)
	if err != nil {
		return fmt.Errorf("scenario %s with the other number of queues: %w", p.name, err)
	}
	p.fair, p.oneQueue = p.flood.waits(p.Result, p.photos, start), p.flood.waits(r, p.photos, start)
	if p.config.Routing == nil {
		p.fair, p.oneQueue = p.oneQueue, p.fair
	}
	return nil
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
		return c.sweep(ctx, t, out)
	}
	which, err := scenariosNamed(c.Scenario)
	if err != nil {
		return err
	}
	all := make([][]*played, len(which))
	for i := range all {
		all[i] = make([]*played, c.Seeds)
	}
	if err := parallel(ctx, len(which)*c.Seeds, func(i int) error {
		s, n := which[i/c.Seeds], i%c.Seeds
		sys, err := c.System.configure(t, s.parameters(c.System.Set), c.System.Fast)
		if err == nil {
			all[i/c.Seeds][n], err = s.play(sys, c.System.Seed+uint64(n))
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
	for _, seeds := range all {
		p := seeds[0]
		if err := p.draw(filepath.Join(c.SVG, p.name+".svg")); err != nil {
			return err
		}
	}
	return nil
}
