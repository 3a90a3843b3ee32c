package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/prometheus/client_golang/prometheus"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/purge"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/status"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/s3store"
	"darkroom/worker/internal/taskprotection"
	"darkroom/worker/internal/taskprotection/ecstask"
	"darkroom/worker/photo"
	"darkroom/worker/s3event"
)

// consumer is a worker's parts, wired together.
type consumer struct {
	photos     *pool.Pool
	events     *pool.Pool // forwards events to the queue of the photos; nil if one queue does both
	messages   *status.Messages
	rates      *status.Rates
	protection *taskprotection.Protection // nil if this is no task of ECS
	purging    *purging                   // nil if there is no CDN
}

// wire connects the queue to the buckets. The consumer calls drain if ECS replaces the task.
func (c *runCommand) wire(ctx context.Context, registry prometheus.Registerer, tracer trace.Tracer, drain func(), log *slog.Logger) (*consumer, error) {
	cfg, err := c.AWS.load(ctx)
	if err != nil {
		return nil, err
	}
	pooled, reconciled := pool.NewMetrics(registry), reconcile.NewMetrics(registry)
	w := &consumer{messages: status.NewMessages(), rates: status.NewRates(status.Metrics{
		Photos: reconciled.Photos(), Rejections: reconciled.Rejections(), Retries: pooled.Retries(),
		EventToManifest: reconciled.EventToManifest(), Slots: pooled.Slots(), RendersBusy: reconciled.RendersBusy(),
	})}
	busy := func(bool) {}
	if c.AgentURI != "" {
		protected := taskprotection.Config{AgentURI: c.AgentURI, Linger: c.Linger, Drain: drain, Log: log}
		if c.MetadataURI != "" {
			protected.Replaced = ecstask.New(ecs.NewFromConfig(cfg), http.DefaultClient, c.MetadataURI).Replaced
		}
		if w.protection, err = taskprotection.New(protected); err != nil {
			return nil, err
		}
		busy = w.protection.Busy
	}
	client := sqs.NewFromConfig(cfg)
	storage := store.NewMetrics(registry)
	uploadsBucket := s3store.New(s3.NewFromConfig(cfg, s3store.Options), c.Buckets.Uploads)
	uploads := storage.Measure(store.RoleUploads, uploadsBucket)
	variants := storage.Measure(store.RoleVariants, s3store.New(s3.NewFromConfig(cfg, s3store.Options), c.Buckets.Variants).Written())
	calls := queue.NewMetrics(registry)
	w.purging = c.wirePurges(cfg, calls, purge.NewMetrics(registry), purge.NewBucket(variants), log)
	engine, err := c.Engine.Recipe.engine()
	if err != nil {
		return nil, err
	}
	boards, err := c.boards()
	if err != nil {
		return nil, err
	}
	var purges reconcile.Purges
	if w.purging != nil {
		purges = w.purging.requests
	}
	reconciler, err := reconcile.New(reconcile.Config{
		Purges: purges,
		Bucket: c.Buckets.Uploads, ParseEvents: parseEvents, Recipe: engine.Recipe(), Renders: c.Engine.renders(), Memory: c.Engine.memory(),
		RenderTimeout: c.Engine.timeout(), Boards: boards,
		Log: log, Metrics: reconciled, Tracer: tracer, Progress: w.messages.Stage, Recognized: pool.Recognize, Confirm: pool.Confirm,
	}, uploads, variants, engine)
	if err != nil {
		return nil, err
	}
	prove := &startProof{queue: c.Queue.open(client), uploads: uploads, variants: variants, notifications: uploadsBucket,
		namesDeadLetters: c.Queue.DeadLetterURL != "", purging: w.purging, log: log}
	rendering := pool.Config{
		PollWait: c.PollWait, Visibility: c.Visibility, JobTimeout: c.JobTimeout, DrainTimeout: c.DrainTimeout,
		Log: log, Metrics: pooled,
		Settings: "QUEUE_URL and UPLOADS_BUCKET", Prove: prove.run,
		Probe: func(ctx context.Context) error { return oneLine(uploads.Check(ctx), variants.Check(ctx)) },
		Busy:  busy,
	}
	if c.Slots != nil {
		rendering.Slots = *c.Slots
	}
	if c.Queue.PhotosURL == "" {
		w.photos, err = pool.New(rendering, calls.Measure(queue.NamePhotos, prove.queue), c.handler(c.Queue.URL, reconciler, w.messages))
		return w, err
	}
	return w, c.wireRouting(w, prove, calls, rendering, c.Queue.openPhotos(client), reconciler, registry)
}

// boards returns the limits of the boards that have stricter ones.
func (c *runCommand) boards() (map[photo.Board]photo.Limits, error) {
	if c.BoardLimits == "" {
		return nil, nil
	}
	parsed, err := photo.ParseBoardLimits(c.BoardLimits)
	if err != nil {
		return nil, err
	}
	boards := make(map[photo.Board]photo.Limits, len(parsed))
	for board, b := range parsed {
		if boards[board], err = b.Limits(); err != nil {
			return nil, fmt.Errorf("board %s: %w", board, err)
		}
	}
	return boards, nil
}

// oneLine joins errors for a log line and for /readyz.
func oneLine(errs ...error) error {
	var all error
	for _, err := range errs {
		switch {
		case err == nil:
		case all == nil:
			all = err
		default:
			all = fmt.Errorf("%w; %w", all, err)
		}
	}
	return all
}

// handler returns a handler that passes the messages of the queue with this URL to the reconciler.
func (c *runCommand) handler(url string, reconciler *reconcile.Reconciler, messages *status.Messages) pool.Handler {
	name := path.Base(url)
	return func(ctx context.Context, m queue.Message) error {
		ctx, end := messages.Begin(ctx, m.ID, m.ReceiveCount)
		defer end()
		ctx = reconcile.WithDelivery(ctx, reconcile.Delivery{System: semconv.MessagingSystemAWSSQS.Value.AsString(), Queue: name, ID: m.ID, Receives: m.ReceiveCount, Sent: m.Sent, Received: m.Received})
		if s3event.TestBucket(m.Body) == c.Buckets.Uploads {
			pool.Recognize(ctx)
		}
		if m.ReceiveCount > 1 {
			return poolError(reconciler.Redelivered(ctx, m.Body))
		}
		return poolError(reconciler.Message(ctx, m.Body))
	}
}

// parseEvents returns the events of a message from S3.
func parseEvents(body string) ([]reconcile.Event, error) {
	parsed, err := s3event.Parse(body)
	events := make([]reconcile.Event, len(parsed))
	for i, e := range parsed {
		events[i] = reconcile.Event(e)
	}
	return events, err
}

// poolError wraps an error of the reconciler in the pool's error of the same kind. The text stays, because it names the
// kind.
func poolError(err error) error {
	switch {
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrRefused), errors.Is(err, store.ErrStalled):
		// The last two may be about one photo or the whole bucket. The pool finds out which.
		return kindError{err, pool.ErrUnavailable}
	case errors.Is(err, reconcile.ErrBadMessage):
		return kindError{err, pool.ErrBadMessage}
	}
	return err
}

// kindError is an error that [errors.Is] also takes for one of another package.
type kindError struct {
	error
	kind error
}

func (e kindError) Unwrap() []error { return []error{e.kind, e.error} }
