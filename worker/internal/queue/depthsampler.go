package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// DefaultDepthInterval is the usual time between two samples of the depth. At this interval the calls of one worker to SQS
// cost 0.07 dollars a month.
const DefaultDepthInterval = 30 * time.Second

// minDepthInterval is the shortest time between two samples.
const minDepthInterval = time.Second

// DepthConfig holds the settings of a [DepthSampler].
type DepthConfig struct {
	Interval   time.Duration         // time between samples, at least 1 s; 0 takes no samples
	Registerer prometheus.Registerer // may be nil
	Log        *slog.Logger          // default discards
}

// Validate reports the first setting that is out of its range.
func (c DepthConfig) Validate() error {
	if c.Interval != 0 && c.Interval < minDepthInterval {
		return fmt.Errorf("queue depth interval: %v is less than %v: want 0 for never, or more", c.Interval, minDepthInterval)
	}
	return nil
}

// DepthSampler exports the depth of a queue and of its dead-letter queue as the gauge darkroom_queue_messages, for
// dashboards, alerts and whoever scales the workers by metrics. Every worker of a queue exports the same numbers. They are
// as approximate as the queue's own.
type DepthSampler struct {
	cfg    DepthConfig
	queue  Inspector
	gauge  *prometheus.GaugeVec
	failed bool // the last sample failed; owned by Run
}

// NewDepthSampler returns a sampler and registers its gauge, which has no value until the first sample. Without an interval
// it registers nothing.
func NewDepthSampler(cfg DepthConfig, queue Inspector) (*DepthSampler, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &DepthSampler{cfg: cfg, queue: queue, gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "darkroom_queue_messages",
		Help: "Messages in the queue and in its dead-letter queue, by state."}, []string{"queue", "state"})}
	if cfg.Registerer != nil && cfg.Interval != 0 {
		if err := cfg.Registerer.Register(s.gauge); err != nil {
			return nil, fmt.Errorf("register darkroom_queue_messages: %w", err)
		}
	}
	return s, nil
}

// Run takes samples until ctx ends. Without an interval it returns at once. A sample that fails removes the values: an old
// value would pass for a current one.
func (s *DepthSampler) Run(ctx context.Context) {
	if s.cfg.Interval == 0 {
		return
	}
	tick := time.NewTicker(s.cfg.Interval)
	defer tick.Stop()
	for {
		s.sample(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *DepthSampler) sample(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Interval)
	defer cancel()
	photos, err := s.queue.Depth(ctx)
	s.set("photos", photos, err)
	letters, letterErr := s.queue.DeadLetterDepth(ctx)
	s.set("dead_letters", letters, letterErr)
	if errors.Is(letterErr, ErrNoDeadLetterQueue) {
		letterErr = nil
	}
	err = errors.Join(err, letterErr)
	if err != nil && !s.failed && !errors.Is(ctx.Err(), context.Canceled) {
		s.cfg.Log.Warn("queue depth not available", "error", err) // logged once, not at every sample
	}
	s.failed = err != nil
}

func (s *DepthSampler) set(queue string, d Depth, err error) {
	if err != nil {
		s.gauge.DeletePartialMatch(prometheus.Labels{"queue": queue})
		return
	}
	for state, n := range map[string]int{"visible": d.Visible, "in_flight": d.InFlight, "delayed": d.Delayed} {
		s.gauge.WithLabelValues(queue, state).Set(float64(n))
	}
}
