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

// Config holds the settings of a [Reconciler]. Bucket, Recipe.Name and ParseEvents are required; any other zero field
// has a default.
type Config struct {
	// Bucket is the name of the uploads bucket. Events of another bucket are refused.
	Bucket string
	// ParseEvents returns the events of a message body. If it also returns an error, the events are reconciled and the
	// message is an [ErrBadMessage].
	ParseEvents func(body string) ([]Event, error)

	Recipe  photo.Recipe // the engine's; MaxBytes defaults to 64 MiB, Memory and RenderTimeout are set to the fields below
	Renders int          // photos rendered at once; default GOMAXPROCS
	Memory  int64        // bytes for downloaded originals and for rendering, together; default 1 GiB
	// RenderTimeout is the processor time that rendering a large photo may take: see [develop.Options].Timeout. The
	// default is DefaultRenderTimeout. Recipe.RenderTimeout is set to it.
	RenderTimeout time.Duration
	// Boards are the limits of boards that have stricter ones than this worker, for originals without
	// readable limits of their own.
	Boards       map[photo.Board]photo.Limits
	StallTimeout time.Duration // longest wait for the next byte of an original; default 15 s

	Log     *slog.Logger // default discards
	Metrics *Metrics     // default unregistered
	Tracer  trace.Tracer // default makes no spans
	// Confirm returns an error if the message of ctx is no longer this worker's. It is called before each write or
	// delete of an object that another worker may have written since. The default returns nil.
	Confirm func(ctx context.Context) error
	// Recognized is called, with the context of a message, for each of its events that is about the uploads bucket. The
	// default does nothing.
	Recognized func(ctx context.Context)
	// Purges asks the CDN of the variants to remove a photo, once the buckets no longer hold it. Nil if there is no
	// CDN.
	Purges Purges
	// Progress is called when the work on the photo with this key enters a stage, with the context of its message. The
	// default does nothing.
	Progress func(ctx context.Context, key, stage string)
}

// Purges asks a CDN to remove a photo from its caches.
type Purges interface {
	// RequestPurge has every copy of the photo's variants removed from the caches. When it returns nil, the request is
	// stored and is not lost. The purge itself comes later, and may be requested more than once. It must wait until
	// [photo.Manifest.Erased] reports true, if there is a manifest: until then a cache could store a variant again.
	RequestPurge(ctx context.Context, ref photo.Ref) error
}

// DefaultRenderTimeout is many times longer than any camera's photo takes.
const DefaultRenderTimeout = 60 * time.Second

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
	if c.RenderTimeout == 0 {
		c.RenderTimeout = DefaultRenderTimeout
	}
	c.Recipe.RenderTimeout = c.RenderTimeout
	if c.StallTimeout == 0 {
		c.StallTimeout = 15 * time.Second
	}
	if c.Recognized == nil {
		c.Recognized = func(context.Context) {}
	}
	if c.Progress == nil {
		c.Progress = func(context.Context, string, string) {}
	}
	if c.Confirm == nil {
		c.Confirm = func(context.Context) error { return nil }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(nil)
	}
	if c.Tracer == nil {
		c.Tracer = noop.NewTracerProvider().Tracer("")
	}
	return c
}

// Validate reports the first setting that is missing or out of range.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case c.Bucket == "":
		return errors.New("the name of the uploads bucket is missing")
	case c.ParseEvents == nil:
		return errors.New("the parser of events is missing")
	case c.Recipe.Name == "":
		return errors.New("the name of the recipe is missing")
	case c.Recipe.MaxBytes < 1:
		return fmt.Errorf("max bytes %d is less than 1", c.Recipe.MaxBytes)
	case c.Renders < 1:
		return fmt.Errorf("renders %d is less than 1", c.Renders)
	case c.Memory < 4*c.Recipe.MaxBytes:
		return fmt.Errorf("memory budget %d is less than four times max bytes %d", c.Memory, c.Recipe.MaxBytes)
	case c.RenderTimeout < 0:
		return fmt.Errorf("render timeout %v is negative", c.RenderTimeout)
	case c.StallTimeout < 0:
		return fmt.Errorf("stall timeout %v is negative", c.StallTimeout)
	}
	return nil
}
