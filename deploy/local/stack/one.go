package stack

import (
	"errors"
	"time"

	"darkroom/deploy/local/supervise"
)

// StartWorker starts the next of the workers of a stack that was told to start them later, without waiting until it is ready. No
// other method may be called meanwhile.
func (s *Stack) StartWorker() error {
	if len(s.workers) == s.config.Workers {
		return errors.New("all workers have been started")
	}
	return s.addWorker()
}

func (s *Stack) addWorker() error {
	command := s.config.workerCommand(s.Addresses, len(s.workers))
	command.Line = s.out.lines(command.Name)
	kept, err := supervise.Keep(command, func(err error, wait time.Duration) {
		s.out.note("%v\nstarting %s again in %s", err, command.Name, wait)
	})
	if err != nil {
		return err
	}
	s.workers = append(s.workers, kept)
	return nil
}
