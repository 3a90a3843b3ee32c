package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"darkroom/worker/internal/depth"
	"darkroom/worker/internal/status"
	"darkroom/worker/internal/taskprotection"
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
	ListenAddr     string        `env:"LISTEN_ADDR" default:"${listen}" placeholder:"HOST:PORT" group:"HTTP" help:"Where a page for people, /metrics, /healthz and /readyz are."`
	AgentURI       string        `name:"ecs-agent-uri" env:"ECS_AGENT_URI" placeholder:"URL" group:"ECS" help:"The container agent, which ECS sets. With it the task is protected from scale-in while it has messages in hand."`
	Linger         time.Duration `name:"protection-linger" env:"PROTECTION_LINGER" default:"30s" placeholder:"DURATION" group:"ECS" help:"How long that protection outlasts the last message."`
	Engine         engineFlags   `embed:""`
	Traces         tracing.Flags `embed:"" group:"Traces"`
	Log            logging.Flags `embed:"" group:"Log"`
}

// Run is the command run.
func (c *runCommand) Run(ctx context.Context) error {
	log, err := c.Log.New(os.Stderr, program)
	if err != nil {
		return err
	}
	recent := status.NewRecent()
	log = slog.New(recent.Handler(log.Handler()))
	ctx, stop := context.WithCancel(ctx)
	defer stop()

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
		protection, err := taskprotection.New(taskprotection.Config{AgentURI: c.AgentURI, Linger: c.Linger, Drain: stop, Log: log})
		if err != nil {
			return err
		}
		protect, busy = protection.Run, protection.Busy
	}
	traces, err := c.Traces.Start(ctx, tracing.Config{Program: program, Log: log})
	if err != nil {
		return err
	}
	jobs, rates := status.NewJobs(), status.NewRates(registry)
	consumer, queue, err := c.consumer(ctx, registry, traces.Tracer(), jobs, busy, log)
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
		page := status.Handler(status.Config{Version: process.Version(program), Jobs: jobs, Recent: recent, Rates: rates,
			Healthy: consumer.Healthy, Ready: consumer.Ready})
		srv := &http.Server{Handler: routes(registry, consumer, page)}
		if served = process.Serve(serving, listener, srv, time.Second, log); served != nil {
			stop()
		}
	})
	servers.Go(func() { protect(serving) })
	servers.Go(func() { watch(serving) })
	servers.Go(func() { rates.Run(serving) })
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
