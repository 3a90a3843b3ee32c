// Package scaler adds workers as soon as the queue shows that more are needed, minutes before CloudWatch's metrics do.
// It reads the queue's depth itself, and [scaling.Fast] decides.
//
// It runs beside target tracking and only adds workers; target tracking removes them. If it dies, the service scales as
// it would without it.
//
// It runs for ever ([Scaler.Run]), or until a deadline ([Scaler.RunToDeadline]) where something else starts it again.
//
// Two scalers may run at once, by accident or while one replaces the other. ECS has no conditional change of a count,
// so no lock could keep a scaler that was paused from writing late. None is needed: both decide the same from the same
// queue, deciding again changes nothing, and neither lowers a count that it has read. What remains is a change between
// another scaler's read and write. A scaler does not write after half an interval since its read, so the count is too
// low for at most one interval, until the next reading.
package scaler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"darkroom/worker/internal/queue"
	"darkroom/worker/scaling"
	"darkroom/worker/wait"
)

// DefaultInterval is the usual time between two readings. At this interval they cost 0.10 dollars a month.
const DefaultInterval = 10 * time.Second

// minInterval is the shortest time between two readings.
const minInterval = time.Second

// Queue reports how much it holds.
type Queue interface {
	Depth(ctx context.Context) (queue.Depth, error)
}

// Tasks counts the workers.
type Tasks struct {
	Desired int
	Running int // running tasks, which are taken to receive
}

// Workers counts and scales the tasks of the workers.
type Workers interface {
	// Count returns how many workers there are.
	Count(ctx context.Context) (Tasks, error)
	// SetDesired changes the desired count. It changes nothing if ctx has ended.
	SetDesired(ctx context.Context, n int) error
}

// Config holds a scaler's settings.
type Config struct {
	Policy   scaling.Fast
	Interval time.Duration // time between readings, at least 1 s
	DryRun   bool          // log each change of what would be set, and set nothing
	Log      *slog.Logger  // default discards
}

// Validate reports the first setting that is out of its range.
func (c Config) Validate() error {
	if c.Interval < minInterval {
		return fmt.Errorf("interval: %v is less than %v", c.Interval, minInterval)
	}
	return c.Policy.Validate()
}

// Scaler scales workers.
type Scaler struct {
	cfg     Config
	queue   Queue
	workers Workers
	last    scaling.Reading // the reading before, zero if there is none; owned by the only run, as is failed
	failed  bool            // the last reading failed
	shown   int             // number of workers that the last line of a dry run named; 0 once no more are needed
	began   time.Time       // start of the last reading
}

// New returns a scaler of workers by the depth of a queue.
func New(cfg Config, q Queue, workers Workers) (*Scaler, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Scaler{cfg: cfg, queue: q, workers: workers}, nil
}

// Run scales until ctx ends. A reading that fails changes nothing, and is not used by the next one.
func (s *Scaler) Run(ctx context.Context) {
	for ctx.Err() == nil {
		_ = s.read(ctx)
		if s.pause(ctx) != nil {
			return
		}
	}
}

// RunToDeadline scales for as long as a reading can end before the deadline of ctx, and reads once in any case. The
// error is that of the last reading, if all of them failed. A later run continues from the last reading of this one.
func (s *Scaler) RunToDeadline(ctx context.Context) error {
	deadline, ok := ctx.Deadline()
	if !ok {
		return errors.New("the run has no deadline")
	}
	succeeded := false
	for {
		begin := time.Now()
		err := s.read(ctx)
		succeeded = succeeded || err == nil
		if begin.Add(s.cfg.Interval + s.cfg.Interval/2).After(deadline) {
			if succeeded {
				return nil
			}
			return err
		}
		if err := s.pause(ctx); err != nil {
			return err
		}
	}
}

// pause waits until the next reading is due, an interval after the last one began.
func (s *Scaler) pause(ctx context.Context) error {
	return wait.Until(ctx, s.began.Add(s.cfg.Interval))
}

// read scales once. It logs the first of several failures, and the end of them.
func (s *Scaler) read(ctx context.Context) error {
	s.began = time.Now()
	err := s.scale(ctx)
	if ctx.Err() != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	if err != nil && !s.failed {
		s.cfg.Log.Error("cannot scale, target tracking continues alone", "error", err)
	}
	if err == nil && s.failed {
		s.cfg.Log.Info("can scale again")
	}
	s.failed = err != nil
	return err
}

// recent is the greatest age, in intervals, at which a reading still shows how fast messages arrive.
const recent = 3

// scale reads the queue and the workers, and decides once.
func (s *Scaler) scale(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Interval/2)
	defer cancel()
	now := scaling.Reading{At: time.Now()}
	before := s.last
	if now.At.Sub(before.At) > recent*s.cfg.Interval {
		before = scaling.Reading{}
	}
	s.last = scaling.Reading{} // a reading that fails leaves none
	depth, err := s.queue.Depth(ctx)
	if err != nil {
		return err
	}
	tasks, err := s.workers.Count(ctx)
	if err != nil {
		return err
	}
	now.Visible, now.InFlight, now.Running = depth.Visible, depth.InFlight, tasks.Running
	s.last = now
	n := s.cfg.Policy.Decide(before, now, tasks.Desired)
	if n <= tasks.Desired { // less if somebody has set more than the maximum
		s.shown = 0
		return nil
	}
	log := s.cfg.Log.With("desired", n, "before", tasks.Desired, "running", tasks.Running, "visible", depth.Visible,
		"in_flight", depth.InFlight)
	if s.cfg.DryRun {
		if n != s.shown {
			log.Info("would add workers")
		}
		s.shown = n
		return nil
	}
	if err := s.workers.SetDesired(ctx, n); err != nil {
		return err
	}
	log.Info("added workers")
	return nil
}
