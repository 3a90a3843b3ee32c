package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"regexp"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/scaler"
	"darkroom/worker/internal/scaler/ecsservice"
	"darkroom/worker/logging"
	"darkroom/worker/process"
	"darkroom/worker/scaling"
	"darkroom/worker/settings"
)

type scaleCommand struct {
	AWS             awsFlags      `embed:""`
	Queue           queueFlags    `embed:""`
	Interval        time.Duration `env:"SCALE_INTERVAL" default:"10s" placeholder:"DURATION" group:"Queue" help:"How often to read the queue's depth."`
	Cluster         string        `required:"" env:"ECS_CLUSTER" placeholder:"NAME" group:"ECS" help:"Cluster of the workers."`
	Service         string        `required:"" env:"ECS_SERVICE" placeholder:"NAME" group:"ECS" help:"Service of the workers."`
	Min             int           `env:"MIN_TASKS" default:"1" placeholder:"N" group:"Scaling" help:"Fewest workers, as in the service's scaling."`
	Max             int           `required:"" env:"MAX_TASKS" placeholder:"N" group:"Scaling" help:"Most workers, as in the service's scaling."`
	Objective       time.Duration `env:"SCALE_OBJECTIVE" default:"60s" placeholder:"DURATION" group:"Scaling" help:"Target time to clear the backlog, including the start of new workers."`
	StartUp         time.Duration `env:"SCALE_START_UP" default:"45s" placeholder:"DURATION" group:"Scaling" help:"How much of the objective a worker spends starting."`
	SecondsPerPhoto float64       `required:"" env:"SECONDS_PER_PHOTO" placeholder:"N" group:"Scaling" help:"Time that one photo takes on one processor, in seconds."`
	Renders         int           `required:"" env:"RENDERS" placeholder:"N" group:"Scaling" help:"Photos that each worker renders at once: RENDERS of the workers."`
	DryRun          bool          `group:"Scaling" help:"Log what would change, and change nothing."`
	Log             logging.Flags `embed:"" group:"Log"`
}

// ecsName matches the names and the ARNs of clusters and services:
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
var ecsName = regexp.MustCompile(`^[A-Za-z0-9_:/-]{1,512}$`)

// Validate reports the first setting that cannot be used. The groups within check themselves.
func (c *scaleCommand) Validate() error {
	if err := c.Queue.require(); err != nil {
		return err
	}
	const most = 24 * time.Hour
	for _, err := range []error{
		settings.Named("SCALE_INTERVAL", settings.Range(c.Interval, time.Second, most)),
		settings.Named("MIN_TASKS", settings.Range(c.Min, 0, math.MaxInt32)),
		settings.Named("MAX_TASKS", settings.Range(c.Max, 1, math.MaxInt32)),
		settings.Named("RENDERS", settings.Range(c.Renders, 1, maxRenders)),
		settings.Named("SCALE_START_UP", settings.Range(c.StartUp, 0, most)),
		settings.Named("SCALE_OBJECTIVE", settings.Range(c.Objective, time.Second, most)),
		settings.Named("SECONDS_PER_PHOTO", settings.Range(c.SecondsPerPhoto, 0.001, most.Seconds())),
	} {
		if err != nil {
			return err
		}
	}
	switch {
	case c.Min > c.Max:
		return fmt.Errorf("MIN_TASKS (%d) must not exceed MAX_TASKS (%d)", c.Min, c.Max)
	case c.StartUp >= c.Objective:
		return fmt.Errorf("SCALE_START_UP (%v) must be less than SCALE_OBJECTIVE (%v)", c.StartUp, c.Objective)
	}
	for _, s := range []struct{ setting, name string }{{"ECS_CLUSTER", c.Cluster}, {"ECS_SERVICE", c.Service}} {
		if !ecsName.MatchString(s.name) {
			return fmt.Errorf("%s: %.80q is neither a name nor an ARN", s.setting, s.name)
		}
	}
	return c.policy().Validate()
}

func (c *scaleCommand) policy() scaling.Fast {
	return scaling.Fast{Bounds: scaling.Bounds{Min: c.Min, Max: c.Max}, Objective: c.Objective, StartUp: c.StartUp,
		PhotoTime: time.Duration(c.SecondsPerPhoto * float64(time.Second)), Processors: c.Renders}
}

// Help is shown by --help.
func (*scaleCommand) Help() string {
	return `Run it beside the workers and the service's own scaling. It runs until it is stopped. As an AWS Lambda function with the worker's image, it polls until the function's timeout, so start it once a minute with a timeout of 60 s. It only adds workers. Target tracking removes them, and continues if this command dies. Running two of these commands at once does no harm.`
}

// Run is the command scale.
func (c *scaleCommand) Run(ctx context.Context) error {
	log, err := c.Log.New(os.Stderr, program)
	if err != nil {
		return err
	}
	cfg, err := c.AWS.load(ctx)
	if err != nil {
		return err
	}
	var depths queue.Joined
	for _, q := range c.Queue.openAll(sqs.NewFromConfig(cfg)) {
		depths = append(depths, q)
	}
	s, err := scaler.New(scaler.Config{Policy: c.policy(), Interval: c.Interval, DryRun: c.DryRun, Log: log},
		depths, ecsservice.New(ecs.NewFromConfig(cfg), c.Cluster, c.Service))
	if err != nil {
		return err
	}
	log.Info("scaling", "version", process.Version(program), "queue", c.Queue.URL, "photos_queue", c.Queue.PhotosURL, "cluster", c.Cluster, "service", c.Service, "dry_run", c.DryRun)
	if os.Getenv(runtimeAPI) == "" {
		s.Run(ctx)
		return nil
	}
	lambda.StartWithOptions(s.RunToDeadline, lambda.WithContext(ctx))
	return nil
}

// runtimeAPI is set by AWS Lambda, in a function:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
const runtimeAPI = "AWS_LAMBDA_RUNTIME_API"
