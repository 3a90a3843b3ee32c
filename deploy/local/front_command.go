package main

import (
	"context"
	"net/http"
	"os"
	"time"

	"darkroom/deploy/local/front"
	"darkroom/worker/logging"
	"darkroom/worker/process"
)

type frontCommand struct {
	ListenAddr  string        `env:"LISTEN_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen."`
	API         string        `name:"api" env:"API_URL" default:"http://127.0.0.1:8082" placeholder:"URL" help:"The token Lambda."`
	Issuer      string        `env:"ISSUER_URL" default:"http://127.0.0.1:8081" placeholder:"URL" help:"The token issuer."`
	Storage     string        `env:"S3_PUBLIC_ENDPOINT" default:"http://127.0.0.1:9000" placeholder:"URL" help:"S3 as browsers reach it."`
	Queue       string        `name:"queue-url" env:"QUEUE_URL" default:"http://127.0.0.1:9324/000000000000/darkroom-photos" placeholder:"URL" help:"The queue whose depth is shown."`
	Workers     []string      `name:"worker" env:"WORKERS" default:"http://127.0.0.1:9102" placeholder:"URL" help:"Where a worker has its metrics. A host name may stand for several workers."`
	Boards      []string      `name:"board" env:"BOARDS" default:"demo,family,holiday" placeholder:"BOARD" help:"Boards that the page offers. A person can name any other."`
	Healthcheck bool          `help:"Do not serve: ask the process that does whether it is ready. Exit status 0 means yes."`
	Log         logging.Flags `embed:""`
}

// frontDrain is how long running requests may take when the process is told to stop. The API ends its long polls by
// itself, and is told first.
const frontDrain = 5 * time.Second

func (c *frontCommand) Run(ctx context.Context) error {
	if c.Healthcheck {
		return check(ctx, []string{"http://" + process.Reachable(c.ListenAddr) + process.HealthPath})
	}
	log, err := c.Log.New(os.Stderr, "front")
	if err != nil {
		return err
	}
	handler, err := front.New(front.Config{API: c.API, Issuer: c.Issuer, Storage: c.Storage, Queue: c.Queue, Workers: c.Workers, Boards: c.Boards, Log: log})
	if err != nil {
		return err
	}
	l, err := process.Listen(c.ListenAddr, "LISTEN_ADDR")
	if err != nil {
		return err
	}
	return process.Serve(ctx, l, &http.Server{Handler: handler, IdleTimeout: time.Minute}, frontDrain, log)
}
