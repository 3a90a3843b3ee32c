package system

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/deploy/testkit/progress"
	"darkroom/worker/plural"
	"darkroom/worker/wait"
)

// ErrNotDrained reports that messages were left when the wait ended. The check then finds what is missing.
var ErrNotDrained = errors.New("the queue was not drained in time")

// Drain waits until the queues have been empty for the time quiet. After limit it gives up with [ErrNotDrained].
func (t *Target) Drain(ctx context.Context, limit, quiet time.Duration, line *progress.Line) error {
	defer line.Clear()
	begin := time.Now()
	empty := begin
	for {
		d, err := t.Queue.Depth(ctx)
		switch {
		case err != nil:
			return err
		case d.Total() > 0:
			empty = time.Now()
		case time.Since(empty) >= quiet:
			return nil
		}
		if time.Since(begin) > limit {
			return fmt.Errorf("%w: %s waiting and %d in flight after %s", ErrNotDrained, plural.Count(d.Visible+d.Delayed, "message"), d.InFlight, limit)
		}
		line.Update("draining: %s waiting, %d in flight; %s of at most %s", plural.Count(d.Visible+d.Delayed, "message"), d.InFlight, time.Since(begin).Round(time.Second), limit)
		if err := wait.For(ctx, min(quiet/4, time.Second)); err != nil {
			return err
		}
	}
}
