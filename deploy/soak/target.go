package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/client"
	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/tokens"
	"darkroom/worker/photo"
	"darkroom/worker/settings"
)

// target is the system that a run loads and checks.
type target struct {
	api         *client.Client
	board       photo.Board
	originals   bucket
	variants    bucket
	queue, dead queues
	metrics     []string // URLs of the workers' metrics; may be empty
	whole       bool     // only this run uses the buckets and the dead-letter queues
	faultyS3    string   // URL where faults are counted, or ""
	faultySQS   string
}

// newTarget creates the clients. The run has its own board.
func newTarget(cfg aws.Config, a stack.Addresses, uploads, variants string, tokens client.TokenSource, board photo.Board) (*target, error) {
	api, err := client.New(client.Config{API: a.API, Board: board, Tokens: tokens})
	if err != nil {
		return nil, err
	}
	objects := s3.NewFromConfig(cfg, func(o *s3.Options) {
		if a.S3 != "" {
			o.BaseEndpoint = &a.S3
		}
		o.UsePathStyle = o.BaseEndpoint != nil // outside AWS, buckets have no host names
	})
	messages := sqs.NewFromConfig(cfg, func(o *sqs.Options) {
		if a.SQS != "" {
			o.BaseEndpoint = &a.SQS
		}
	})
	return &target{
		api: api, board: board, originals: bucket{objects, uploads}, variants: bucket{objects, variants},
		queue: queues{messages, a.Queues()}, dead: queues{messages, a.DeadLetters}, metrics: a.Workers,
		faultyS3: a.FaultyS3, faultySQS: a.FaultySQS,
	}, nil
}

// stackTarget returns the system of a stack.
func stackTarget(s *stack.Stack, board photo.Board) (*target, error) {
	cfg := aws.Config{Region: fake.Region, Credentials: credentials.NewStaticCredentialsProvider(fake.AccessKey, fake.SecretKey, "")}
	source := &tokens.Source{URL: s.Issuer, Subject: "soak", Boards: []string{string(board)}}
	t, err := newTarget(cfg, s.Addresses, fake.Uploads, fake.Variants, source, board)
	if err == nil {
		t.whole = true
	}
	return t, err
}

// runningSystem is a system that is already running.
type runningSystem struct {
	API        string   `name:"api" placeholder:"URL" group:"Running system" help:"URL of the API. With it, no system is started and no worker is disturbed. Credentials and region are those of the AWS SDK."`
	Token      string   `env:"DARKROOM_TOKEN" placeholder:"JWT" group:"Running system" help:"Bearer token with write access to the board."`
	Issuer     string   `placeholder:"URL" group:"Running system" help:"URL of the development issuer, instead of a token."`
	Board      string   `placeholder:"BOARD" group:"Running system" help:"Board for the photos. Default: a new board, soak- and a number."`
	S3         string   `name:"s3-endpoint" placeholder:"URL" group:"Running system" help:"Endpoint of S3. Default: that of the AWS SDK."`
	SQS        string   `name:"sqs-endpoint" placeholder:"URL" group:"Running system" help:"Endpoint of SQS. Default: that of the AWS SDK."`
	Queue      string   `name:"queue-url" env:"QUEUE_URL" placeholder:"URL" group:"Running system" help:"URL of the queue that the uploads bucket notifies."`
	Photos     string   `name:"photos-queue-url" env:"PHOTOS_QUEUE_URL" placeholder:"URL" group:"Running system" help:"URL of the queue that photos are rendered from, if that is another."`
	Dead       []string `name:"dead-letter-queue-url" placeholder:"URL" group:"Running system" help:"URLs of the dead-letter queues."`
	Uploads    string   `name:"uploads-bucket" env:"UPLOADS_BUCKET" placeholder:"NAME" group:"Running system" help:"Bucket of originals."`
	Variants   string   `name:"variants-bucket" env:"VARIANTS_BUCKET" placeholder:"NAME" group:"Running system" help:"Bucket of variants."`
	Metrics    []string `placeholder:"URL" group:"Running system" help:"URLs of the workers or of their metrics. Without them goroutines and memory are not checked."`
	OtherSpecs bool     `group:"Running system" help:"The workers do not make the default variants: check variants only against the manifest."`
}

// Validate reports the first invalid or missing setting. Without API nothing else is needed.
func (e runningSystem) Validate() error {
	if e.API == "" {
		return nil
	}
	for _, flag := range []struct {
		name, value string
		url         bool
	}{
		{"--api", e.API, true}, {"--queue-url", e.Queue, true}, {"--dead-letter-queue-url", strings.Join(e.Dead, ""), false}, {"--uploads-bucket", e.Uploads, false},
		{"--variants-bucket", e.Variants, false}, {"--token or --issuer", e.Token + e.Issuer, false},
	} {
		if flag.value == "" {
			return fmt.Errorf("--api also needs %s", flag.name)
		}
		if !flag.url {
			continue
		}
		if _, err := settings.HTTPURL(flag.value); err != nil {
			return settings.Named(flag.name, err)
		}
	}
	for name, urls := range map[string][]string{"--dead-letter-queue-url": e.Dead, "--metrics": e.Metrics} {
		for _, url := range urls {
			if _, err := settings.HTTPURL(url); err != nil {
				return settings.Named(name, err)
			}
		}
	}
	if e.Board != "" {
		if _, err := photo.ParseBoard(e.Board); err != nil {
			return settings.Named("--board", err)
		}
	}
	return nil
}

// target returns the system with its clients.
func (e runningSystem) target(ctx context.Context, board photo.Board) (*target, error) {
	if e.Board != "" {
		board = photo.Board(e.Board)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	var source client.TokenSource = client.StaticToken(e.Token)
	if e.Token == "" {
		source = &tokens.Source{URL: strings.TrimSuffix(e.Issuer, "/"), Subject: "soak", Boards: []string{string(board)}}
	}
	a := stack.Addresses{API: strings.TrimSuffix(e.API, "/"), S3: e.S3, SQS: e.SQS, Events: e.Queue, Photos: e.Photos, DeadLetters: e.Dead, Workers: e.Metrics}
	return newTarget(cfg, a, e.Uploads, e.Variants, source, board)
}

// injected returns the counts of the faults of S3 and SQS so far.
func (t *target) injected(ctx context.Context) (s3, sqs faults.Counts, err error) {
	if t.faultyS3 == "" {
		return s3, sqs, nil
	}
	return s3, sqs, errors.Join(getJSON(ctx, t.faultyS3+faults.CountsPath, &s3), getJSON(ctx, t.faultySQS+faults.CountsPath, &sqs))
}

func getJSON(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("GET %s: %w", url, err)
	}
	return nil
}
