// Package depth keeps gauges of what the queue and its dead-letter queue hold, for whoever scales and watches the workers
// by metrics of theirs. The numbers are approximate, as SQS says of its own; every worker of a queue has the same.
package depth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// DefaultInterval is the default time between two looks at the queues. At that, a worker's looks cost 0.07 dollars a month.
const DefaultInterval = 30 * time.Second

// Depth is how many messages a queue has.
type Depth struct {
	Visible  int // that can be received
	InFlight int // that were received, and neither deleted nor released
	Delayed  int // that cannot be received yet
}

// Queue is a queue with a dead-letter queue.
type Queue interface {
	// Depth looks at the queue itself.
	Depth(ctx context.Context) (Depth, error)
	// DeadLetters looks at its dead-letter queue. The error is an [ErrNone] if it has none.
	DeadLetters(ctx context.Context) (Depth, error)
}

// ErrNone reports that there is no dead-letter queue.
var ErrNone = errors.New("no dead-letter queue")

// Config holds a sampler's settings. A zero field means its default.
type Config struct {
	Interval   time.Duration // between looks, at least 1 s; default DefaultInterval
	Registerer prometheus.Registerer
	Log        *slog.Logger // default discards
}

// Validate reports the first setting that is out of its range.
func (c Config) Validate() error {
	if c.Interval != 0 && c.Interval < time.Second {
		return fmt.Errorf("interval between looks at the queue: %v is less than 1s", c.Interval)
	}
	return nil
}

// Sampler looks at a queue now and then.
type Sampler struct {
	cfg    Config
	queue  Queue
	gauge  *prometheus.GaugeVec
	failed bool // the last look; Run owns it
}

// New returns a sampler whose gauges are registered, without a value until the first look.
func New(cfg Config, queue Queue) (*Sampler, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Interval == 0 {
		cfg.Interval = DefaultInterval
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Sampler{cfg: cfg, queue: queue, gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "darkroom_queue_messages",
		Help: "Messages of the queue, and of its dead-letter queue, by what can be done with them."}, []string{"queue", "state"})}
	if cfg.Registerer != nil {
		if err := cfg.Registerer.Register(s.gauge); err != nil {
			return nil, fmt.Errorf("register the gauge of the queue's messages: %w", err)
		}
	}
	return s, nil
}

// Run looks until ctx ends. A look that fails takes the values away, since an old one would pass for a new one.
func (s *Sampler) Run(ctx context.Context) {
	tick := time.NewTicker(s.cfg.Interval)
	defer tick.Stop()
	for {
		s.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Sampler) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Interval)
	defer cancel()
	photos, err := s.queue.Depth(ctx)
	s.set("photos", photos, err)
	letters, deadErr := s.queue.DeadLetters(ctx)
	if s.set("dead_letters", letters, deadErr); errors.Is(deadErr, ErrNone) {
		deadErr = nil
	}
	err = errors.Join(err, deadErr)
	if err != nil && !s.failed && !errors.Is(ctx.Err(), context.Canceled) {
		s.cfg.Log.Warn("cannot see how much the queue holds", "error", err) // said once: every look would say the same
	}
	s.failed = err != nil
}

func (s *Sampler) set(queue string, d Depth, err error) {
	if err != nil {
		s.gauge.DeletePartialMatch(prometheus.Labels{"queue": queue})
		return
	}
	for state, n := range map[string]int{"visible": d.Visible, "in_flight": d.InFlight, "delayed": d.Delayed} {
		s.gauge.WithLabelValues(queue, state).Set(float64(n))
	}
}
