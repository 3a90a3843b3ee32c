package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"darkroom/deploy/local/front"
	"darkroom/worker/logging"
	"darkroom/worker/process"
	"darkroom/worker/settings"
)

type frontCommand struct {
	ListenAddr   string        `env:"LISTEN_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on."`
	API          string        `name:"api" env:"API_URL" default:"http://127.0.0.1:8082" placeholder:"URL" help:"URL of the token Lambda."`
	Issuer       string        `env:"ISSUER_URL" default:"http://127.0.0.1:8081" placeholder:"URL" help:"URL of the token issuer."`
	PublicIssuer string        `name:"issuer-public-url" env:"ISSUER_PUBLIC_URL" placeholder:"URL" help:"URL of the token issuer as browsers reach it. Default: ISSUER_URL."`
	Storage      string        `env:"S3_PUBLIC_ENDPOINT" default:"http://127.0.0.1:9000" placeholder:"URL" help:"URL of S3 as browsers reach it."`
	CDN          string        `name:"cdn" env:"PUBLIC_BASE_URL" placeholder:"URL" help:"URL of the CDN that serves the variants. Default: none."`
	Queues       []string      `name:"queue-url" env:"QUEUE_URL" default:"http://127.0.0.1:9324/000000000000/darkroom-events,http://127.0.0.1:9324/000000000000/darkroom-photos" placeholder:"URL" help:"URLs of the queues. The page shows how much they hold together."`
	Workers      []string      `name:"worker" env:"WORKERS" default:"http://127.0.0.1:9102" placeholder:"URL" help:"URLs of the workers' metrics. A host name may resolve to several workers."`
	Boards       []string      `name:"board" env:"BOARDS" default:"demo,family,holiday" placeholder:"BOARD" help:"Boards that the page offers. Users can enter others."`
	Origins      []string      `name:"origin" env:"ORIGINS" placeholder:"ORIGIN" help:"Origins of other pages that may use the API. Default: none."`
	BoardURL     string        `name:"board-url" env:"BOARD_URL" placeholder:"URL" help:"URL of the board page in a browser on this machine. It is printed as soon as the system is ready. Default: not printed."`
	Healthcheck  bool          `help:"Instead of serving, ask the running process whether it is ready. Exit status 0 means yes."`
	Log          logging.Flags `embed:""`
}

func (c *frontCommand) config() front.Config {
	return front.Config{API: c.API, Issuer: c.Issuer, PublicIssuer: c.PublicIssuer, Storage: c.Storage, CDN: c.CDN, Queues: c.Queues, Workers: c.Workers, Boards: c.Boards, Origins: c.Origins}
}

// Validate reports the first invalid setting.
func (c *frontCommand) Validate() error {
	if err := settings.Named("LISTEN_ADDR", settings.ListenAddress(c.ListenAddr)); err != nil {
		return err
	}
	if c.BoardURL != "" {
		if _, err := settings.HTTPURL(c.BoardURL); err != nil {
			return settings.Named("BOARD_URL", err)
		}
	}
	return c.config().Validate()
}

// announce prints the URL of the board once the API, the issuer and a worker are ready, or ctx ends. Until then it
// prints at times what the system still waits for.
func (c *frontCommand) announce(ctx context.Context, w io.Writer) {
	for waiting := range front.Waiting(ctx, c.config()) {
		if waiting != nil {
			fmt.Fprintf(w, "The board is not ready yet: %v\n", waiting)
			continue
		}
		fmt.Fprintf(w, "The board is ready: %s\n", c.BoardURL)
	}
}

// frontDrain is how long requests in progress may take when the process stops, besides those that wait for a photo:
// their waits end at once.
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
	srv := &http.Server{Handler: handler, IdleTimeout: time.Minute}
	srv.RegisterOnShutdown(handler.Drain)
	var announced sync.WaitGroup
	if c.BoardURL != "" {
		announced.Go(func() { c.announce(ctx, os.Stdout) })
	}
	err = process.Serve(ctx, l, srv, frontDrain, log)
	announced.Wait()
	return err
}
