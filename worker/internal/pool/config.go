package pool

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"darkroom/worker/internal/queue"
	"darkroom/worker/settings"
)

// Bounds of the settings.
const (
	MaxSlots      = 10_000
	MinVisibility = 3 * time.Second
)

// MaxJobTimeout returns the longest job timeout for a queue with these limits: 11/12 of its longest visibility timeout,
// which leaves the rest for settling the message.
func MaxJobTimeout(limits queue.Limits) time.Duration { return limits.MaxVisibility / 12 * 11 }

// Config holds a pool's settings. The durations have no default: a zero is refused like any other value out of range.
type Config struct {
	Slots        int           // maximum number of messages with handlers at once, 1 to MaxSlots; 0 for 4 x GOMAXPROCS
	PollWait     time.Duration // how long a receive waits at an empty queue, within the queue's limits
	Visibility   time.Duration // visibility timeout, extended after each third of it; MinVisibility to the queue's limit
	JobTimeout   time.Duration // longest time for one call of the handler, 1 s to MaxJobTimeout
	DrainTimeout time.Duration // time from the end of Run's context to its return, 1 s to 1 h

	// Prove reports whether the queue and everything else that handlers need exists, answers, and permits what the worker
	// will do. The pool receives nothing until it succeeds, and calls it again, with a back-off, until then. It is also
	// called when the queue refuses to delete a message or to extend its visibility timeout. Default: it always succeeds.
	Prove func(ctx context.Context) error
	// Probe reports whether the dependency that handlers found unavailable answers. The pool calls it when a handler
	// has returned ErrUnavailable, and while the breaker is open. Default: it always succeeds, so only handlers decide.
	Probe func(ctx context.Context) error
	// Busy is called with true when an idle pool receives its first message, and with false when the last one is settled.
	// The calls come one at a time and in order. Busy must not block. Default: none.
	Busy func(busy bool)

	// Lends makes the pool lend slots to a router of another queue: see [Pool.Lend].
	Lends bool

	// Settings names, for the log, the settings that decide which messages the pool receives and recognizes.
	Settings string

	Log     *slog.Logger // default discards
	Metrics *Metrics     // default unregistered
}

// withDefaults returns c with its optional fields set.
func (c Config) withDefaults() Config {
	if c.Slots == 0 {
		c.Slots = 4 * runtime.GOMAXPROCS(0)
	}
	if c.Prove == nil {
		c.Prove = func(context.Context) error { return nil }
	}
	if c.Probe == nil {
		c.Probe = func(context.Context) error { return nil }
	}
	if c.Busy == nil {
		c.Busy = func(bool) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(nil)
	}
	return c
}

// Validate reports the first setting that is out of its range, for a queue with these limits.
func (c Config) Validate(limits queue.Limits) error {
	if err := settings.Named("slots", settings.Range(c.withDefaults().Slots, 1, MaxSlots)); err != nil {
		return err
	}
	for _, f := range []struct {
		name               string
		value, least, most time.Duration
	}{
		{"poll wait", c.PollWait, limits.MinWait, limits.MaxWait},
		{"visibility timeout", c.Visibility, MinVisibility, limits.MaxVisibility},
		{"job timeout", c.JobTimeout, time.Second, MaxJobTimeout(limits)},
		{"drain timeout", c.DrainTimeout, time.Second, time.Hour},
	} {
		if err := settings.Named(f.name, settings.Range(f.value, f.least, f.most)); err != nil {
			return err
		}
	}
	return nil
}
