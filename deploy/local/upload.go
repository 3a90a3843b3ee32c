package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
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
	ready, done := 0, 0
	cl.UploadAll(ctx, photos, c.Parallel, func(r client.Result) {
		line.Clear()
		report(os.Stdout, r, c.URLs)
		if done++; r.Err == nil && r.Outcome.State == photo.Ready {
			ready++
		}
		line.Update("%d of %s", done, plural.Count(len(photos), "photo"))
	})
	line.Clear()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted with %d of %s ready", ready, plural.Count(len(photos), "photo"))
	case ready < done:
		return fmt.Errorf("%d of %s not ready", done-ready, plural.Count(done, "photo"))
	}
	return nil
}

// progressLine returns a progress line for many photos on a terminal, and one that writes nothing otherwise.
func progressLine(photos int) *progress.Line {
	if photos >= manyPhotos && term.IsTerminal(int(os.Stderr.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) {
		return progress.New(os.Stderr)
	}
	return progress.New(io.Discard)
}

// report prints the outcome of a photo in one line. With urls it adds a line for each variant.
func report(w io.Writer, r client.Result, urls bool) {
	switch out := r.Outcome; {
	case r.Err != nil:
		fmt.Fprintf(w, "%s  failed: %v\n", r.Photo.Name, r.Err)
	case out.State == photo.Rejected:
		fmt.Fprintf(w, "%s  rejected: %s (%s)\n", r.Photo.Name, out.Reason, out.Detail)
	default:
		sizes := make([]string, len(out.Variants))
		for i, v := range out.Variants {
			sizes[i] = fmt.Sprintf("%s %dx%d", v.Name, v.Width, v.Height)
		}
		state := string(out.State)
		if out.Damaged {
			state += " (damaged file: what could be read)"
		}
		fmt.Fprintf(w, "%s  %s  %s\n", r.Photo.Name, state, strings.Join(sizes, ", "))
		if urls {
			for _, v := range out.Variants {
				fmt.Fprintf(w, "  %s  %s\n", v.Name, v.URL)
			}
		}
	}
}
