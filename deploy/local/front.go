package main

import (
	"context"
	"net/http"
	"os"
	"time"

	"darkroom/deploy/local/front"
	"darkroom/worker/logging"
	"darkroom/worker/process"
	"darkroom/worker/settings"
)

type frontCommand struct {
	ListenAddr  string        `env:"LISTEN_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on."`
	API         string        `name:"api" env:"API_URL" default:"http://127.0.0.1:8082" placeholder:"URL" help:"URL of the token Lambda."`
	Issuer      string        `env:"ISSUER_URL" default:"http://127.0.0.1:8081" placeholder:"URL" help:"URL of the token issuer."`
	Storage     string        `env:"S3_PUBLIC_ENDPOINT" default:"http://127.0.0.1:9000" placeholder:"URL" help:"URL of S3 as browsers reach it."`
	Queue       string        `name:"queue-url" env:"QUEUE_URL" default:"http://127.0.0.1:9324/000000000000/darkroom-photos" placeholder:"URL" help:"URL of the queue whose depth the page shows."`
	Workers     []string      `name:"worker" env:"WORKERS" default:"http://127.0.0.1:9102" placeholder:"URL" help:"URLs of the workers' metrics. A host name may resolve to several workers."`
	Boards      []string      `name:"board" env:"BOARDS" default:"demo,family,holiday" placeholder:"BOARD" help:"Boards that the page offers. Users can enter others."`
	Origins     []string      `name:"origin" env:"ORIGINS" placeholder:"ORIGIN" help:"Origins of other pages that may use the API and the sign-in. Default: none."`
	Healthcheck bool          `help:"Instead of serving, ask the running process whether it is ready. Exit status 0 means yes."`
	Log         logging.Flags `embed:""`
}

func (c *frontCommand) config() front.Config {
	return front.Config{API: c.API, Issuer: c.Issuer, Storage: c.Storage, Queue: c.Queue, Workers: c.Workers, Boards: c.Boards, Origins: c.Origins}
}

// Validate reports the first invalid setting.
func (c *frontCommand) Validate() error {
	if err := settings.Named("LISTEN_ADDR", settings.ListenAddress(c.ListenAddr)); err != nil {
		return err
	}
	return c.config().Validate()
}

// frontDrain is how long requests in progress may take when the process stops. The API stops first and ends its own long
// polls.
const frontDrain = 5 * time.Second

// Run serves the page until ctx ends, or checks its health.
func (c *frontCommand) Run(ctx context.Context) error {
	if c.Healthcheck {
		return check(ctx, []string{"http://" + process.Reachable(c.ListenAddr) + process.HealthPath})
	}
	log, err := c.Log.New(os.Stderr, "front")
	if err != nil {
		return err
	}
	config := c.config()
	config.Log = log
	handler, err := front.New(config)
	if err != nil {
		return err
	}
	l, err := process.Listen(c.ListenAddr, "LISTEN_ADDR")
	if err != nil {
		return err
	}
	return process.Serve(ctx, l, &http.Server{Handler: handler, IdleTimeout: time.Minute}, frontDrain, log)
}
