// Package wait sleeps until a time or until a context ends.
package wait

import (
	"context"
	"time"
)

// For waits for d. If ctx ends first, or has ended, it returns the cause.
func For(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// Until waits until t. If ctx ends first, or has ended, it returns the cause.
func Until(ctx context.Context, t time.Time) error { return For(ctx, time.Until(t)) }
