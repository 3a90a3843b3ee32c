package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/status"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/s3store"
)

// consumer wires the queue to the buckets. busy is told whether messages are in hand; it may be nil.
func (c *runCommand) consumer(ctx context.Context, registry prometheus.Registerer, tracer trace.Tracer, jobs *status.Jobs, busy func(bool), log *slog.Logger) (*pool.Pool, *sqsqueue.Queue, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return nil, nil, errors.New("no AWS region is set: set AWS_REGION")
	}
	uploads := s3store.New(s3.NewFromConfig(cfg, s3store.Options), c.UploadsBucket)
	variants := s3store.New(s3.NewFromConfig(cfg, s3store.Options), c.VariantsBucket)
	engine, err := c.Engine.engine()
	if err != nil {
		return nil, nil, err
	}
	reconciler, err := reconcile.New(reconcile.Config{
		Bucket: c.UploadsBucket, Recipe: engine.Recipe(), Renders: c.Engine.renders(), Memory: c.Engine.memory(),
		Log: log, Metrics: reconcile.NewMetrics(registry), Tracer: tracer, Progress: jobs.At,
	}, uploads, variants, engine)
	if err != nil {
		return nil, nil, err
	}
	q := sqsqueue.New(sqs.NewFromConfig(cfg), c.QueueURL, c.DeadLetterURL)
	consumer, err := pool.New(pool.Config{
		Slots: c.Slots, PollWait: c.PollWait, Visibility: c.Visibility, JobTimeout: c.JobTimeout, DrainTimeout: c.DrainTimeout,
		Log: log, Metrics: pool.NewMetrics(registry),
		Probe: func(ctx context.Context) error { return errors.Join(uploads.Answers(ctx), variants.Answers(ctx)) },
		Busy:  busy,
	}, q, func(ctx context.Context, m queue.Message) error {
		ctx, end := jobs.Begin(ctx, m.ID, m.ReceiveCount)
		defer end()
		ctx = reconcile.WithDelivery(ctx, reconcile.Delivery{Queue: path.Base(c.QueueURL), ID: m.ID, Receives: m.ReceiveCount, Sent: m.Sent, Received: m.Received})
		if m.ReceiveCount > 1 {
			return outcome(reconciler.Redelivered(ctx, m.Body))
		}
		return outcome(reconciler.Message(ctx, m.Body))
	})
	return consumer, q, err
}

// outcome gives an error of the reconciler the pool's kind.
func outcome(err error) error {
	switch {
	case errors.Is(err, store.ErrUnavailable):
		return fmt.Errorf("%w: %w", pool.ErrUnavailable, err)
	case errors.Is(err, reconcile.ErrBadMessage):
		return fmt.Errorf("%w: %w", pool.ErrBadMessage, err)
	}
	return err
}
