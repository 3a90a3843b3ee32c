// Command token-lambda serves Darkroom's HTTP API, which issues upload tokens and reports the state of photos. Started
// by AWS Lambda, it answers events of payload format 2.0 (API Gateway HTTP API, function URL). Started by anything
// else, it is a plain HTTP server. All settings are flags or environment variables: see --help.
package main

import (
	"context"
	"os"

	"github.com/alecthomas/kong"

	"darkroom/worker/process"
	"darkroom/worker/tracing"
)

const (
	program     = "token-lambda"
	description = "Issues upload tokens for photos and reports the state of photos. " +
		"Credentials, region and endpoint of S3 come from the standard AWS_* variables and files. " +
		"With an endpoint other than AWS's own, buckets are addressed by path."
)

type commandLine struct {
	Version     kong.VersionFlag      `help:"Print the version and exit."`
	Serve       serveCommand          `cmd:"" default:"withargs" help:"Answer requests: from AWS Lambda if Lambda started this program, otherwise over HTTP. This is the default command."`
	Healthcheck process.HealthCommand `cmd:"" help:"Check whether a server on this machine answers. Exit status 0 means that it does."`
}

func main() {
	var cl commandLine
	k := process.Parse(&cl, program, description, kong.Vars{"listen": "127.0.0.1:8080"})
	k.FatalIfErrorf(k.Run())
}

// Run answers requests until the process is asked to stop.
func (c *serveCommand) Run() error {
	log, err := c.Log.New(os.Stderr, program)
	if err != nil {
		return err
	}
	ctx := context.Background()
	instance, err := process.Instance(ctx, os.Getenv)
	if err != nil {
		log.Warn("this instance has a random id", "error", err)
	}
	log.Info("starting", "version", process.Version(program), "instance", instance)
	// On Lambda, the client waits for its answer while spans are sent.
	traces, err := c.Traces.Start(ctx, tracing.Config{Program: program, Instance: instance, Impatient: c.OnLambda != "",
		Log: log})
	if err != nil {
		return err
	}
	if c.OnLambda != "" {
		return c.serveLambda(ctx, traces, log)
	}
	return c.serveHTTP(ctx, instance, traces, log)
}
