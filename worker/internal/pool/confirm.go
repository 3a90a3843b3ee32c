package pool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/internal/queue"
)

type confirmKey struct{}

// Confirm returns nil if the message whose handler was called with ctx is still in flight. A handler calls it before it
// changes what another worker may have changed since. A process that was stopped, or a machine that was paused, resumes
// as if no time had passed, but another worker may have received its message.
//
// It first compares the clocks with the visibility timeout, which costs nothing. If less than a third of the timeout is
// certain to be left, it asks the queue by extending the timeout. The error wraps [queue.ErrNotInFlight] if the message
// is lost. Any other error means that the queue did not answer and that the timeout may have ended.
//
// Confirm cannot notice a pause during which every clock of this machine stood still.
//
// Confirm returns nil for a ctx without a message.
func Confirm(ctx context.Context) error {
	if confirm, ok := ctx.Value(confirmKey{}).(func(context.Context) error); ok {
		return confirm(ctx)
	}
	return nil
}

// confirm is [Confirm] for one delivery.
func (p *Pool) confirm(ctx context.Context, ph phases, d *delivery) error {
	for asked := false; ; asked = true {
		extending, mine, err := p.inFlight.beginConfirm(d, time.Now(), asked)
		switch {
		case err != nil:
			return fmt.Errorf("message %s: %w", d.ID, err)
		case extending == nil:
			return nil
		case mine:
			p.extend(ph, []*delivery{d})
			continue
		}
		select {
		case <-extending:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// errUnconfirmed reports that the queue could not be asked.
var errUnconfirmed = errors.New("visibility timeout not confirmed")

// beginConfirm returns a nil channel if the message is certainly in flight. Otherwise it returns the channel that is
// closed at the end of an extension. If mine is true, the caller must make that extension. asked says that an extension
// has just ended.
func (f *inFlight) beginConfirm(d *delivery, now time.Time, asked bool) (
	extending chan struct{}, mine bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := &d.visibility
	left := timeLeft(v.sure, now)
	switch {
	case v.stopped || v.claimed:
		return nil, false, queue.ErrNotInFlight
	case !now.Before(v.until):
		f.lose(d)
		return nil, false, queue.ErrNotInFlight
	case left > f.timeout/3, asked && left > 0:
		return nil, false, nil
	case v.extending != nil:
		return v.extending, false, nil
	case asked:
		return nil, false, errUnconfirmed
	case f.remaining(d, now) <= 0: // the queue no longer extends it
		return nil, false, queue.ErrNotInFlight
	}
	v.extending = make(chan struct{})
	return v.extending, true, nil
}

// timeLeft returns the time from now until t, by the clock that shows less. The monotonic clock stands still while a
// machine sleeps. The wall clock can be set back.
func timeLeft(t, now time.Time) time.Duration {
	return min(t.Sub(now), t.Round(0).Sub(now.Round(0)))
}
