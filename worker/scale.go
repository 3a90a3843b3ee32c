package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/internal/scaler"
	"darkroom/worker/internal/scaler/ecsservice"
	"darkroom/worker/logging"
	"darkroom/worker/process"
	"darkroom/worker/scaling"
)

type scaleCommand struct {
	QueueURL        string        `required:"" name:"queue-url" env:"QUEUE_URL" placeholder:"URL" group:"Queue" help:"SQS queue of the workers."`
	Interval        time.Duration `env:"SCALE_INTERVAL" default:"10s" placeholder:"DURATION" group:"Queue" help:"How often to look at it."`
	Cluster         string        `required:"" env:"ECS_CLUSTER" placeholder:"NAME" group:"ECS" help:"Cluster of the workers."`
	Service         string        `required:"" env:"ECS_SERVICE" placeholder:"NAME" group:"ECS" help:"Service of the workers."`
	Min             int           `env:"MIN_TASKS" default:"1" placeholder:"N" group:"Scaling" help:"Fewest workers, as the service's scaling has it."`
	Max             int           `required:"" env:"MAX_TASKS" placeholder:"N" group:"Scaling" help:"Most workers, as the service's scaling has it."`
	Objective       time.Duration `env:"SCALE_OBJECTIVE" default:"60s" placeholder:"DURATION" group:"Scaling" help:"Time within which everything is to be done that waits, the start of workers included."`
	StartUp         time.Duration `env:"SCALE_START_UP" default:"45s" placeholder:"DURATION" group:"Scaling" help:"What a worker takes to start; less than the objective."`
	SecondsPerPhoto float64       `required:"" env:"SECONDS_PER_PHOTO" placeholder:"N" group:"Scaling" help:"What one photo takes of one processor."`
	Renders         int           `required:"" env:"RENDERS" placeholder:"N" group:"Scaling" help:"Photos that a worker renders at once, as the workers have it."`
	DryRun          bool          `group:"Scaling" help:"Log what would be set, and set nothing."`
	Log             logging.Flags `embed:"" group:"Log"`
}

// Help is shown by --help.
func (*scaleCommand) Help() string {
	return `Runs until it is told to stop, beside the scaling of the service, as a task of its own and not as one of the workers. It only ever adds workers: to remove them is left to target tracking, which goes on when this dies. Two of them do no harm.`
}

// Run is the command scale.
func (c *scaleCommand) Run(ctx context.Context) error {
	log, err := c.Log.New(os.Stderr, program)
	if err != nil {
		return err
	}
	if !(c.SecondsPerPhoto > 0 && c.SecondsPerPhoto < math.MaxInt32) {
		return fmt.Errorf("SECONDS_PER_PHOTO: %v", c.SecondsPerPhoto)
	}
	cfg, err := loadAWS(ctx)
	if err != nil {
		return err
	}
	s, err := scaler.New(scaler.Config{
		Policy: scaling.Fast{Bounds: scaling.Bounds{Min: c.Min, Max: c.Max}, Objective: c.Objective, StartUp: c.StartUp,
			PhotoTime: time.Duration(c.SecondsPerPhoto * float64(time.Second)), Processors: c.Renders},
		Interval: c.Interval, DryRun: c.DryRun, Log: log,
	}, sqsqueue.New(sqs.NewFromConfig(cfg), c.QueueURL, ""), ecsservice.New(ecs.NewFromConfig(cfg), c.Cluster, c.Service))
	if err != nil {
		return err
	}
	log.Info("scaling", "version", process.Version(program), "queue", c.QueueURL, "cluster", c.Cluster, "service", c.Service, "dry_run", c.DryRun)
	s.Run(ctx)
	return nil
}
