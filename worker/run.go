package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path"
	"sync"
	"syscall"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"

	"darkroom/worker/internal/depth"
	"darkroom/worker/internal/ecs"
	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/s3store"
	"darkroom/worker/internal/sqsqueue"
	"darkroom/worker/logging"
	"darkroom/worker/process"
	"darkroom/worker/tracing"
)

const defaultListen = "127.0.0.1:9102"

type runCommand struct {
	QueueURL       string        `required:"" name:"queue-url" env:"QUEUE_URL" placeholder:"URL" group:"Queue" help:"SQS queue that the uploads bucket notifies."`
	UploadsBucket  string        `required:"" env:"UPLOADS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that clients upload photos to."`
	DeadLetterURL  string        `name:"dead-letter-queue-url" env:"DEAD_LETTER_QUEUE_URL" placeholder:"URL" group:"Queue" help:"SQS queue that messages go to which are no events of the uploads bucket. Default: the one that the queue's redrive policy names."`
	VariantsBucket string        `required:"" env:"VARIANTS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that variants and manifests are written to."`
	Slots          int           `env:"SLOTS" placeholder:"N" group:"Limits" help:"Messages in hand at once; downloads overlap rendering. Default: 4 times the number of processors."`
	PollWait       time.Duration `env:"POLL_WAIT" default:"20s" placeholder:"DURATION" group:"Queue" help:"How long a receive waits at an empty queue, at most 20s."`
	Visibility     time.Duration `env:"VISIBILITY_TIMEOUT" default:"30s" placeholder:"DURATION" group:"Queue" help:"Length of the lease on a message; it is extended for as long as its job runs."`
	DepthInterval  time.Duration `name:"queue-depth-interval" env:"QUEUE_DEPTH_INTERVAL" default:"30s" placeholder:"DURATION" group:"Queue" help:"How often to look how much the queue and its dead-letter queue hold, for /metrics; 0 is never."`
	JobTimeout     time.Duration `env:"JOB_TIMEOUT" default:"10m" placeholder:"DURATION" group:"Limits" help:"Longest that one message may take."`
	DrainTimeout   time.Duration `env:"DRAIN_TIMEOUT" default:"20s" placeholder:"DURATION" group:"Queue" help:"Time from SIGTERM to the end. Jobs that are not done by then go back to the queue."`
	ListenAddr     string        `env:"LISTEN_ADDR" default:"${listen}" placeholder:"HOST:PORT" group:"HTTP" help:"Where /metrics, /healthz and /readyz are."`
	AgentURI       string        `name:"ecs-agent-uri" env:"ECS_AGENT_URI" placeholder:"URL" group:"ECS" help:"The container agent, which ECS sets. With it the task is protected from scale-in while it has messages in hand."`
	Linger         time.Duration `name:"protection-linger" env:"PROTECTION_LINGER" default:"30s" placeholder:"DURATION" group:"ECS" help:"How long that protection outlasts the last message."`
	Engine         engineFlags   `embed:""`
	Traces         tracing.Flags `embed:"" group:"Traces"`
	Log            logging.Flags `embed:"" group:"Log"`
}

// Run is the command run.
func (c *runCommand) Run() error {
	log, err := c.Log.New(os.Stderr, program)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// Asked to stop a second time, the program ends at once: the queue gives its messages to others.
	context.AfterFunc(ctx, stop)

	// The collector works harder rather than let a container be killed. Without a limit nothing is set.
	if _, err := memlimit.Set(memlimit.WithRatio(0.9)); err != nil {
		log.Debug("no memory limit is set", "reason", err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	protect := func(context.Context) {}
	var busy func(bool)
	if c.AgentURI != "" {
		// A blocked deployment ends ctx as a signal does.
		protection, err := ecs.New(ecs.Config{AgentURI: c.AgentURI, Linger: c.Linger, Drain: stop, Log: log})
		if err != nil {
			return err
		}
		protect, busy = protection.Run, protection.Busy
	}
	traces, err := c.Traces.Start(ctx, tracing.Config{Program: program, Log: log})
	if err != nil {
		return err
	}
	consumer, queue, err := c.consumer(ctx, registry, traces.Tracer(), busy, log)
	if err != nil {
		return err
	}
	watch := func(context.Context) {}
	if c.DepthInterval != 0 {
		sampler, err := depth.New(depth.Config{Interval: c.DepthInterval, Registerer: registry, Log: log}, queue)
		if err != nil {
			return err
		}
		watch = sampler.Run
	}
	listener, err := process.Listen(c.ListenAddr, "LISTEN_ADDR")
	if err != nil {
		return err
	}
	log.Info("starting", "version", process.Version(program), "queue", c.QueueURL, "uploads", c.UploadsBucket, "variants", c.VariantsBucket,
		"renders", c.Engine.renders(), "memory", c.Engine.memory())

	// The metrics are served, and the task is protected, until the last job has ended.
	serving, stopServing := context.WithCancel(context.Background())
	defer stopServing()
	var served error
	var servers sync.WaitGroup
	servers.Go(func() {
		srv := &http.Server{Handler: c.routes(registry, consumer)}
		if served = process.Serve(serving, listener, srv, time.Second, log); served != nil {
			stop()
		}
	})
	servers.Go(func() { protect(serving) })
	servers.Go(func() { watch(serving) })
	draining := make(chan time.Time, 1) // when that began
	context.AfterFunc(ctx, func() { draining <- time.Now() })
	consumer.Run(ctx)
	stopTracing(traces, (<-draining).Add(c.DrainTimeout))
	stopServing()
	servers.Wait()
	return served
}

// flushTimeout is the most that the end of the program waits for the last spans to be sent.
const flushTimeout = 2 * time.Second

// stopTracing sends the last spans, in what the drain has left of its time.
func stopTracing(traces *tracing.Tracing, end time.Time) {
	if most := time.Now().Add(flushTimeout); most.Before(end) {
		end = most
	}
	ctx, cancel := context.WithDeadline(context.Background(), end)
	defer cancel()
	traces.Stop(ctx)
}

// consumer wires the queue to the buckets. busy is told whether messages are in hand; it may be nil.
func (c *runCommand) consumer(ctx context.Context, registry prometheus.Registerer, tracer trace.Tracer, busy func(bool), log *slog.Logger) (*pool.Pool, *sqsqueue.Queue, error) {
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
	recipe, err := c.Engine.recipe()
	if err != nil {
		return nil, nil, err
	}
	reconciler, err := reconcile.New(reconcile.Config{
		Bucket: c.UploadsBucket, Recipe: recipe, MaxBytes: c.Engine.MaxBytes, Renders: c.Engine.renders(), Memory: c.Engine.memory(),
		Log: log, Metrics: reconcile.NewMetrics(registry), Tracer: tracer,
	}, uploads, variants, engine)
	if err != nil {
		return nil, nil, err
	}
	queue := sqsqueue.New(sqs.NewFromConfig(cfg), c.QueueURL, c.DeadLetterURL)
	consumer, err := pool.New(pool.Config{
		Slots: c.Slots, PollWait: c.PollWait, Visibility: c.Visibility, JobTimeout: c.JobTimeout, DrainTimeout: c.DrainTimeout,
		Log: log, Metrics: pool.NewMetrics(registry),
		Probe: func(ctx context.Context) error { return errors.Join(uploads.Answers(ctx), variants.Answers(ctx)) },
		Busy:  busy,
	}, queue, func(ctx context.Context, m pool.Message) error {
		ctx = reconcile.WithDelivery(ctx, reconcile.Delivery{Queue: path.Base(c.QueueURL), ID: m.ID, Receives: m.ReceiveCount, Sent: m.Sent, Received: m.Received})
		if m.ReceiveCount > 1 {
			return outcome(reconciler.Redelivered(ctx, m.Body))
		}
		return outcome(reconciler.Message(ctx, m.Body))
	})
	return consumer, queue, err
}

// outcome gives an error of the reconciler the pool's kind.
func outcome(err error) error {
	switch {
	case errors.Is(err, reconcile.ErrUnavailable):
		return fmt.Errorf("%w: %w", pool.ErrUnavailable, err)
	case errors.Is(err, reconcile.ErrBadMessage):
		return fmt.Errorf("%w: %w", pool.ErrBadMessage, err)
	}
	return err
}

// routes serves what operators and orchestrators ask for.
func (c *runCommand) routes(registry *prometheus.Registry, consumer *pool.Pool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("GET "+process.HealthPath, answer(consumer.Healthy))
	mux.HandleFunc("GET /readyz", answer(consumer.Ready))
	return mux
}

// answer says ok, or 503 and why not.
func answer(check func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if err := check(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	}
}
