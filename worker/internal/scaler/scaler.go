// Package scaler adds workers as soon as the queue shows that more are needed, minutes before CloudWatch's metrics do. It
// reads the queue's depth itself, and [scaling.Fast] decides.
//
// It runs beside target tracking and only adds workers; target tracking removes them. If it dies, the service scales as it
// would without it.
//
// Two scalers may run at once, by accident or while one replaces the other. ECS has no conditional change of a count, so no
// lock could keep a scaler that was paused from writing late. None is needed: both decide the same from the same queue,
// deciding again changes nothing, and neither lowers a count that it has read. What remains is a change between another
// scaler's read and write. A scaler does not write after half an interval since its read, so the count is too low for at
// most one interval, until the next reading.
package scaler

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"darkroom/worker/internal/queue"
	"darkroom/worker/scaling"
)

// DefaultInterval is the usual time between two readings. At this interval they cost 0.10 dollars a month.
const DefaultInterval = 10 * time.Second

// minInterval is the shortest time between two readings.
const minInterval = time.Second

// Queue reports how much it holds.
type Queue interface {
	Depth(ctx context.Context) (queue.Depth, error)
}

// Tasks is how many workers there are.
type Tasks struct {
	Desired int
	Running int // running, and receiving as far as can be known
}

// Workers are what is scaled.
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
	DryRun   bool          // log what would be set, and set nothing
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
	last    scaling.Reading // the reading before, zero if there is none; owned by Run, as is failed
	failed  bool            // the last reading failed
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

// Run scales until ctx ends. A reading that fails changes nothing; the next one starts afresh.
func (s *Scaler) Run(ctx context.Context) {
	tick := time.NewTicker(s.cfg.Interval)
	defer tick.Stop()
	for {
		err := s.scale(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !s.failed { // logged once, not at every reading
			s.cfg.Log.Error("cannot scale, target tracking continues alone", "error", err)
		}
		if err == nil && s.failed {
			s.cfg.Log.Info("can scale again")
		}
		s.failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// scale reads the queue and the workers, and decides once.
func (s *Scaler) scale(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Interval/2)
	defer cancel()
	now := scaling.Reading{At: time.Now()}
	before := s.last
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
		return nil
	}
	log := s.cfg.Log.With("desired", n, "before", tasks.Desired, "running", tasks.Running, "visible", depth.Visible, "in_flight", depth.InFlight)
	if s.cfg.DryRun {
		log.Info("would add workers")
		return nil
	}
	if err := s.workers.SetDesired(ctx, n); err != nil {
		return err
	}
	log.Info("added workers")
	return nil
}
