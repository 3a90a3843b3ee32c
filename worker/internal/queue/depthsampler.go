package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// MinDepthInterval is the shortest time between two samples of a queue's depth.
const MinDepthInterval = time.Second

// DepthConfig holds the settings of a [DepthSampler].
type DepthConfig struct {
	Interval   time.Duration         // time between samples, at least [MinDepthInterval]
	Registerer prometheus.Registerer // may be nil
	Log        *slog.Logger          // default discards
}

// Validate reports the first setting that is out of its range.
func (c DepthConfig) Validate() error {
	if c.Interval < MinDepthInterval {
		return fmt.Errorf("queue depth interval: %v is less than %v", c.Interval, MinDepthInterval)
	}
	return nil
}

// DepthSampler exports the depth of queues and of their dead-letter queues as the gauge darkroom_queue_messages, for
// dashboards, alerts and scaling by metrics. The label "queue" is the name of a queue, or dead_letters for the sum of
// all dead-letter queues. The numbers are as approximate as the queues' own.
type DepthSampler struct {
	cfg    DepthConfig
	queues map[string]Inspector // key: value of the label "queue"
	gauge  *prometheus.GaugeVec

	mu     sync.Mutex
	worked bool      // a sample has succeeded
	ended  time.Time // end of the last sample, or start of the sampler
	failed error     // why the last sample failed
}

var errNoSample = errors.New("the queue has not been read yet")

// NewDepthSampler returns a sampler and registers its gauge, which has no value until the first sample.
func NewDepthSampler(cfg DepthConfig, queues map[string]Inspector) (*DepthSampler, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &DepthSampler{cfg: cfg, queues: queues, ended: time.Now(), failed: errNoSample,
		gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "darkroom_queue_messages",
			Help: "Messages in the queues and in their dead-letter queues, by state."}, []string{"queue", "state"})}
	if cfg.Registerer != nil {
		if err := cfg.Registerer.Register(s.gauge); err != nil {
			return nil, fmt.Errorf("register darkroom_queue_messages: %w", err)
		}
	}
	return s, nil
}

// Run takes samples until ctx ends. A sample that fails removes the values: an old value would pass for a current one.
func (s *DepthSampler) Run(ctx context.Context) {
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
	var failed error
	var all Joined
	for name, q := range s.queues {
		depth, err := q.Depth(ctx)
		s.set(name, depth, err)
		if failed == nil {
			failed = err
		}
		all = append(all, q)
	}
	letters, err := all.DeadLetterDepth(ctx)
	s.set("dead_letters", letters, err)
	if failed == nil && !errors.Is(err, ErrNoDeadLetterQueue) {
		failed = err
	}
	s.note(ctx, failed)
}

// note records how a sample ended. It logs the first of several failures in a row.
func (s *DepthSampler) note(ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.failed == nil || errors.Is(s.failed, errNoSample)
	if err != nil && first && !errors.Is(ctx.Err(), context.Canceled) {
		s.cfg.Log.Warn("queue depth not available", "error", err)
	}
	s.worked = s.worked || err == nil
	s.failed, s.ended = err, time.Now()
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

// Ready returns an error if the last sample failed, or if there was none yet.
func (s *DepthSampler) Ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// Healthy returns an error if no sample has ever succeeded, so that the settings may be wrong, or if no sample has
// ended for three intervals. A queue that fails later is no reason to replace the process.
func (s *DepthSampler) Healthy() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.worked {
		return s.failed
	}
	if since := time.Since(s.ended); since > 3*s.cfg.Interval {
		return fmt.Errorf("no sample of the queue's depth has ended for %v", since.Round(time.Second))
	}
	return nil
}
