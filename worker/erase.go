package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/s3store"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
	"darkroom/worker/removal"
	"darkroom/worker/settings"
)

// eraseCommand removes every photo of a board.
type eraseCommand struct {
	AWS     awsFlags    `embed:""`
	Buckets bucketFlags `embed:""`
	Board   string      `required:"" placeholder:"BOARD" group:"Storage" help:"Board whose photos to erase."`
	After   string      `placeholder:"KEY" group:"Storage" help:"Key of the photo to continue after, as an earlier run printed it."`
	DryRun  bool        `group:"Limits" help:"Print the photos that would be removed, and remove none."`
	Rate    float64     `default:"100" placeholder:"N" group:"Limits" help:"Most photos to remove per second; 0 for no limit."`
	Max     *int        `placeholder:"N" group:"Limits" help:"Most photos to remove before the command ends. Default: no limit."`
	Budget  *float64    `placeholder:"USD" group:"Limits" help:"Stop before the estimated cost, the workers' requests included, exceeds this. Default: no limit."`
}

// Validate reports the first setting that cannot be used. The groups within check themselves.
func (c *eraseCommand) Validate() error {
	if _, err := photo.ParseBoard(c.Board); err != nil {
		return settings.Named("--board", err)
	}
	if c.After != "" {
		after, err := photo.ParseKey(c.After)
		if err != nil {
			return settings.Named("--after", err)
		}
		if string(after.Board) != c.Board {
			return fmt.Errorf("--after: the photo is of board %s, and --board is %s", after.Board, c.Board)
		}
	}
	if err := settings.Named("--rate", settings.Range(c.Rate, 0, math.MaxInt32)); err != nil {
		return err
	}
	if c.Budget != nil {
		if err := settings.Named("--budget", settings.Range(*c.Budget, 0.01, math.MaxInt32)); err != nil {
			return err
		}
	}
	return atLeastOne("--max", c.Max)
}

// Help is shown by --help.
func (*eraseCommand) Help() string {
	return `Removes every photo of a board, as a user's DELETE does: it writes a tombstone in place of the manifest, and then deletes the original. The event of that deletion makes a worker erase every version of the photo's objects, and record it in the tombstone. With a CDN, a purge follows. It cannot be undone.

Run it with --dry-run first: it prints the photos that it would remove, and removes none.

It also removes photos whose original is gone already, and skips those that were removed before. So it can be interrupted and run again, or continued with the key that it prints. A photo that is uploaded meanwhile may be missed: run it again once nobody has tokens for the board.

worker prove BOARD/ID says what is left of a photo.`
}

// Run is the command erase.
func (c *eraseCommand) Run(ctx context.Context) error {
	cfg, err := c.AWS.load(ctx)
	if err != nil {
		return err
	}
	uploads := s3store.New(s3.NewFromConfig(cfg, s3store.Options), c.Buckets.Uploads)
	variants := s3store.New(s3.NewFromConfig(cfg, s3store.Options), c.Buckets.Variants)
	line := newProgress(-1)
	r := repair.New(repair.Config{Prefix: c.Board + "/", After: c.After, Progress: line, Notes: os.Stdout}, uploads, variants, nil)
	limits := repair.EraseConfig{Rate: c.Rate, DryRun: c.DryRun, Out: os.Stdout, Remove: func(ctx context.Context, ref photo.Ref) error {
		return removal.Remove(ctx, remover{uploads, variants}, ref)
	}}
	if c.Max != nil {
		limits.Max = *c.Max
	}
	if c.Budget != nil {
		limits.Budget = *c.Budget
	}
	sum, err := r.Erase(ctx, limits)
	line.Close()
	verb := "removed"
	if c.DryRun {
		verb = "would be removed"
	}
	fmt.Printf("%s, %d removed before\n%s %s, at about %.4f USD\n", plural.Count(sum.Photos, "photo"), sum.Already,
		plural.Count(sum.Removed, "photo"), verb, float64(sum.Removed)*repair.ErasePrice)
	showFound(sum.Found)
	if err == nil && sum.Photos == 0 && c.After == "" {
		fmt.Printf("board %s has no photos: check its name\n", c.Board)
	}
	return runError(ctx, err, sum.Last)
}

// remover removes photos from the two buckets. It implements [removal.Store].
type remover struct{ uploads, variants store.Bucket }

// Manifest implements [removal.Store].
func (r remover) Manifest(ctx context.Context, ref photo.Ref) (removal.Stored, error) {
	object, body, err := r.variants.Get(ctx, ref.ManifestKey(), "")
	if errors.Is(err, store.ErrNotFound) {
		return removal.Stored{}, nil
	}
	if err != nil {
		return removal.Stored{}, fmt.Errorf("get manifest: %w", err)
	}
	defer body.Close()
	m, err := photo.ReadManifest(ref, body)
	if err != nil && !errors.Is(err, photo.ErrManifest) {
		return removal.Stored{}, err
	}
	return removal.Stored{Manifest: m, ETag: object.ETag, Exists: true}, nil
}

// Original implements [removal.Store].
func (r remover) Original(ctx context.Context, ref photo.Ref) (*photo.Source, error) {
	object, err := r.uploads.Head(ctx, ref.Key())
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("head original: %w", err)
	}
	return &photo.Source{Bytes: object.Bytes, ETag: object.ETag, VersionID: object.VersionID, SHA256: object.SHA256, Modified: object.Modified}, nil
}

// Bury implements [removal.Store].
func (r remover) Bury(ctx context.Context, ref photo.Ref, text []byte, before removal.Stored) error {
	err := r.variants.Put(ctx, ref.ManifestKey(), store.Content{Type: photo.ManifestContentType, Cache: "no-cache", Body: text,
		Tags: photo.RemovedTagging, IfMatch: &before.ETag})
	switch {
	case errors.Is(err, store.ErrConflict):
		return fmt.Errorf("%w: %w", removal.ErrReplaced, err)
	case err != nil:
		return fmt.Errorf("put tombstone: %w", err)
	}
	return nil
}

// DeleteOriginal implements [removal.Store].
func (r remover) DeleteOriginal(ctx context.Context, ref photo.Ref) error {
	if err := r.uploads.Delete(ctx, []string{ref.Key()}); err != nil {
		return fmt.Errorf("delete original: %w", err)
	}
	return nil
}
