package main

import (
	"context"
	"fmt"

	"darkroom/worker/internal/backfill"
	"darkroom/worker/photo"
)

type backfillCommand struct {
	Repair repairFlags `embed:""`
	Recipe recipeFlags `embed:""`
}

// Help is shown by --help.
func (*backfillCommand) Help() string {
	return `Compares the two buckets and sends the queue an event for each photo whose manifest is not there, was made by other specifications or of another original, or promises a variant that is not there. The workers do the rest. Use it after VARIANTS has changed, or for photos whose events were lost.

VARIANTS, MAX_BYTES and MAX_PIXELS must be as the workers have them: else every photo looks out of date, and each worker finds that it is not.

It writes to no bucket, so it can start no loop. It may be interrupted and run again: what is up to date is left alone. Each manifest that is there costs a GET.`
}

// Run is the command backfill.
func (c *backfillCommand) Run(ctx context.Context) error {
	recipe, err := c.Recipe.recipe()
	if err != nil {
		return err
	}
	uploads, variants, events, err := c.Repair.open(ctx, "Darkroom:Backfill")
	if err != nil {
		return err
	}
	line := newProgress(-1)
	sum, err := backfill.Run(ctx, backfill.Config{Prefix: c.Repair.Prefix, After: c.Repair.After, Recipe: recipe, Progress: line}, uploads, variants, events)
	line.Close()
	fmt.Printf("%d originals, %d up to date\n", sum.Originals, sum.UpToDate)
	for _, r := range photo.Stalenesses {
		if n := sum.Found[r]; n > 0 {
			fmt.Printf("%d: %s\n", n, r)
		}
	}
	if sum.Orphans > 0 {
		fmt.Printf("%d photos have no original: worker sweep removes them\n", sum.Orphans)
	}
	if sum.Strays > 0 {
		fmt.Printf("%d keys are of no photo\n", sum.Strays)
	}
	fmt.Println(c.Repair.Limits.sent(events.Sent()))
	return ended(ctx, err, sum.Last)
}

// sent tells how many events were sent.
func (f limitFlags) sent(n int) string {
	if f.DryRun {
		return fmt.Sprintf("%d events would be sent", n)
	}
	return fmt.Sprintf("%d events sent", n)
}
