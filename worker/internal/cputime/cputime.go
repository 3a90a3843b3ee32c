// Package cputime bounds the processor time that a function may take.
//
// On Linux it counts the time of the function's own thread, so that neither a busy machine nor a throttled container
// brings a function to its limit. What other threads do for the function is not counted: the garbage collector, and
// goroutines that it starts. On other systems, [Run] counts the time on the clock.
package cputime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrExceeded says that a function took more processor time than its limit. [Run] wraps it.
var ErrExceeded = errors.New("the processor time is used up")

// precision is the shortest wait between two readings of the clock. A function can exceed its limit by this much.
const precision = 20 * time.Millisecond

// Run calls f with a context that ends when f has taken that much processor time, with an [ErrExceeded] as its cause. The
// error of f is then that cause, whatever f returns. If f returns no error,
// it has finished, and Run returns none either. f must not leave its goroutine's thread.
func Run(ctx context.Context, limit time.Duration, f func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	clock := startClock()
	defer clock.release()
	var watch sync.WaitGroup
	watch.Go(func() {
		for left := limit; left > 0; left = limit - clock.used() {
			// A thread takes at most as much processor time as passes.
			select {
			case <-ctx.Done():
				return
			case <-time.After(max(left, precision)):
			}
		}
		cancel(fmt.Errorf("%w: %v", ErrExceeded, limit))
	})
	defer watch.Wait()
	defer cancel(nil)
	err := f(ctx)
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, ErrExceeded) {
		return cause
	}
	return err
}
