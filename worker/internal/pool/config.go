package pool

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"time"
)

// Config holds a pool's settings. A zero field means its default.
type Config struct {
	Slots        int           // messages that handlers have at once; default 4 x GOMAXPROCS
	PollWait     time.Duration // longest wait of an empty receive, 1 s to 20 s, SQS's most; default 20 s
	Visibility   time.Duration // length of a lease, extended after each third of it, 3 s to 12 h; default 30 s
	JobTimeout   time.Duration // longest a handler may take, 1 s to 11 h: SQS extends a lease for 12 h; default 10 min
	DrainTimeout time.Duration // from the end of Run's context to its return, 1 s to 1 h; default 20 s

	// Probe reports whether what handlers call unavailable does answer. It is asked when a handler has failed so, and
	// while the breaker is open. Default: it always answers, so that only messages tell.
	Probe func(ctx context.Context) error
	// Busy is told true when the first message comes into an idle pool's hands and false when the last one is
	// settled. Its calls come one at a time and in order, and it must not block. Default: nobody is told.
	Busy func(busy bool)

	Log     *slog.Logger // default discards
	Metrics *Metrics     // default unregistered
}

// withDefaults returns c with each zero field replaced.
func (c Config) withDefaults() Config {
	setDefault(&c.Slots, 4*runtime.GOMAXPROCS(0))
	setDefault(&c.PollWait, 20*time.Second)
	setDefault(&c.Visibility, 30*time.Second)
	setDefault(&c.JobTimeout, 10*time.Minute)
	setDefault(&c.DrainTimeout, 20*time.Second)
	setDefault(&c.Log, slog.New(slog.DiscardHandler))
	if c.Probe == nil {
		c.Probe = func(context.Context) error { return nil }
	}
	if c.Busy == nil {
		c.Busy = func(bool) {}
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(nil)
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate reports the first setting that is out of its range.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.Slots < 1 || c.Slots > 10_000 {
		return fmt.Errorf("slots: %d is not within 1 to 10000", c.Slots)
	}
	for _, f := range []struct {
		name               string
		value, least, most time.Duration
	}{
		{"poll wait", c.PollWait, time.Second, 20 * time.Second},
		{"visibility", c.Visibility, 3 * time.Second, leaseMost},
		{"job timeout", c.JobTimeout, time.Second, 11 * time.Hour},
		{"drain timeout", c.DrainTimeout, time.Second, time.Hour},
	} {
		if f.value < f.least || f.value > f.most {
			return fmt.Errorf("%s: %v is not within %v to %v", f.name, f.value, f.least, f.most)
		}
	}
	return nil
}
