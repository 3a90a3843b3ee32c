package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"darkroom/deploy/local/build"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/report"
	"darkroom/deploy/soak/internal/system"
	"darkroom/deploy/soak/internal/trouble"
	"darkroom/deploy/testkit/progress"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

type soakCommand struct {
	Seed    uint64           `default:"1" placeholder:"N" group:"Run" help:"Seed of all random numbers."`
	Seeds   int              `default:"1" placeholder:"N" group:"Run" help:"Number of runs, each with the next seed."`
	Workers int              `default:"3" placeholder:"N" group:"Run" help:"Number of worker processes to start."`
	Faults  *faults.Config   `placeholder:"FAULTS" group:"Run" help:"Faults of S3 and SQS: see the same flag of deploy/local. seed=0 injects none and only counts requests. Default: 5% errors, 5% throttles, 2% stalled or cut bodies, 1% partial batch failures and 1% lost answers, with the seed of the run."`
	Wait    time.Duration    `default:"10m" placeholder:"DURATION" group:"Run" help:"Longest time until the queue must be empty after the load."`
	Quiet   time.Duration    `default:"3s" placeholder:"DURATION" group:"Run" help:"How long the queue must stay empty. Use a minute on AWS, where its depth is approximate."`
	Memory  float64          `name:"memory-limit" placeholder:"BYTES" group:"Run" help:"Highest allowed resident memory of a worker. Default: 448 MiB, the memory that started workers are configured for. Not checked by default on a running system."`
	Erased  time.Duration    `name:"erased-within" default:"60s" placeholder:"DURATION" group:"Run" help:"How long after a photo was removed with the API, and after the last disturbance, nothing of it may be readable: from S3, from any version, or from the CDN."`
	Data    string           `type:"path" placeholder:"DIR" group:"Run" help:"Folder for data and logs, which are kept. Default: a temporary folder, kept only if something is wrong."`
	Bin     string           `type:"path" placeholder:"DIR" group:"Run" help:"Folder with the built programs local, token-lambda and worker. Default: build them first, with the go command."`
	Disturb trouble.Settings `embed:""`
	Mix     load.Mix         `embed:""`
	System  system.Flags     `embed:""`
}

// Validate reports the first invalid setting.
func (c *soakCommand) Validate() error {
	switch {
	case c.Seeds < 1 || c.Workers < 1:
		return errors.New("--seeds and --workers must be at least 1")
	case c.Wait <= 0 || c.Quiet <= 0:
		return errors.New("--wait and --quiet must be greater than 0")
	case c.Erased < 0:
		return fmt.Errorf("--erased-within: %v is less than 0", c.Erased)
	case c.Mix.Rate > 0 && c.System.API == "" && c.System.Queue != "":
		return errors.New("--queue-url is for a running system: it needs --api")
	}
	if err := c.Disturb.Validate(); err != nil {
		return err
	}
	if err := c.System.Validate(); err != nil {
		return err
	}
	return c.Mix.Validate()
}

// Run soaks the system once for each seed.
func (c *soakCommand) Run(ctx context.Context) error { return c.run(ctx, os.Stdout, os.Stderr) }

func (c *soakCommand) run(ctx context.Context, out, notes io.Writer) (err error) {
	data := c.Data
	if data == "" && c.System.API == "" {
		if data, err = os.MkdirTemp("", "darkroom-soak-"); err != nil {
			return fmt.Errorf("create a data folder: %w", err)
		}
		defer func() {
			if err == nil || ctx.Err() != nil {
				err = errors.Join(err, os.RemoveAll(data))
			} else {
				fmt.Fprintln(notes, "the objects of S3 and the logs are kept in", data)
			}
		}()
	}
	bin := c.Bin
	if bin == "" && c.System.API == "" {
		fmt.Fprintln(notes, "building the programs; the first build takes about a minute")
		bin = filepath.Join(data, "bin")
		if err := build.Programs(ctx, bin, build.All()...); err != nil {
			return err
		}
	}
	var results []*report.Result
	bad := 0
	for i := range c.Seeds {
		seed := c.Seed + uint64(i)
		r, err := c.soakSeed(ctx, seed, filepath.Join(data, fmt.Sprintf("seed-%d", seed)), bin, notes)
		switch {
		case ctx.Err() != nil:
			return errors.New("interrupted")
		case err != nil:
			return fmt.Errorf("seed %d: %w", seed, err)
		}
		r.Write(out)
		if len(r.Flaws()) > 0 {
			bad++
		}
		results = append(results, r)
	}
	if len(results) > 1 {
		report.Summarise(out, results)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %s found faults", bad, plural.Count(len(results), "run"))
	}
	return nil
}

// soakSeed starts a system, or uses the running one, and soaks it.
func (c *soakCommand) soakSeed(ctx context.Context, seed uint64, data, bin string, notes io.Writer) (_ *report.Result, err error) {
	s := soak{mix: c.Mix, seed: seed, wait: c.Wait, quiet: c.Quiet, memory: c.Memory, erasedWithin: c.Erased, otherSpecs: c.System.OtherSpecs}
	s.progress = progress.New(notes)
	board := photo.Board(fmt.Sprintf("soak-%x", rand.Uint64()))
	if c.System.API != "" {
		if s.target, err = c.System.Target(ctx, board); err != nil {
			return nil, err
		}
		return s.run(ctx)
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(data, "processes.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	inject := c.Faults
	if inject == nil {
		inject = new(faults.Typical(seed))
	}
	st, err := stack.Start(ctx, stack.Config{Data: data, Bin: bin, Workers: c.Workers, AnyPorts: true, Verbose: true, Out: log, Versions: true, CDN: true, PurgeDelay: system.PurgeDelay, Faults: inject, WorkerEnv: system.WorkerEnv()})
	if err != nil {
		return nil, err
	}
	defer func() {
		system.CloseIdleConnections()
		err = errors.Join(err, st.Stop())
	}()
	if s.target, err = system.NewStackTarget(st, board); err != nil {
		return nil, err
	}
	s.disturb, s.workers = c.Disturb, st
	s.sweep = func(ctx context.Context) error { return system.Sweep(ctx, st) }
	if s.memory == 0 {
		s.memory = system.ContainerMemory
	}
	return system.CancelOnFailure(ctx, st, s.run)
}
