// Package scaler asks for workers as soon as the queue shows that more are needed, minutes before CloudWatch's metrics do.
// It looks at the queue itself, and [scaling.Fast] decides.
//
// It runs beside target tracking and only ever adds; to remove is left to that. So it is safe when it dies: what scales without
// it goes on. It is also safe when two run, by accident or while one replaces the other: ECS has no conditional change of a count, so
// no lease could keep a leader that was paused from writing late, and none is needed. Both decide the same from the same
// queue, to decide again from what was decided changes nothing, and none lowers a count that it has read. What is left is a
// change between the read and the write of another: a write is given up when its look is older than half an interval, so that
// the count is too low for at most an interval, until the next look.
package scaler

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"darkroom/worker/internal/queue"
	"darkroom/worker/scaling"
)

// DefaultInterval is the default time between two looks. At that the looks cost 0.10 dollars a month.
const DefaultInterval = 10 * time.Second

// Queue tells how much it holds.
type Queue interface {
	Depth(ctx context.Context) (queue.Depth, error)
}

// Count is how many workers there are.
type Count struct {
	Desired int
	Running int // and receiving, as far as can be known
}

// Workers are what is scaled.
type Workers interface {
	Count(ctx context.Context) (Count, error)
	// SetDesired changes the desired count. A context that has ended by then changes nothing.
	SetDesired(ctx context.Context, n int) error
}

// Config holds a scaler's settings. A zero Interval or Log means its default.
type Config struct {
	Policy   scaling.Fast
	Interval time.Duration // between looks, at least 1 s; default DefaultInterval
	DryRun   bool          // log what would be set, and set nothing
	Log      *slog.Logger  // default discards
}

// Validate reports the first setting that is out of its range.
func (c Config) Validate() error {
	if c.Interval != 0 && c.Interval < time.Second {
		return fmt.Errorf("interval between looks at the queue: %v is less than 1s", c.Interval)
	}
	return c.Policy.Validate()
}

// Scaler scales workers.
type Scaler struct {
	cfg     Config
	queue   Queue
	workers Workers
	last    scaling.Reading // the look before; Run owns it and what follows
	failed  bool
}

// New returns a scaler.
func New(cfg Config, q Queue, workers Workers) (*Scaler, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Interval == 0 {
		cfg.Interval = DefaultInterval
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Scaler{cfg: cfg, queue: q, workers: workers}, nil
}

// Run looks until ctx ends. A look that fails changes nothing, and the next is a new one.
func (s *Scaler) Run(ctx context.Context) {
	tick := time.NewTicker(s.cfg.Interval)
	defer tick.Stop()
	for {
		err := s.look(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !s.failed { // said once: every look would say the same
			s.cfg.Log.Error("cannot scale, target tracking goes on", "error", err)
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

// look decides once.
func (s *Scaler) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Interval/2)
	defer cancel()
	now := scaling.Reading{At: time.Now()}
	before := s.last
	s.last = scaling.Reading{} // of a look that fails nothing is known
	d, err := s.queue.Depth(ctx)
	if err != nil {
		return err
	}
	count, err := s.workers.Count(ctx)
	if err != nil {
		return err
	}
	now.Visible, now.InFlight, now.Running = d.Visible, d.InFlight, count.Running
	s.last = now
	n := s.cfg.Policy.Decide(before, now, count.Desired)
	if n <= count.Desired { // fewer is somebody's who wants more than at most
		return nil
	}
	log := s.cfg.Log.With("desired", n, "before", count.Desired, "running", count.Running, "visible", d.Visible, "in_flight", d.InFlight)
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
