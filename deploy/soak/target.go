package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"darkroom/deploy/client"
	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/tokens"
	"darkroom/worker/photo"
)

// target is the system that a run loads and looks at.
type target struct {
	api         *client.Client
	board       photo.Board
	originals   bucket
	variants    bucket
	queue, dead queue
	metrics     []string // URLs of the workers' metrics; may be empty
	whole       bool     // nobody else uses the buckets and the dead-letter queue
	faultyS3    string   // where the faults are counted; "" where none are injected
	faultySQS   string
}

// newTarget wires the clients. The board is the run's own.
func newTarget(cfg aws.Config, a stack.Addresses, uploads, variants string, tokens client.TokenSource, board photo.Board) (*target, error) {
	api, err := client.New(client.Config{API: a.API, Board: board, Tokens: tokens})
	if err != nil {
		return nil, err
	}
	objects := s3.NewFromConfig(cfg, func(o *s3.Options) {
		if a.S3 != "" {
			o.BaseEndpoint = &a.S3
		}
		o.UsePathStyle = o.BaseEndpoint != nil // a bucket has no host name of its own at an endpoint that is not AWS's
	})
	messages := sqs.NewFromConfig(cfg, func(o *sqs.Options) {
		if a.SQS != "" {
			o.BaseEndpoint = &a.SQS
		}
	})
	return &target{
		api: api, board: board, originals: bucket{objects, uploads}, variants: bucket{objects, variants},
		queue: queue{messages, a.Queue}, dead: queue{messages, a.DeadLetters}, metrics: a.Workers,
		faultyS3: a.FaultyS3, faultySQS: a.FaultySQS,
	}, nil
}

// ofStack is the stack that runs here.
func ofStack(s *stack.Stack, board photo.Board) (*target, error) {
	cfg := aws.Config{Region: fake.Region, Credentials: credentials.NewStaticCredentialsProvider(fake.AccessKey, fake.SecretKey, "")}
	source := &tokens.Source{URL: s.Issuer, Subject: "burst", Boards: []string{string(board)}}
	t, err := newTarget(cfg, s.Addresses, fake.Uploads, fake.Variants, source, board)
	if err == nil {
		t.whole = true
	}
	return t, err
}

// elsewhere is a system that runs already.
type elsewhere struct {
	API        string   `name:"api" placeholder:"URL" group:"A system that runs already" help:"Its API. With it, no system is started here and no worker is killed; credentials and region are the AWS SDK's own."`
	Token      string   `env:"DARKROOM_TOKEN" placeholder:"JWT" group:"A system that runs already" help:"Bearer token that may write the board."`
	Issuer     string   `placeholder:"URL" group:"A system that runs already" help:"Or the development issuer to get one from."`
	Board      string   `placeholder:"BOARD" group:"A system that runs already" help:"Board to put the photos on. Default: one of the run's own, burst- and a number."`
	S3         string   `name:"s3-endpoint" placeholder:"URL" group:"A system that runs already" help:"S3. Default: as the AWS SDK has it."`
	SQS        string   `name:"sqs-endpoint" placeholder:"URL" group:"A system that runs already" help:"SQS. Default: as the AWS SDK has it."`
	Queue      string   `name:"queue-url" env:"QUEUE_URL" placeholder:"URL" group:"A system that runs already" help:"The queue."`
	Dead       string   `name:"dead-letter-queue-url" placeholder:"URL" group:"A system that runs already" help:"Its dead-letter queue."`
	Uploads    string   `name:"uploads-bucket" env:"UPLOADS_BUCKET" placeholder:"NAME" group:"A system that runs already" help:"Bucket of originals."`
	Variants   string   `name:"variants-bucket" env:"VARIANTS_BUCKET" placeholder:"NAME" group:"A system that runs already" help:"Bucket of variants."`
	Metrics    []string `placeholder:"URL,..." group:"A system that runs already" help:"The workers' addresses of /metrics. Without them goroutines and memory are not looked at."`
	OtherSpecs bool     `group:"A system that runs already" help:"The workers make other variants than the default ones: hold each against its manifest alone."`
}

// target wires the clients of the system.
func (e elsewhere) target(ctx context.Context, board photo.Board) (*target, error) {
	for flag, value := range map[string]string{"--queue-url": e.Queue, "--dead-letter-queue-url": e.Dead, "--uploads-bucket": e.Uploads,
		"--variants-bucket": e.Variants, "--token or --issuer": e.Token + e.Issuer} {
		if value == "" {
			return nil, fmt.Errorf("--api: needs %s as well", flag)
		}
	}
	if e.Board != "" {
		var err error
		if board, err = photo.ParseBoard(e.Board); err != nil {
			return nil, fmt.Errorf("--board: %w", err)
		}
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	var source client.TokenSource = client.StaticToken(e.Token)
	if e.Token == "" {
		source = &tokens.Source{URL: strings.TrimSuffix(e.Issuer, "/"), Subject: "burst", Boards: []string{string(board)}}
	}
	a := stack.Addresses{API: strings.TrimSuffix(e.API, "/"), S3: e.S3, SQS: e.SQS, Queue: e.Queue, DeadLetters: e.Dead, Workers: e.Metrics}
	return newTarget(cfg, a, e.Uploads, e.Variants, source, board)
}

// injected returns what the faults did to S3 and SQS so far.
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

// bucket is one bucket of S3.
type bucket struct {
	client *s3.Client
	name   string
}

// errNoObject reports an object that is not there.
var errNoObject = errors.New("no such object")

// Get returns an object's bytes and its ETag, or errNoObject.
func (b bucket) Get(ctx context.Context, key string) ([]byte, string, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "NoSuchKey" {
		return nil, "", errNoObject
	}
	if err != nil {
		return nil, "", fmt.Errorf("get s3://%s/%s: %w", b.name, key, err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		return nil, "", fmt.Errorf("get s3://%s/%s: %w", b.name, key, err)
	}
	return text, aws.ToString(out.ETag), nil
}

// List returns the keys that begin with prefix, sorted.
func (b bucket) List(ctx context.Context, prefix string) ([]string, error) {
	var keys []string
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s: %w", b.name, prefix, err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return keys, nil
}

func (b bucket) put(ctx context.Context, key, contentType string, body []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.name, Key: &key, ContentType: &contentType, Body: bytes.NewReader(body)})
	if err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", b.name, key, err)
	}
	return nil
}

func (b bucket) remove(ctx context.Context, key string) error {
	if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key}); err != nil {
		return fmt.Errorf("delete s3://%s/%s: %w", b.name, key, err)
	}
	return nil
}
