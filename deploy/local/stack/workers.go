package stack

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"darkroom/deploy/local/build"
	"darkroom/deploy/local/supervise"
)

// StartWorkers starts the workers of a system whose workers were deferred or stopped, and waits until they are ready.
// No other method may be called at the same time.
func (s *Stack) StartWorkers(ctx context.Context) error {
	for len(s.workers) < s.config.Workers {
		if err := s.addWorker(); err != nil {
			return err
		}
	}
	for _, w := range s.workers {
		if err := waitReady(ctx, w.Process()); err != nil {
			return err
		}
	}
	return nil
}

// StartWorker starts one more worker of a system whose workers were deferred, without waiting until it is ready. No
// other method may be called at the same time.
func (s *Stack) StartWorker() error {
	if len(s.workers) == s.config.Workers {
		return errors.New("all workers have been started")
	}
	return s.addWorker()
}

func (s *Stack) addWorker() error {
	command := s.config.workerCommand(s.Addresses, len(s.workers))
	command.Line = s.out.logLines(command.Name)
	kept, err := supervise.Keep(command, func(err error, wait time.Duration) {
		s.out.printf("%v\nrestarting %s in %s", err, command.Name, wait)
	})
	if err != nil {
		return err
	}
	s.workers = append(s.workers, kept)
	return nil
}

// StopWorkers stops the workers, which first finish the photos in progress. No other method may be called at the same
// time.
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

// SetWorkerEnv replaces what [Config].WorkerEnv adds to the environment of workers and commands that start from now on.
// No other method may be called at the same time.
func (s *Stack) SetWorkerEnv(env ...string) { s.config.WorkerEnv = env }

// KillWorker ends worker i, counted from 0, with SIGKILL. It is restarted.
func (s *Stack) KillWorker(i int) { s.workers[i].Process().Kill() }

// SuspendWorker stops worker i, counted from 0, with SIGSTOP until resume is called.
func (s *Stack) SuspendWorker(i int) (resume func(), err error) {
	p := s.workers[i].Process()
	return p.Resume, p.Suspend()
}

// WorkerCommand returns a command of the program worker, such as sweep, for this system. It uses S3 and SQS without
// faults.
func (s *Stack) WorkerCommand(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, filepath.Join(s.config.Bin, build.Worker), args...)
	c.Env = append(append(clientEnv(s.Addresses), "QUEUE_URL="+s.Events, "PHOTOS_QUEUE_URL="+s.Photos), s.config.WorkerEnv...)
	return c
}

// WorkerPIDs returns the process ids of the workers as they are now.
func (s *Stack) WorkerPIDs() []int {
	var pids []int
	for _, w := range s.workers {
		pids = append(pids, w.Process().PID())
	}
	return pids
}
