package main

import (
	"context"
	"net/http"
	"os"
	"time"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/faults"
	"darkroom/worker/logging"
	"darkroom/worker/process"
)

type awsCommand struct {
	Data        string        `env:"DATA" default:".darkroom" placeholder:"DIR" help:"Folder for the objects, the messages and the issuer's key."`
	S3Addr      string        `name:"s3-addr" env:"S3_ADDR" default:"127.0.0.1:9000" placeholder:"HOST:PORT" help:"Address that S3 listens on."`
	SQSAddr     string        `name:"sqs-addr" env:"SQS_ADDR" default:"127.0.0.1:9324" placeholder:"HOST:PORT" help:"Address that SQS listens on."`
	IssuerAddr  string        `name:"issuer-addr" env:"ISSUER_ADDR" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Address that the token issuer listens on."`
	IssuerURL   string        `name:"issuer-url" env:"ISSUER_URL" placeholder:"URL" help:"iss claim of the tokens. Default: http:// and the issuer's address."`
	Origins     []string      `name:"origin" env:"ORIGINS" default:"http://127.0.0.1:8080,http://localhost:8080" placeholder:"ORIGIN" help:"Origins whose pages may use S3 and the token issuer."`
	Versions    bool          `env:"VERSIONS" help:"Keep the old versions of objects in both buckets, as buckets with versioning do. A data folder that has versions keeps them."`
	CDNAddr     string        `hidden:"" name:"cdn-addr" placeholder:"HOST:PORT" help:"Address of a CDN in front of the variants."`
	PurgeDelay  time.Duration `hidden:"" placeholder:"DURATION" help:"How long a purge from the CDN takes."`
	Faults      faults.Config `hidden:"" placeholder:"FAULTS" help:"Faults at the next two addresses, such as seed=1,s3-5xx=5%."`
	FaultyS3    string        `hidden:"" name:"faulty-s3-addr" placeholder:"HOST:PORT" help:"Second address of S3, with the faults."`
	FaultySQS   string        `hidden:"" name:"faulty-sqs-addr" placeholder:"HOST:PORT" help:"Second address of SQS, with the faults."`
	Healthcheck bool          `help:"Instead of serving, ask the running process whether it is ready. Exit status 0 means yes."`
	Log         logging.Flags `embed:""`
}

func (c *awsCommand) config() fake.Config {
	return fake.Config{Dir: c.Data, S3Addr: c.S3Addr, SQSAddr: c.SQSAddr, IssuerAddr: c.IssuerAddr, IssuerURL: c.IssuerURL, Origins: c.Origins,
		CDNAddr: c.CDNAddr, PurgeDelay: c.PurgeDelay,
		FaultyS3Addr: c.FaultyS3, FaultySQSAddr: c.FaultySQS, Faults: c.Faults, Versions: c.Versions}
}

// Validate reports the first invalid setting.
func (c *awsCommand) Validate() error { return c.config().Validate() }

// Run serves the fake AWS until ctx ends, or checks its health.
func (c *awsCommand) Run(ctx context.Context) error {
	config := c.config()
	if c.Healthcheck {
		return check(ctx, config.HealthURLs())
	}
	log, err := c.Log.New(os.Stderr, "aws")
	if err != nil {
		return err
	}
	config.Log = log
	config.Ready = func() {
		log.Info("ready", "data", c.Data, "s3", c.S3Addr, "sqs", c.SQSAddr, "issuer", c.IssuerAddr,
			"uploads", fake.Uploads, "variants", fake.Variants, "events", fake.Events, "photos", fake.Photos)
	}
	return fake.Run(ctx, config)
}

// check returns an error unless every URL answers 200 within two seconds.
func check(ctx context.Context, urls []string) error {
	client := http.Client{Timeout: 2 * time.Second}
	for _, url := range urls {
		if err := process.Healthy(ctx, &client, url); err != nil {
			return err
		}
	}
	return nil
}
