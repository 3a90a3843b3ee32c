package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/term"

	"darkroom/worker/internal/enqueue"
	"darkroom/worker/internal/progress"
	"darkroom/worker/internal/sqsadmin"
	"darkroom/worker/internal/store/s3store"
)

// limitFlags bound what an operator's command sends.
type limitFlags struct {
	DryRun bool    `group:"Limits" help:"Say what would be sent and send nothing."`
	Rate   float64 `default:"100" placeholder:"N" group:"Limits" help:"Messages sent a second; 0 for no limit."`
	Max    int     `placeholder:"N" group:"Limits" help:"Most messages sent, after which the command ends. Default: no limit."`
}

func (f limitFlags) limits() enqueue.Limits {
	return enqueue.Limits{Rate: f.Rate, Max: f.Max, DryRun: f.DryRun}
}

// bucketFlags name what an operator's command compares, and where it sends events.
type bucketFlags struct {
	QueueURL       string `required:"" name:"queue-url" env:"QUEUE_URL" placeholder:"URL" group:"Queue" help:"SQS queue of the workers."`
	UploadsBucket  string `required:"" env:"UPLOADS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that clients upload photos to."`
	VariantsBucket string `required:"" env:"VARIANTS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that variants and manifests are in."`
	Prefix         string `placeholder:"KEY" group:"Storage" help:"Beginning of the keys to go through, such as cats/ for a board. Default: all."`
	After          string `placeholder:"KEY" group:"Storage" help:"Key of a photo to go on after, as an earlier run tells it."`
}

// open opens the two buckets and the queue that events are sent to.
func (f bucketFlags) open(ctx context.Context, limits limitFlags, name string) (uploads, variants *s3store.Bucket, events *enqueue.Events, err error) {
	if f.UploadsBucket == f.VariantsBucket {
		return nil, nil, nil, fmt.Errorf("UPLOADS_BUCKET and VARIANTS_BUCKET are the same: %s", f.UploadsBucket)
	}
	cfg, err := loadAWS(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	events, err = enqueue.New(enqueue.Config{Limits: limits.limits(), Bucket: f.UploadsBucket, Name: name, Out: os.Stdout}, sqsadmin.New(sqs.NewFromConfig(cfg), f.QueueURL))
	if err != nil {
		return nil, nil, nil, err
	}
	return s3store.New(s3.NewFromConfig(cfg, s3store.Options), f.UploadsBucket), s3store.New(s3.NewFromConfig(cfg, s3store.Options), f.VariantsBucket), events, nil
}

func loadAWS(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return cfg, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return cfg, errors.New("no AWS region is set: set AWS_REGION")
	}
	return cfg, nil
}

// deadLetterFlags name a dead-letter queue.
type deadLetterFlags struct {
	QueueURL       string `name:"queue-url" env:"QUEUE_URL" placeholder:"URL" group:"Queue" help:"SQS queue of the workers."`
	DeadLettersURL string `name:"dead-letter-queue-url" env:"DEAD_LETTER_QUEUE_URL" placeholder:"URL" group:"Queue" help:"Its dead-letter queue. Default: that of the queue's redrive policy."`
}

func (f deadLetterFlags) open(ctx context.Context, client *sqs.Client) (*sqsadmin.Queue, error) {
	url := f.DeadLettersURL
	if url == "" && f.QueueURL == "" {
		return nil, errors.New("neither QUEUE_URL nor DEAD_LETTER_QUEUE_URL is set")
	}
	if url == "" {
		var err error
		if url, err = sqsadmin.DeadLetters(ctx, client, f.QueueURL); err != nil {
			return nil, err
		}
	}
	if url == f.QueueURL {
		return nil, fmt.Errorf("QUEUE_URL and DEAD_LETTER_QUEUE_URL are the same: %s", url)
	}
	return sqsadmin.New(client, url), nil
}

// newProgress is a command's progress on standard error.
func newProgress(total int) *progress.Line {
	return progress.New(os.Stderr, term.IsTerminal(int(os.Stderr.Fd())), total)
}

// interrupted is the error of a command that was told to stop.
type interrupted struct{ how string }

func (i interrupted) Error() string { return "interrupted: " + i.how }

// ExitCode is what shells give a program that SIGINT ended.
func (interrupted) ExitCode() int { return 130 }

// ended makes of the end of a command what its user has to know: last is the key to go on after, if there is one.
func ended(ctx context.Context, err error, last string) error {
	again := "run it again"
	if last != "" {
		again = "go on with --after " + last
	}
	switch {
	case errors.Is(err, enqueue.ErrBudget):
		fmt.Printf("stopped at --max: %s\n", again)
		return nil
	case err != nil && ctx.Err() != nil:
		return interrupted{again}
	case err != nil && last != "":
		return fmt.Errorf("%w: %s", err, again)
	}
	return err
}
