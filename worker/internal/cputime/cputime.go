// Package cputime limits the processor time that a function may take.
//
// On Linux it counts the time of the function's own thread, so a busy machine or a throttled container does not make a
// function exceed its limit. Work that other threads do for the function is not counted, such as garbage collection and
// goroutines that it starts. On other systems, [Run] counts elapsed time.
package cputime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrExceeded reports that a function took more processor time than its limit. [Run] wraps it.
var ErrExceeded = errors.New("the processor time is used up")

// precision is the shortest wait between two readings of the clock. A function can exceed its limit by this much.
const precision = 20 * time.Millisecond

// Run calls f. The context of f ends when f has used up limit, with an [ErrExceeded] as its cause. Run then returns
// that cause if f returns any error. If f returns nil, it has finished its work, and Run returns nil too. f must stay
// on the thread of its goroutine.
func Run(ctx context.Context, limit time.Duration, f func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	clock := startClock()
	defer clock.release()
	var watch sync.WaitGroup
	watch.Go(func() {
		for left := limit; left > 0; left = limit - clock.elapsed() {
			// Processor time never passes faster than time itself.
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
