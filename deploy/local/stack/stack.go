// Package stack runs the whole of Darkroom on one machine: the fake AWS, the token Lambda as an HTTP server, the board
// page in front of it, and the workers. Each is a process with an environment of its own.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"darkroom/deploy/local/build"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/origin"
	"darkroom/deploy/local/supervise"
)

// Config says what to run.
type Config struct {
	Data  string // data folder, for one system at a time; created if it does not exist
	Self  string // the program local, which has the commands "aws" and "front"; default: the one in Bin
	Bin   string // folder of the programs; default: they are built into the data folder
	Ports Ports
	// AnyPorts picks any free port instead of a default port. Use it for a system that runs beside others: another
	// system could take a default port between the check that it is free and its use.
	AnyPorts     bool
	Workers      int  // default 1
	DeferWorkers bool // start no worker until StartWorkers
	Observed     bool // also serve the metrics of the API and of the queue's depth
	Verbose      bool // show every log line, not only warnings and errors
	// CDN also runs a CDN in front of the variants, whose URLs are then those of the CDN. The workers purge erased photos
	// from it, which takes PurgeDelay.
	CDN        bool
	PurgeDelay time.Duration
	// Faults are injected into the requests of workers and of uploads to S3 and SQS, which are then also counted.
	// The token Lambda uses S3 without faults. nil injects and counts nothing.
	Faults *faults.Config
	// Versions turns on the versioning of both buckets.
	Versions bool
	// Origins are those of other pages that may use the system, beside the board's own.
	Origins origin.List
	// Quotas limits the photos that tokens are issued for, as the setting QUOTAS of the token Lambda. Empty for none.
	Quotas string
	// APIEnv and WorkerEnv are added to the environment of the token Lambda and of the program worker, as NAME=value.
	APIEnv, WorkerEnv []string
	Out               io.Writer // messages and the logs of the processes
}

// Validate reports the first invalid setting.
func (c Config) Validate() error {
	switch {
	case c.Data == "":
		return errors.New("no data folder")
	case c.Workers < 0:
		return fmt.Errorf("workers: %d is less than 0", c.Workers)
	case c.PurgeDelay < 0:
		return fmt.Errorf("purge delay: %v is less than 0", c.PurgeDelay)
	case c.Out == nil:
		return errors.New("no writer for messages and logs")
	}
	if c.Faults != nil {
		if err := c.Faults.Validate(); err != nil {
			return err
		}
	}
	return c.Ports.Validate()
}

// How long each process may take to stop before it is killed. A worker first finishes the photos in progress.
const (
	drainTimeout = 20 * time.Second
	apiGrace     = 15 * time.Second
	frontGrace   = 10 * time.Second
	watchGrace   = 10 * time.Second
	workerGrace  = drainTimeout + 5*time.Second
	awsGrace     = 20 * time.Second // S3 alone waits up to 10 s for a connection without a request
	startTimeout = time.Minute      // until a process is ready
)

// Stack is a running system.
type Stack struct {
	Addresses

	config  Config
	out     *printer
	unlock  func() // releases the data folder
	aws     *supervise.Process
	api     *supervise.Process
	front   *supervise.Process
	watch   *supervise.Process // nil unless Config.Observed
	workers []*supervise.Kept
	failed  chan error
	watches sync.WaitGroup // goroutines that wait for a process to end

	stop    sync.Once
	stopped chan struct{}
	stopErr error
}

// Start starts the system and waits until every process is ready. If a process fails or ctx ends, Start stops
// everything that it started.
func Start(ctx context.Context, c Config) (*Stack, error) {
	if c.Workers == 0 {
		c.Workers = 1
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	data, err := filepath.Abs(c.Data)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	c.Data = data
	if c.Bin != "" {
		if c.Bin, err = filepath.Abs(c.Bin); err != nil {
			return nil, fmt.Errorf("program folder: %w", err)
		}
		if err := build.Check(c.Bin, c.programs()...); err != nil {
			return nil, err
		}
	}
	unlock, err := lockData(c.Data)
	if err != nil {
		return nil, err
	}
	s := &Stack{out: &printer{w: c.Out, verbose: c.Verbose}, unlock: unlock, failed: make(chan error, 4), stopped: make(chan struct{})}
	if err := s.start(ctx, c); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context, c Config) (err error) {
	if s.Addresses, err = c.Ports.choose(c); err != nil {
		return err
	}
	if c.Bin == "" {
		s.out.printf("building %s; the first build takes about a minute", strings.Join(c.programs(), ", "))
		c.Bin = filepath.Join(c.Data, "bin")
		if err := build.Programs(ctx, c.Bin, c.programs()...); err != nil {
			return err
		}
	}
	if c.Self == "" {
		c.Self = filepath.Join(c.Bin, build.Local)
	}
	s.config = c
	idKey, err := c.idKey()
	if err != nil {
		return err
	}
	erasureKey, err := c.erasureKey()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// The front starts first, before another program takes the well-known port.
	if s.front, err = s.startReady(ctx, cancel, c.frontCommand(s.Addresses)); err != nil {
		return err
	}
	if s.aws, err = s.startReady(ctx, cancel, c.awsCommand(s.Addresses)); err != nil {
		return err
	}
	if s.api, err = s.startReady(ctx, cancel, c.apiCommand(s.Addresses, idKey, erasureKey)); err != nil {
		return err
	}
	if c.Observed {
		if s.watch, err = s.startReady(ctx, cancel, c.watchCommand(s.Addresses)); err != nil {
			return err
		}
	}
	if c.DeferWorkers {
		return nil
	}
	return s.StartWorkers(ctx)
}

// startReady starts a process that the system cannot run without, and waits until it is ready. A process that started
// but did not become ready is returned with the error, so that the caller can stop it.
func (s *Stack) startReady(ctx context.Context, cancel context.CancelCauseFunc, c supervise.Command) (*supervise.Process, error) {
	c.Line = s.out.logLines(c.Name)
	p, err := supervise.Start(c)
	if err != nil {
		return nil, err
	}
	s.watches.Go(func() {
		<-p.Done()
		cancel(p.Err())
		s.failed <- p.Err()
	})
	return p, waitReady(ctx, p)
}

func waitReady(ctx context.Context, p *supervise.Process) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return p.Ready(ctx)
}

// Failed returns a channel with the error of each process that ended and that the system cannot run without. Workers
// do not count: they are restarted.
func (s *Stack) Failed() <-chan error { return s.failed }

// Stop stops the processes in the order that loses nothing: the API and the page, the workers, which first finish the
// photos in progress, and the fake AWS. The error names the processes that had to be killed. Stop may be called more
// than once.
func (s *Stack) Stop() error {
	s.stop.Do(func() {
		defer close(s.stopped)
		var errs []error
		// The API ends the long polls that the front waits for, so it stops first.
		if s.api != nil {
			errs = append(errs, s.api.Stop(apiGrace))
		}
		if s.front != nil {
			errs = append(errs, s.front.Stop(frontGrace))
		}
		errs = append(errs, s.StopWorkers())
		if s.watch != nil {
			errs = append(errs, s.watch.Stop(watchGrace))
		}
		if s.aws != nil {
			errs = append(errs, s.aws.Stop(awsGrace))
		}
		s.watches.Wait()
		s.unlock()
		s.stopErr = errors.Join(errs...)
	})
	<-s.stopped
	return s.stopErr
}
