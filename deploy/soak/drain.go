package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/deploy/testkit/progress"
	"darkroom/worker/plural"
	"darkroom/worker/wait"
)

// errNotDrained reports that messages were left when the wait ended. The check then finds what is missing.
var errNotDrained = errors.New("the queue was not drained in time")

// drain waits until the queue has been empty for quiet.
func (t *target) drain(ctx context.Context, limit, quiet time.Duration, line *progress.Line) error {
	defer line.Clear()
	begin := time.Now()
	empty := begin
	for {
		d, err := t.queue.depth(ctx)
		switch {
		case err != nil:
			return err
		case d.Total() > 0:
			empty = time.Now()
		case time.Since(empty) >= quiet:
			return nil
		}
		if time.Since(begin) > limit {
			return fmt.Errorf("%w: %s waiting and %d in flight after %s", errNotDrained, plural.Count(d.Visible+d.Delayed, "message"), d.InFlight, limit)
		}
		line.Update("draining: %s waiting, %d in flight; %s of at most %s", plural.Count(d.Visible+d.Delayed, "message"), d.InFlight, time.Since(begin).Round(time.Second), limit)
		if err := wait.For(ctx, min(quiet/4, time.Second)); err != nil {
			return err
		}
	}
}
