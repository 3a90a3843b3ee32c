package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/deploy/testkit/progress"
	"darkroom/deploy/testkit/wait"
)

// errNotDrained reports messages that were left when the wait was over. What is wrong then is for the check to say.
var errNotDrained = errors.New("the queue was not drained in time")

// drained waits until the queue has had no message for as long as quiet.
func (t *target) drained(ctx context.Context, limit, quiet time.Duration, line *progress.Line) error {
	defer line.Clear()
	begin := time.Now()
	empty := begin
	for {
		d, err := t.queue.depth(ctx)
		switch {
		case err != nil:
			return err
		case d.total() > 0:
			empty = time.Now()
		case time.Since(empty) >= quiet:
			return nil
		}
		if time.Since(begin) > limit {
			return fmt.Errorf("%w: after %s it has %d messages and %d in flight", errNotDrained, limit, d.visible+d.delayed, d.inFlight)
		}
		line.Update("draining: %d messages wait, %d are in flight; for %s of at most %s", d.visible+d.delayed, d.inFlight, time.Since(begin).Round(time.Second), limit)
		if err := wait.For(ctx, min(quiet/4, time.Second)); err != nil {
			return err
		}
	}
}
