package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/logging"
	"darkroom/worker/process"
	"darkroom/worker/settings"
)

type watchCommand struct {
	AWS        awsFlags        `embed:""`
	Queue      queueFlags      `embed:""`
	Purges     purgeQueueFlags `embed:""`
	Interval   time.Duration   `name:"queue-depth-interval" env:"QUEUE_DEPTH_INTERVAL" default:"15s" placeholder:"DURATION" group:"Queue" help:"How often to read the depth of the queues and of their dead-letter queues."`
	ListenAddr string          `env:"LISTEN_ADDR" default:"${listen}" placeholder:"HOST:PORT" group:"HTTP" help:"Address of /metrics, /healthz and /readyz."`
	Log        logging.Flags   `embed:"" group:"Log"`
}

// Validate reports the first setting that cannot be used. The groups within check themselves.
func (c *watchCommand) Validate() error {
	if err := c.Queue.require(); err != nil {
		return err
	}
	if err := c.Purges.checkDistinct(c.Queue); err != nil {
		return err
	}
	if err := settings.Named("QUEUE_DEPTH_INTERVAL", settings.Range(c.Interval, queue.MinDepthInterval, time.Hour)); err != nil {
		return err
	}
	return settings.Named("LISTEN_ADDR", settings.ListenAddress(c.ListenAddr))
}

// Help is shown by --help.
func (*watchCommand) Help() string {
	return `Run it beside the workers, where Prometheus can reach it. The workers do not export the depth of the queue, because it matters most when no worker is left. One instance is enough. It receives no messages and reads no bucket.`
}

// Run is the command watch.
func (c *watchCommand) Run(ctx context.Context) error {
	log, err := c.Log.New(os.Stderr, program)
	if err != nil {
		return err
	}
	cfg, err := c.AWS.load(ctx)
	if err != nil {
		return err
	}
	registry := newRegistry(instanceOf(ctx, log))
	calls, watched := queue.NewMetrics(registry), map[string]queue.Inspector{}
	client := sqs.NewFromConfig(cfg)
	if c.Purges.URL != "" {
		watched[queue.NamePurges] = advised{withoutDeadLetters{calls.Measure(queue.NamePurges, sqsqueue.New(client, c.Purges.URL, ""))}, purgeSetting}
	}
	for name, q := range c.Queue.openAll(client) {
		setting := "QUEUE_URL"
		if c.Queue.PhotosURL != "" && name == queue.NamePhotos {
			setting = photosSetting
		}
		watched[name] = advised{calls.Measure(name, q), setting}
	}
	depth, err := queue.NewDepthSampler(queue.DepthConfig{Interval: c.Interval, Registerer: registry, Log: log}, watched)
	if err != nil {
		return err
	}
	listener, err := process.Listen(c.ListenAddr, "LISTEN_ADDR")
	if err != nil {
		return err
	}
	log.Info("watching", "version", process.Version(program), "queue", c.Queue.URL, "photos_queue", c.Queue.PhotosURL)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var sampling sync.WaitGroup
	sampling.Go(func() { depth.Run(ctx) })
	err = process.Serve(ctx, listener, &http.Server{Handler: routes(registry, depth)}, time.Second, log)
	stop()
	sampling.Wait()
	return err
}

// advised adds the setting to check to the errors of a queue.
type advised struct {
	queue.Inspector
	setting string // names the queue
}

// Depth implements [queue.Inspector].
func (q advised) Depth(ctx context.Context) (queue.Depth, error) {
	d, err := q.Inspector.Depth(ctx)
	if err != nil {
		err = fmt.Errorf("check %s: %w", advice(err, q.setting, endpointSQS), err)
	}
	return d, err
}

// DeadLetterDepth implements [queue.Inspector].
func (q advised) DeadLetterDepth(ctx context.Context) (queue.Depth, error) {
	d, err := q.Inspector.DeadLetterDepth(ctx)
	if err != nil {
		err = fmt.Errorf("check %s: %w", advice(err, q.deadLetters(), endpointSQS), err)
	}
	return d, err
}

// deadLetters returns the setting that leads to the dead-letter queue.
func (q advised) deadLetters() string {
	if q.setting == photosSetting {
		return photosSetting
	}
	return "DEAD_LETTER_QUEUE_URL"
}
