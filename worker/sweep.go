package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"darkroom/worker/internal/sweep"
	"darkroom/worker/settings"
)

type sweepCommand struct {
	Repair    repairFlags   `embed:""`
	OlderThan time.Duration `default:"1h" placeholder:"DURATION" group:"Storage" help:"Age from which an original without a manifest is taken for forgotten."`
}

// Validate reports an age that cannot be.
func (c *sweepCommand) Validate() error {
	return settings.Named("--older-than", settings.Range(c.OlderThan, 0, math.MaxInt64))
}

// Help is shown by --help.
func (*sweepCommand) Help() string {
	return `Compares the two buckets and sends the queue an event for each photo that has variants or a manifest and no original, and for each original that has had no manifest for longer than --older-than. A worker looks again and removes or makes what there is to remove or make.

It deletes nothing itself, so a photo that is uploaded or removed meanwhile is safe, and so is everything if a bucket's name is wrong. It may be interrupted and run again.`
}

// Run is the command sweep.
func (c *sweepCommand) Run(ctx context.Context) error {
	uploads, variants, events, err := c.Repair.open(ctx, "Darkroom:Sweep")
	if err != nil {
		return err
	}
	line := newProgress(-1)
	sum, err := sweep.Run(ctx, sweep.Config{Prefix: c.Repair.Prefix, After: c.Repair.After, OlderThan: c.OlderThan, Progress: line}, uploads, variants, events)
	line.Close()
	fmt.Printf("%d photos\n%d without an original\n%d without a manifest for %v, %d for less\n", sum.Photos, sum.Orphans, sum.Unfinished, c.OlderThan, sum.Young)
	if sum.Strays > 0 {
		fmt.Printf("%d keys are of no photo, such as %q: they are left alone\n", sum.Strays, sum.Stray)
	}
	fmt.Println(c.Repair.Limits.sent(events.Sent()))
	return ended(ctx, err, sum.Last)
}
