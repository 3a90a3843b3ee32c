package system

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"

	"darkroom/deploy/client"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/tokens"
	"darkroom/worker/photo"
	"darkroom/worker/settings"
)

// Flags are the addresses and names of a system that is already running.
type Flags struct {
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

// Validate reports the first invalid or missing setting. Without API, the soak starts a system and ignores the other fields.
func (f Flags) Validate() error {
	if f.API == "" {
		return nil
	}
	for _, flag := range []struct {
		name, value string
		url         bool
	}{
		{"--api", f.API, true}, {"--queue-url", f.Queue, true}, {"--dead-letter-queue-url", strings.Join(f.Dead, ""), false}, {"--uploads-bucket", f.Uploads, false},
		{"--variants-bucket", f.Variants, false}, {"--token or --issuer", f.Token + f.Issuer, false},
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
	for name, urls := range map[string][]string{"--dead-letter-queue-url": f.Dead, "--metrics": f.Metrics} {
		for _, url := range urls {
			if _, err := settings.HTTPURL(url); err != nil {
				return settings.Named(name, err)
			}
		}
	}
	if f.Board != "" {
		if _, err := photo.ParseBoard(f.Board); err != nil {
			return settings.Named("--board", err)
		}
	}
	return nil
}

// Target returns the system with its clients. It uses board unless the flags name one.
func (f Flags) Target(ctx context.Context, board photo.Board) (*Target, error) {
	if f.Board != "" {
		board = photo.Board(f.Board)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	var source client.TokenSource = client.StaticToken(f.Token)
	if f.Token == "" {
		source = &tokens.Source{URL: strings.TrimSuffix(f.Issuer, "/"), Subject: "soak", Boards: []string{string(board)}}
	}
	a := stack.Addresses{API: strings.TrimSuffix(f.API, "/"), S3: f.S3, SQS: f.SQS, Events: f.Queue, Photos: f.Photos, DeadLetters: f.Dead, Workers: f.Metrics}
	return newTarget(cfg, a, f.Uploads, f.Variants, source, board)
}
