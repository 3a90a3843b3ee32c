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
	"darkroom/deploy/testkit/progress"
	"darkroom/worker/photo"
)

type soakCommand struct {
	Seed    uint64         `default:"1" placeholder:"N" group:"Run" help:"What everything that is random follows from."`
	Seeds   int            `default:"1" placeholder:"N" group:"Run" help:"Runs, each with the next seed."`
	Workers int            `default:"3" placeholder:"N" group:"Run" help:"Worker processes of the system that is started."`
	Kills   int            `default:"20" placeholder:"N" group:"Run" help:"Times that a worker is killed (SIGKILL)."`
	Faults  *faults.Config `placeholder:"FAULTS" group:"Run" help:"What S3 and SQS fail with: see the same flag of deploy/local; seed=0 is none, and only counts the requests. Default: 5% errors, 5% throttles, 2% stalled or cut bodies, 1% partial batch failures, 1% lost answers, by the seed of the run."`
	Wait    time.Duration  `default:"10m" placeholder:"DURATION" group:"Run" help:"Longest that the queue may take to be empty after the load."`
	Quiet   time.Duration  `default:"3s" placeholder:"DURATION" group:"Run" help:"How long it must be empty. On AWS, where its depth is approximate, give a minute."`
	Memory  float64        `name:"memory-limit" placeholder:"BYTES" group:"Run" help:"Most resident memory of a worker. Default: 448 MiB, the container that workers are started as if in; of a system that runs already it is not looked at."`
	Data    string         `type:"path" placeholder:"DIR" group:"Run" help:"Folder for data and logs, which are kept. Default: a temporary one, kept only if something is wrong."`
	Bin     string         `type:"path" placeholder:"DIR" group:"Run" help:"Folder with local, token-lambda and worker, built already. Default: they are built first, with the go command."`
	Mix     mix            `embed:""`
	At      elsewhere      `embed:""`
}

// Settings of the workers that are started: a lease as short as photos this small allow, so that what a killed worker
// had in hand is not waited for, and the memory of a container of containerMemory.
const (
	containerMemory = 448 << 20
	lease           = "10s"
)

func workerEnv() []string {
	return []string{
		"VISIBILITY_TIMEOUT=" + lease,
		fmt.Sprintf("MEMORY_BUDGET=%d", containerMemory*6/10),
		fmt.Sprintf("GOMEMLIMIT=%d", containerMemory*9/10),
	}
}

// Validate reports the first setting that cannot be used.
func (c *soakCommand) Validate() error {
	switch {
	case c.Seeds < 1 || c.Workers < 1:
		return errors.New("--seeds and --workers: at least 1")
	case c.Kills < 0:
		return errors.New("--kills: not less than 0")
	case c.Wait <= 0 || c.Quiet <= 0:
		return errors.New("--wait and --quiet: more than 0")
	case c.Mix.Rate > 0 && c.At.API == "" && c.At.Queue != "":
		return errors.New("--queue-url: of a system that runs already, which --api names")
	}
	return c.Mix.Validate()
}

// Run soaks the system once a seed.
func (c *soakCommand) Run(ctx context.Context) error { return c.run(ctx, os.Stdout, os.Stderr) }

func (c *soakCommand) run(ctx context.Context, out, notes io.Writer) (err error) {
	data := c.Data
	if data == "" && c.At.API == "" {
		if data, err = os.MkdirTemp("", "darkroom-burst-"); err != nil {
			return fmt.Errorf("make a data folder: %w", err)
		}
		defer func() {
			if err == nil || ctx.Err() != nil {
				err = errors.Join(err, os.RemoveAll(data))
			} else {
				fmt.Fprintln(notes, "what S3 held and what the programs logged is kept in", data)
			}
		}()
	}
	bin := c.Bin
	if bin == "" && c.At.API == "" {
		fmt.Fprintln(notes, "building the programs; the first time this takes a minute")
		bin = filepath.Join(data, "bin")
		if err := build.Programs(ctx, bin, build.All()...); err != nil {
			return err
		}
	}
	var results []*result
	bad := 0
	for i := range c.Seeds {
		seed := c.Seed + uint64(i)
		r, err := c.seed(ctx, seed, filepath.Join(data, fmt.Sprintf("seed-%d", seed)), bin, notes)
		switch {
		case ctx.Err() != nil:
			return errors.New("interrupted")
		case err != nil:
			return fmt.Errorf("seed %d: %w", seed, err)
		}
		r.write(out)
		if len(r.flaws()) > 0 {
			bad++
		}
		results = append(results, r)
	}
	if len(results) > 1 {
		summarise(out, results)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d runs did not end as they should", bad, len(results))
	}
	return nil
}

// seed starts a system, or takes the one that runs, and soaks it.
func (c *soakCommand) seed(ctx context.Context, seed uint64, data, bin string, notes io.Writer) (_ *result, err error) {
	s := soak{mix: c.Mix, seed: seed, wait: c.Wait, quiet: c.Quiet, memory: c.Memory, otherSpecs: c.At.OtherSpecs}
	s.progress = progress.New(notes)
	board := photo.Board(fmt.Sprintf("burst-%x", rand.Uint64()))
	if c.At.API != "" {
		if s.target, err = c.At.target(ctx, board); err != nil {
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
	st, err := stack.Start(ctx, stack.Config{Data: data, Bin: bin, Workers: c.Workers, AnyPorts: true, Verbose: true, Out: log, Faults: inject, WorkerEnv: workerEnv()})
	if err != nil {
		return nil, err
	}
	defer func() {
		closeIdle()
		err = errors.Join(err, st.Stop())
	}()
	if s.target, err = ofStack(st, board); err != nil {
		return nil, err
	}
	s.kills, s.kill = c.Kills, st.KillWorker
	if s.memory == 0 {
		s.memory = containerMemory
	}
	return whileUp(ctx, st, s.run)
}

// whileUp calls run, and ends it when a process of the stack fails.
func whileUp[T any](ctx context.Context, st *stack.Stack, run func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case err := <-st.Failed():
			cancel(err)
		case <-ctx.Done():
		}
	}()
	defer func() { cancel(nil); <-watched }()
	v, err := run(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return v, err
}
