package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"darkroom/deploy/client"
	"darkroom/deploy/local/tokens"
	"darkroom/deploy/testkit/photofiles"
	"darkroom/deploy/testkit/progress"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
	"darkroom/worker/process"
	"darkroom/worker/settings"

	"golang.org/x/term"
)

type uploadCommand struct {
	Paths    []string      `arg:"" name:"path" placeholder:"PHOTO|DIR" help:"Photos and folders of photos."`
	API      string        `name:"api" placeholder:"URL" help:"URL of the API. Default: the API of the system that runs on this machine, or http://127.0.0.1:8080."`
	Board    string        `default:"demo" placeholder:"BOARD" help:"Board for the photos."`
	Token    string        `env:"DARKROOM_TOKEN" placeholder:"JWT" help:"Bearer token. Default: one from the development issuer."`
	Parallel int           `default:"4" placeholder:"N" help:"Number of photos uploaded at the same time."`
	Timeout  time.Duration `default:"2m" placeholder:"DURATION" help:"Longest wait for the outcome of a photo after its upload."`
	URLs     bool          `name:"urls" help:"Also print the URL of each variant, on a line of its own."`
	JSON     bool          `name:"json" help:"Print a JSON object for each photo, with the URLs."`
	target   `embed:""`
}

// manyPhotos is the number of photos from which a terminal shows the progress.
const manyPhotos = 8

// Validate reports the first invalid setting.
func (c *uploadCommand) Validate() error {
	if c.Parallel < 1 || c.Timeout <= 0 {
		return errors.New("--parallel and --timeout must be greater than 0")
	}
	if _, err := photo.ParseBoard(c.Board); err != nil {
		return settings.Named("--board", err)
	}
	return c.validate(c.API)
}

// Run uploads the photos and prints the outcome of each.
func (c *uploadCommand) Run(ctx context.Context) error {
	board := photo.Board(c.Board)
	photos, err := photofiles.Uploads(c.Paths)
	if err != nil {
		return err
	}
	issuerURL, api, err := c.resolve(ctx, c.API)
	if err != nil {
		return err
	}
	if err := check(ctx, []string{api + process.HealthPath}); err != nil {
		return fmt.Errorf("no system to upload to (start one with `go run ./deploy/local`): %w", err)
	}
	fmt.Fprintf(os.Stderr, "uploading to board %s of %s\n", board, api)
	var source client.TokenSource = &tokens.Source{URL: issuerURL, Subject: c.Subject, Boards: []string{string(board)}}
	if c.Token != "" {
		source = client.StaticToken(c.Token)
	}
	cl, err := client.New(client.Config{API: api, Board: board, Tokens: source, Timeout: c.Timeout})
	if err != nil {
		return err
	}

	line := progressLine(len(photos))
	report := uploadReport{w: os.Stdout, json: c.JSON, urls: c.URLs, counts: map[photo.State]int{}, start: time.Now()}
	done := 0
	var written error
	cl.UploadAll(ctx, photos, c.Parallel, func(r client.Result) {
		line.Clear()
		written = cmp.Or(written, report.add(r))
		done++
		line.Update("%d of %s", done, plural.Count(len(photos), "photo"))
	})
	line.Clear()
	switch bad := report.notReady(); {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted with %d of %s ready", done-bad, plural.Count(len(photos), "photo"))
	case written != nil:
		return written
	case bad > 0:
		return errors.Join(report.summary(), fmt.Errorf("%d of %s not ready", bad, plural.Count(done, "photo")))
	}
	return report.summary()
}

// progressLine returns a progress line for many photos on a terminal, and one that writes nothing otherwise.
func progressLine(photos int) *progress.Line {
	if photos >= manyPhotos && term.IsTerminal(int(os.Stderr.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) {
		return progress.New(os.Stderr)
	}
	return progress.New(io.Discard)
}
