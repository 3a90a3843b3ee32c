package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/repair"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

type backfillCommand struct {
	Repair  repairFlags    `embed:""`
	Recipe  recipeFlags    `embed:""`
	Verify  bool           `group:"Storage" help:"Also compare the digest of each variant with the one in its manifest."`
	Memory  *int64         `name:"memory-budget" env:"MEMORY_BUDGET" placeholder:"BYTES" group:"Limits" help:"Memory budget of the workers. With it, photos that another budget rejected are rendered again."`
	Timeout *time.Duration `name:"render-timeout" env:"RENDER_TIMEOUT" placeholder:"DURATION" group:"Limits" help:"RENDER_TIMEOUT of the workers. With it, photos that another timeout rejected are rendered again."`
	Plan    planFlags      `embed:""`
}

// Validate reports limits that no worker can have, and flags that exclude each other. The groups within check
// themselves.
func (c *backfillCommand) Validate() error {
	if c.Verify && c.Plan.needed() {
		return errors.New("--verify cannot be combined with --plan or --budget, because a plan does not count its requests")
	}
	return engineFlags{Recipe: c.Recipe, Memory: c.Memory, Timeout: c.Timeout}.Validate()
}

// Help is shown by --help.
func (*backfillCommand) Help() string {
	return `Compares the two buckets and sends the queue an event for each photo that is not up to date: its manifest is missing or cannot be used, was written for other specs or another original, or names a variant that is missing or has another size. The workers do the rest. Use it after VARIANTS or KEEP has changed, or for photos whose events were lost.

VARIANTS and KEEP must be the same as the workers'. Otherwise every photo looks out of date, although the workers find that none is. MAX_BYTES, MAX_PIXELS, MEMORY_BUDGET and RENDER_TIMEOUT matter only for photos that were rejected because of them: once the limit is raised, those are rendered again. DAMAGED matters only for damaged photos: once it has changed, those that it concerns are rendered or rejected again.

It writes to no bucket, so it cannot cause a loop. It can be interrupted and run again: photos that are up to date are left alone. Each existing manifest costs a GET.

With --verify it also finds variants of the right size with other bytes. Each variant costs a HEAD, which returns the digest that S3 checked when the variant was stored. A variant that was stored without a digest is read. The worker that gets the event reads the variants of the photo before it decides.

A manifest that cannot be used or read is printed with the reason, and the run goes on. If any could not be read, the exit status is 1. A manifest that a newer release wrote is left to that release.

With --plan it prints what the backfill will cost, and sends nothing. The plan has the number of photos, also for each spec, the requests, the processor hours, the US dollars and the days. It counts the originals in a listing or, with --inventory, in an S3 Inventory. It reads and renders a sample of them, and writes nothing. The processor time is that of this machine, so run it on a task like the workers'. A variant whose spec has not changed is neither rendered nor stored again, so a new spec costs only what it adds.

With --budget it makes the plan first, then sends events, and stops before the photo that would bring the estimated cost above the budget. It prints the key to continue after. A photo that the workers have rendered since an earlier run costs only the requests that read its manifest.`
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
	if c.Timeout != nil {
		recipe.RenderTimeout = *c.Timeout
	}
	plan, err := c.plan(ctx)
	if err != nil || c.Plan.Only {
		return err
	}
	line := newProgress(-1)
	name := "Darkroom:Backfill"
	if c.Verify {
		name = reconcile.EventVerify
	}
	r, events, err := c.Repair.open(ctx, name, line)
	if err != nil {
		return err
	}
	cfg := repair.BackfillConfig{Recipe: recipe, Verify: c.Verify}
	if plan != nil {
		cfg.Budget, cfg.Price = *c.Plan.Budget, plan.Price
	}
	sum, err := r.Backfill(ctx, cfg)
	line.Close()
	fmt.Printf("%s, %d up to date\n", plural.Count(sum.Originals, "original"), sum.UpToDate)
	for _, reason := range photo.Stalenesses {
		if n := sum.Stale[reason]; n > 0 {
			fmt.Printf("%d: %s\n", n, reason)
		}
	}
	if sum.Orphans > 0 {
		fmt.Printf("%s without an original, see worker sweep\n", plural.Count(sum.Orphans, "photo"))
	}
	showFound(sum.Found)
	fmt.Println(c.Repair.Limits.sentCount(events.SentCount()))
	if plan != nil {
		fmt.Printf("%.2f of %.2f USD spent, by the estimate of the plan\n", sum.Spent, *c.Plan.Budget)
	}
	return runError(ctx, err, sum.Last)
}
