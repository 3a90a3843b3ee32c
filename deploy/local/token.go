package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"darkroom/deploy/local/fake/issuer"
	"darkroom/deploy/local/tokens"
	"darkroom/worker/process"
	"darkroom/worker/settings"
)

type tokenCommand struct {
	Board  []string      `default:"demo" placeholder:"BOARD" help:"Boards that the token gives access to; * for all."`
	Scope  []string      `placeholder:"SCOPE" help:"Scopes of the token. Default: read and write uploads."`
	TTL    time.Duration `name:"ttl" default:"1h" placeholder:"DURATION" help:"Lifetime of the token."`
	target `embed:""`
}

// Validate reports the first invalid setting.
func (c *tokenCommand) Validate() error {
	if err := settings.Named("--ttl", settings.Range(c.TTL, time.Second, issuer.MaxTTL)); err != nil {
		return err
	}
	return c.validate("")
}

// Run prints a token.
func (c *tokenCommand) Run(ctx context.Context) error {
	issuerURL, _, err := c.resolve(ctx, "")
	if err != nil {
		return err
	}
	if err := check(ctx, []string{issuerURL + process.HealthPath}); err != nil {
		return fmt.Errorf("no token issuer (start one with `go run ./deploy/local`): %w", err)
	}
	token, err := (&tokens.Source{URL: issuerURL, Subject: c.Subject, Boards: c.Board, Scope: strings.Join(c.Scope, " "),
		TTL: c.TTL}).Token(ctx)
	if err != nil {
		return err
	}
	fmt.Println(token)
	return nil
}
