package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/status"
	"darkroom/worker/logging"
	"darkroom/worker/process"
	"darkroom/worker/settings"
	"darkroom/worker/tracing"
)

const defaultListen = "127.0.0.1:9102"

type runCommand struct {
	AWS          awsFlags      `embed:""`
	Queue        queueFlags    `embed:""`
	Buckets      bucketFlags   `embed:""`
	Slots        *int          `env:"SLOTS" placeholder:"N" group:"Limits" help:"Messages held at once; downloads overlap with rendering. Default: 4 times the number of processors."`
	PollWait     time.Duration `env:"POLL_WAIT" default:"20s" placeholder:"DURATION" group:"Queue" help:"How long a receive waits for a message, 1s to 20s."`
	Visibility   time.Duration `name:"visibility" env:"VISIBILITY_TIMEOUT" default:"30s" placeholder:"DURATION" group:"Queue" help:"Visibility timeout of a message. The worker extends it for as long as it works on the message."`
	JobTimeout   time.Duration `env:"JOB_TIMEOUT" default:"10m" placeholder:"DURATION" group:"Limits" help:"Longest time that one message may take."`
	DrainTimeout time.Duration `env:"DRAIN_TIMEOUT" default:"20s" placeholder:"DURATION" group:"Queue" help:"Longest time from SIGTERM to exit. Messages that are unfinished by then go back to the queue."`
	ListenAddr   string        `env:"LISTEN_ADDR" default:"${listen}" placeholder:"HOST:PORT" group:"HTTP" help:"Address of the status page, /metrics, /healthz and /readyz."`
	AgentURI     string        `name:"ecs-agent-uri" env:"ECS_AGENT_URI" placeholder:"URL" group:"ECS" help:"URL of the container agent, which ECS sets. With it, the worker protects its task from scale-in while it holds messages."`
	MetadataURI  string        `name:"ecs-metadata-uri" env:"ECS_CONTAINER_METADATA_URI_V4" placeholder:"URL" group:"ECS" help:"URL of the task's metadata, which ECS sets. With it, the worker drains when a deployment replaces it."`
	Linger       time.Duration `name:"protection-linger" env:"PROTECTION_LINGER" default:"30s" placeholder:"DURATION" group:"ECS" help:"How long the protection stays after the last message; 0 to end it at once."`
	BoardLimits  string        `env:"BOARD_LIMITS" placeholder:"JSON" group:"Limits" help:"Stricter limits for some boards, the same as those of the token API. They apply to originals without readable limits of their own."`
	Purge        purgeFlags    `embed:""`
	Engine       engineFlags   `embed:""`
	Traces       tracing.Flags `embed:"" group:"Traces"`
	Log          logging.Flags `embed:"" group:"Log"`
}

// Validate reports the first setting that cannot be used. The groups within check themselves.
func (c *runCommand) Validate() error {
	if err := c.Queue.require(); err != nil {
		return err
	}
	if err := c.Purge.Queue.checkDistinct(c.Queue); err != nil {
		return err
	}
	if c.Slots != nil {
		if err := settings.Named("SLOTS", settings.Range(*c.Slots, 1, pool.MaxSlots)); err != nil {
			return err
		}
	}
	limits := sqsqueue.Limits
	for _, d := range []struct {
		name               string
		value, least, most time.Duration
	}{
		{"POLL_WAIT", c.PollWait, limits.MinWait, limits.MaxWait},
		{"VISIBILITY_TIMEOUT", c.Visibility, pool.MinVisibility, limits.MaxVisibility},
		{"JOB_TIMEOUT", c.JobTimeout, time.Second, pool.MaxJobTimeout(limits)},
		{"DRAIN_TIMEOUT", c.DrainTimeout, time.Second, time.Hour},
		{"PROTECTION_LINGER", c.Linger, 0, time.Hour},
	} {
		if err := settings.Named(d.name, settings.Range(d.value, d.least, d.most)); err != nil {
			return err
		}
	}
	// A render that the job timeout ends is retried, for ever if it always takes too long. The render timeout rejects
	// it.
	if c.Engine.Validate() == nil && c.Engine.timeout() >= c.JobTimeout {
		return settings.Named("RENDER_TIMEOUT", fmt.Errorf("%v is not less than JOB_TIMEOUT (%v)", c.Engine.timeout(), c.JobTimeout))
	}
	if _, err := c.boards(); err != nil {
		return settings.Named("BOARD_LIMITS", err)
	}
	if err := settings.Named("LISTEN_ADDR", settings.ListenAddress(c.ListenAddr)); err != nil {
		return err
	}
	for _, u := range []struct{ name, url string }{{"ECS_AGENT_URI", c.AgentURI}, {"ECS_CONTAINER_METADATA_URI_V4", c.MetadataURI}} {
		if u.url == "" {
			continue
		}
		if _, err := settings.HTTPURL(u.url); err != nil {
			return settings.Named(u.name, err)
		}
	}
	return c.Engine.fitsContainer(containerMemory())
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

	// Under a memory limit the garbage collector works harder before the kernel kills the container.
	if _, err := memlimit.Set(memlimit.WithRatio(0.9)); err != nil {
		log.Debug("no memory limit is set", "reason", err)
	}
	instance := instanceOf(ctx, log)
	registry := newRegistry(instance)
	traces, err := c.Traces.Start(ctx, tracing.Config{Program: program, Instance: instance, Log: log})
	if err != nil {
		return err
	}
	w, err := c.wire(ctx, registry, traces.Tracer(), stop, log)
	if err != nil {
		return err
	}
	listener, err := process.Listen(c.ListenAddr, "LISTEN_ADDR")
	if err != nil {
		return err
	}
	log.Info("starting", "version", process.Version(program), "instance", instance, "queue", c.Queue.URL, "photos_queue", c.Queue.PhotosURL, "uploads", c.Buckets.Uploads, "variants", c.Buckets.Variants, "distribution", c.Purge.Distribution,
		"renders", c.Engine.renders(), "memory", c.Engine.memory())

	// The worker serves metrics and protects its task until the last message is settled.
	serving, stopServing := context.WithCancel(context.Background())
	defer stopServing()
	var served error
	var background sync.WaitGroup
	background.Go(func() {
		page := status.Handler(status.Config{Version: process.Version(program), Messages: w.messages, Recent: recent, Rates: w.rates,
			Finished: []string{string(reconcile.Rendered), string(reconcile.Rejected)},
			Healthy:  w.Healthy, Ready: w.Ready})
		pages := routes(registry, w)
		pages.Handle("GET /{$}", page)
		srv := &http.Server{Handler: pages}
		if served = process.Serve(serving, listener, srv, time.Second, log); served != nil {
			stop()
		}
	})
	background.Go(func() { w.rates.Run(serving) })
	if w.protection != nil {
		background.Go(func() { w.protection.Run(serving) })
	}
	var consuming sync.WaitGroup
	consuming.Go(func() { w.run(ctx) })
	<-ctx.Done()
	end := time.Now().Add(c.DrainTimeout)
	consuming.Wait()
	stopTracing(traces, end)
	stopServing()
	background.Wait()
	return served
}

// flushTimeout is the longest that the end of the program waits for the last spans to be sent.
const flushTimeout = 2 * time.Second

// stopTracing sends the last spans, within what is left of the drain timeout.
func stopTracing(traces *tracing.Tracing, end time.Time) {
	if most := time.Now().Add(flushTimeout); most.Before(end) {
		end = most
	}
	ctx, cancel := context.WithDeadline(context.Background(), end)
	defer cancel()
	traces.Stop(ctx)
}
