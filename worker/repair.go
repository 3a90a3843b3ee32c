package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/progress"
	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/store/s3store"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
	"darkroom/worker/settings"
)

// repairFlags are the settings of the commands that compare the two buckets and send events.
type repairFlags struct {
	AWS     awsFlags    `embed:""`
	Queue   queueFlags  `embed:""`
	Buckets bucketFlags `embed:""`
	Limits  limitFlags  `embed:""`
	Prefix  string      `placeholder:"KEY" group:"Storage" help:"Beginning of the keys to process, such as cats/ for a board. Default: all."`
	After   string      `placeholder:"KEY" group:"Storage" help:"Key of the photo to continue after, as an earlier run printed it."`
}

// Validate reports a missing queue. The groups within check themselves.
func (f repairFlags) Validate() error { return f.Queue.require() }

// open opens the two buckets, and the queue that gets the events of this name.
func (f repairFlags) open(ctx context.Context, name string, line *progress.Line) (*repair.Repair, *repair.Events, error) {
	cfg, err := f.AWS.load(ctx)
	if err != nil {
		return nil, nil, err
	}
	events, err := repair.NewEvents(repair.EventsConfig{Limits: f.Limits.limits(), Bucket: f.Buckets.Uploads, Name: name, Out: os.Stdout},
		sqsqueue.New(sqs.NewFromConfig(cfg), f.Queue.URL, ""))
	if err != nil {
		return nil, nil, err
	}
	uploads := s3store.New(s3.NewFromConfig(cfg, s3store.Options), f.Buckets.Uploads)
	variants := s3store.New(s3.NewFromConfig(cfg, s3store.Options), f.Buckets.Variants)
	return repair.New(repair.Config{Prefix: f.Prefix, After: f.After, Progress: line}, uploads, variants, events), events, nil
}

type backfillCommand struct {
	Repair repairFlags `embed:""`
	Recipe recipeFlags `embed:""`
	Memory *int64      `name:"memory-budget" env:"MEMORY_BUDGET" placeholder:"BYTES" group:"Limits" help:"Memory budget of the workers. With it, photos that another budget rejected are rendered again."`
}

// Validate reports a memory budget that no worker can have. The groups within check themselves.
func (c *backfillCommand) Validate() error {
	return engineFlags{Recipe: c.Recipe, Memory: c.Memory}.Validate()
}

// Help is shown by --help.
func (*backfillCommand) Help() string {
	return `Compares the two buckets and sends the queue an event of each photo that is not up to date: its manifest is missing, was written for other specs or another original, or names a variant that is missing. The workers do the rest. Use it after VARIANTS has changed, or for photos whose events were lost.

VARIANTS must be as the workers have it. Otherwise every photo looks out of date, and the workers find that none is. MAX_BYTES, MAX_PIXELS and MEMORY_BUDGET matter only to photos that were rejected for one of them: after a limit was raised, they are rendered again.

It writes to no bucket, so it cannot cause a loop. It can be interrupted and run again: photos that are up to date are left alone. Each existing manifest costs a GET.`
}

// Run is the command backfill.
func (c *backfillCommand) Run(ctx context.Context) error {
	recipe, err := c.Recipe.recipe()
	if err != nil {
		return err
	}
	if c.Memory != nil {
		recipe.Memory = *c.Memory
	}
	line := newProgress(-1)
	r, events, err := c.Repair.open(ctx, "Darkroom:Backfill", line)
	if err != nil {
		return err
	}
	sum, err := r.Backfill(ctx, recipe)
	line.Close()
	fmt.Printf("%s, %d up to date\n", plural.Count(sum.Originals, "original"), sum.UpToDate)
	for _, reason := range photo.Stalenesses {
		if n := sum.Stale[reason]; n > 0 {
			fmt.Printf("%d: %s\n", n, reason)
		}
	}
	if sum.Orphans > 0 {
		fmt.Printf("%s without an original, for worker sweep to remove\n", plural.Count(sum.Orphans, "photo"))
	}
	if sum.Strays > 0 {
		fmt.Printf("%s of no photo\n", plural.Count(sum.Strays, "key"))
	}
	fmt.Println(c.Repair.Limits.sent(events.Sent()))
	return ended(ctx, err, sum.Last)
}

type sweepCommand struct {
	Repair    repairFlags   `embed:""`
	OlderThan time.Duration `default:"1h" placeholder:"DURATION" group:"Storage" help:"Age from which an original without a manifest is reported."`
}

// Validate reports an age that cannot be.
func (c *sweepCommand) Validate() error {
	return settings.Named("--older-than", settings.Range(c.OlderThan, 0, math.MaxInt64))
}

// Help is shown by --help.
func (*sweepCommand) Help() string {
	return `Compares the two buckets and sends the queue an event of each photo that has variants or a manifest but no original, and of each original that has had no manifest for longer than --older-than. A worker looks at the buckets again, and deletes or renders what is needed.

It deletes nothing itself, so a photo that is uploaded or removed meanwhile is safe, and so is everything if a bucket's name is wrong. It can be interrupted and run again.`
}

// Run is the command sweep.
func (c *sweepCommand) Run(ctx context.Context) error {
	line := newProgress(-1)
	r, events, err := c.Repair.open(ctx, "Darkroom:Sweep", line)
	if err != nil {
		return err
	}
	sum, err := r.Sweep(ctx, c.OlderThan)
	line.Close()
	fmt.Printf("%s\n%d without an original\n%d without a manifest for %v, %d for less\n", plural.Count(sum.Photos, "photo"), sum.Orphans, sum.Unfinished, c.OlderThan, sum.Young)
	if sum.Strays > 0 {
		fmt.Printf("%s of no photo, such as %q, left alone\n", plural.Count(sum.Strays, "key"), sum.Stray)
	}
	fmt.Println(c.Repair.Limits.sent(events.Sent()))
	return ended(ctx, err, sum.Last)
}
