// Package stack runs the whole of Darkroom on one machine: the stand-in for AWS, the token Lambda as an HTTP server,
// the board page in front of it, and workers, each a process of its own that knows no more than its own environment tells it.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/supervise"
)

// Config says what to run.
type Config struct {
	Data  string // folder of the data, which one stack at a time can use; made if absent
	Self  string // the program whose commands "aws" and "front" are the stand-in for AWS and the page; default: local in Bin
	Bin   string // folder with the programs; default: they are built into the data folder
	Ports Ports
	// AnyPorts takes any free port where none is given, and not the default one: for a system that runs beside others, which
	// could take a default port between the look whether it is free and its use.
	AnyPorts bool
	Workers  int  // default 1
	Later    bool // no worker runs until StartWorkers
	Verbose  bool // show all that the processes log, not just warnings and errors
	// Faults are what the workers, and clients that upload, meet at S3 and SQS, where their requests are also counted;
	// nil for neither. The API looks at an S3 without them.
	Faults *faults.Config
	// APIEnv and WorkerEnv are added to the environment of the token Lambda and of the workers, as NAME=value.
	APIEnv, WorkerEnv []string
	Out               io.Writer // for notes and the processes' logs
}

// Validate reports the first setting that cannot be used.
func (c Config) Validate() error {
	switch {
	case c.Data == "":
		return errors.New("no data folder")
	case c.Workers < 0:
		return fmt.Errorf("%d workers", c.Workers)
	case c.Out == nil:
		return errors.New("nowhere to write to")
	}
	if c.Faults != nil {
		if err := c.Faults.Validate(); err != nil {
			return err
		}
	}
	return c.Ports.validate()
}

// How long each process may take to stop before it is killed. A worker finishes the photos that it has in hand.
const (
	drainTimeout = 20 * time.Second
	apiGrace     = 15 * time.Second
	frontGrace   = 10 * time.Second
	workerGrace  = drainTimeout + 5*time.Second
	awsGrace     = 20 * time.Second // S3 alone waits 10 s for a connection on which no request has come
	startTimeout = time.Minute      // until a process is ready
)

// Stack is a running system.
type Stack struct {
	Addresses

	config  Config
	out     *printer
	unlock  func()
	aws     *supervise.Process
	api     *supervise.Process
	front   *supervise.Process
	workers []*supervise.Kept
	failed  chan error

	stop    sync.Once
	stopped chan struct{}
	stopErr error
}

// Start starts the system and waits until every process is ready. If one fails, or ctx ends, nothing is left running.
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
			return nil, fmt.Errorf("folder of the programs: %w", err)
		}
		if err := present(c.Bin, c.programs()); err != nil {
			return nil, err
		}
	}
	unlock, err := lock(c.Data)
	if err != nil {
		return nil, err
	}
	s := &Stack{out: &printer{w: c.Out, verbose: c.Verbose}, unlock: unlock, failed: make(chan error, 3), stopped: make(chan struct{})}
	if err := s.start(ctx, c); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context, c Config) (err error) {
	if s.Addresses, err = c.Ports.choose(c.Data, c.Workers, c.Faults != nil, c.AnyPorts); err != nil {
		return err
	}
	if c.Bin == "" {
		s.out.note("building %s; the first time this takes a minute", strings.Join(c.programs(), ", "))
		c.Bin = filepath.Join(c.Data, "bin")
		if err := build(ctx, c.Bin, c.programs()); err != nil {
			return err
		}
	}
	if c.Self == "" {
		c.Self = filepath.Join(c.Bin, local)
	}
	s.config = c
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// First of all, before another program takes the port that people know.
	if s.front, err = s.startReady(ctx, cancel, c.frontCommand(s.Addresses)); err != nil {
		return err
	}
	if s.aws, err = s.startReady(ctx, cancel, c.awsCommand(s.Addresses)); err != nil {
		return err
	}
	if s.api, err = s.startReady(ctx, cancel, c.apiCommand(s.Addresses)); err != nil {
		return err
	}
	if c.Later {
		return nil
	}
	return s.StartWorkers(ctx)
}

// StartWorkers starts the workers of a stack that was told to do so later, or whose workers were stopped, and waits
// until they are ready. No other method may be called meanwhile.
func (s *Stack) StartWorkers(ctx context.Context) error {
	for len(s.workers) < s.config.Workers {
		if err := s.addWorker(); err != nil {
			return err
		}
	}
	for _, w := range s.workers {
		if err := ready(ctx, w.Process()); err != nil {
			return err
		}
	}
	return nil
}

// startReady starts a process that the system cannot do without, and waits until it is ready. It returns the process
// also with an error, if there is one to stop.
func (s *Stack) startReady(ctx context.Context, cancel context.CancelCauseFunc, c supervise.Command) (*supervise.Process, error) {
	c.Line = s.out.lines(c.Name)
	p, err := supervise.Start(c)
	if err != nil {
		return nil, err
	}
	go func() { // ends with the process, which Stop ends
		<-p.Done()
		cancel(p.Err())
		s.failed <- p.Err()
	}()
	return p, ready(ctx, p)
}

func ready(ctx context.Context, p *supervise.Process) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return p.Ready(ctx)
}

// Failed gives the error of a process that ended and that the system cannot do without. A worker is not one: it is
// started again.
func (s *Stack) Failed() <-chan error { return s.failed }

// WorkerPIDs are the numbers of the worker processes as they are now.
func (s *Stack) WorkerPIDs() []int {
	var pids []int
	for _, w := range s.workers {
		pids = append(pids, w.Process().PID())
	}
	return pids
}

// StopWorkers ends the workers, which finish what they have in hand. No other method may be called meanwhile.
func (s *Stack) StopWorkers() error {
	errs := make([]error, len(s.workers))
	var all sync.WaitGroup
	for i, w := range s.workers {
		all.Go(func() { errs[i] = w.Stop(workerGrace) })
	}
	all.Wait()
	s.workers = nil
	return errors.Join(errs...)
}

// KillWorker ends worker i, counted from 0, with the signal that nothing can catch. It is started again.
func (s *Stack) KillWorker(i int) { s.workers[i].Process().Kill() }

// Stop ends the processes in the order that loses nothing: first the API with the page, then the workers, which
// finish what they have in hand, and at last the stand-in for AWS. The error tells what had to be killed. It may be called more than
// once.
func (s *Stack) Stop() error {
	s.stop.Do(func() {
		defer close(s.stopped)
		var errs []error
		// The API first: it ends the long polls that the front waits for.
		if s.api != nil {
			errs = append(errs, s.api.Stop(apiGrace))
		}
		if s.front != nil {
			errs = append(errs, s.front.Stop(frontGrace))
		}
		errs = append(errs, s.StopWorkers())
		if s.aws != nil {
			errs = append(errs, s.aws.Stop(awsGrace))
		}
		s.unlock()
		s.stopErr = errors.Join(errs...)
	})
	<-s.stopped
	return s.stopErr
}

// printer writes whole lines of several processes to one place.
type printer struct {
	verbose bool

	mu sync.Mutex
	w  io.Writer
}

func (p *printer) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// lines returns what prints the log lines of a process after its name: those that a person should see, or all.
func (p *printer) lines(name string) func(string) {
	return func(line string) {
		if level, text := supervise.Message(line); p.verbose || level >= slog.LevelWarn {
			p.note("[%s] %s", name, text)
		}
	}
}
