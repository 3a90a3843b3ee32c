package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
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

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/s3store"
	"darkroom/worker/internal/sqsqueue"
	"darkroom/worker/logging"
	"darkroom/worker/process"
)

const defaultListen = "127.0.0.1:9102"

type runCommand struct {
	QueueURL       string        `required:"" name:"queue-url" env:"QUEUE_URL" placeholder:"URL" group:"Queue" help:"SQS queue that the uploads bucket notifies."`
	UploadsBucket  string        `required:"" env:"UPLOADS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that clients upload photos to."`
	VariantsBucket string        `required:"" env:"VARIANTS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that variants and manifests are written to."`
	Slots          int           `env:"SLOTS" placeholder:"N" group:"Limits" help:"Messages in hand at once; downloads overlap rendering. Default: 4 times the number of processors."`
	PollWait       time.Duration `env:"POLL_WAIT" default:"20s" placeholder:"DURATION" group:"Queue" help:"How long a receive waits at an empty queue, at most 20s."`
	Visibility     time.Duration `env:"VISIBILITY_TIMEOUT" default:"30s" placeholder:"DURATION" group:"Queue" help:"Length of the lease on a message; it is extended for as long as its job runs."`
	JobTimeout     time.Duration `env:"JOB_TIMEOUT" default:"10m" placeholder:"DURATION" group:"Limits" help:"Longest that one message may take."`
	DrainTimeout   time.Duration `env:"DRAIN_TIMEOUT" default:"20s" placeholder:"DURATION" group:"Queue" help:"Time from SIGTERM to the end. Jobs that are not done by then go back to the queue."`
	ListenAddr     string        `env:"LISTEN_ADDR" default:"${listen}" placeholder:"HOST:PORT" group:"HTTP" help:"Where /metrics, /healthz and /readyz are."`
	Engine         engineFlags   `embed:""`
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
	consumer, err := c.consumer(ctx, registry, log)
	if err != nil {
		return err
	}
	listener, err := process.Listen(c.ListenAddr, "LISTEN_ADDR")
	if err != nil {
		return err
	}
	log.Info("starting", "version", process.Version(program), "queue", c.QueueURL, "uploads", c.UploadsBucket, "variants", c.VariantsBucket,
		"renders", c.Engine.renders(), "memory", c.Engine.memory())

	// The metrics are served until the last job has ended.
	serving, stopServing := context.WithCancel(context.Background())
	defer stopServing()
	var served error
	var server sync.WaitGroup
	server.Go(func() {
		srv := &http.Server{Handler: c.routes(registry, consumer)}
		if served = process.Serve(serving, listener, srv, time.Second, log); served != nil {
			stop()
		}
	})
	consumer.Run(ctx)
	stopServing()
	server.Wait()
	return served
}

// consumer wires the queue to the buckets.
func (c *runCommand) consumer(ctx context.Context, registry prometheus.Registerer, log *slog.Logger) (*pool.Pool, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("no AWS region is set: set AWS_REGION")
	}
	// A bucket has no host name of its own at an endpoint that is not AWS's.
	buckets := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
	engine, err := c.Engine.engine()
	if err != nil {
		return nil, err
	}
	recipe, err := c.Engine.recipe()
	if err != nil {
		return nil, err
	}
	reconciler, err := reconcile.New(reconcile.Config{
		Bucket: c.UploadsBucket, Recipe: recipe, MaxBytes: c.Engine.MaxBytes, Renders: c.Engine.renders(), Memory: c.Engine.memory(),
		Log: log, Metrics: reconcile.NewMetrics(registry),
	}, s3store.New(buckets, c.UploadsBucket), s3store.New(buckets, c.VariantsBucket), engine)
	if err != nil {
		return nil, err
	}
	return pool.New(pool.Config{
		Slots: c.Slots, PollWait: c.PollWait, Visibility: c.Visibility, JobTimeout: c.JobTimeout, DrainTimeout: c.DrainTimeout,
		Log: log, Metrics: pool.NewMetrics(registry),
	}, sqsqueue.New(sqs.NewFromConfig(cfg), c.QueueURL), func(ctx context.Context, m pool.Message) error {
		return reconciler.Message(ctx, m.Body)
	})
}

// routes serves what operators and orchestrators ask for.
func (c *runCommand) routes(registry *prometheus.Registry, consumer *pool.Pool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("GET "+process.HealthPath, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !consumer.Ready() {
			http.Error(w, "not receiving from the queue", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	return mux
}
