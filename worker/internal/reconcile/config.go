package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// Config holds a reconciler's settings. A zero field means its default.
type Config struct {
	Bucket       string        // the uploads bucket's name; events of another are refused
	Recipe       photo.Recipe  // how the engine renders photos; MaxBytes defaults to 64 MiB, Memory is that below
	Renders      int           // photos rendered at once; default GOMAXPROCS
	Memory       int64         // bytes for originals in hand and for rendering, together; default 1 GiB
	StallTimeout time.Duration // longest wait for the next byte of an original; default 15 s
	Log          *slog.Logger  // default discards
	// Progress is told what is done with the photo of a key, with the context of its message; default nobody is.
	Progress func(ctx context.Context, key, stage string)
	Metrics  *Metrics     // default unregistered
	Tracer   trace.Tracer // default makes no spans
}

func (c Config) withDefaults() Config {
	if c.Recipe.MaxBytes == 0 {
		c.Recipe.MaxBytes = engine.DefaultMaxBytes
	}
	if c.Renders == 0 {
		c.Renders = runtime.GOMAXPROCS(0)
	}
	if c.Memory == 0 {
		c.Memory = 1 << 30
	}
	c.Recipe.Memory = c.Memory
	if c.StallTimeout == 0 {
		c.StallTimeout = 15 * time.Second
	}
	if c.Progress == nil {
		c.Progress = func(context.Context, string, string) {}
	}
	if c.Log == nil {
		c.Log = discard
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(nil)
	}
	if c.Tracer == nil {
		c.Tracer = noop.NewTracerProvider().Tracer("")
	}
	return c
}

// Validate reports the first setting that is out of its range.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case c.Bucket == "":
		return errors.New("the uploads bucket has no name")
	case c.Recipe.Name == "":
		return errors.New("the recipe has no name")
	case c.Recipe.MaxBytes < 1:
		return fmt.Errorf("max bytes: %d is less than 1", c.Recipe.MaxBytes)
	case c.Renders < 1:
		return fmt.Errorf("renders: %d is less than 1", c.Renders)
	case c.Memory < 4*c.Recipe.MaxBytes:
		return fmt.Errorf("memory: a budget of %d bytes is less than four originals of %d bytes", c.Memory, c.Recipe.MaxBytes)
	case c.StallTimeout < 0:
		return fmt.Errorf("stall timeout: %v is less than nothing", c.StallTimeout)
	}
	return nil
}

// discard is the logger where none is given.
var discard = slog.New(slog.DiscardHandler)
