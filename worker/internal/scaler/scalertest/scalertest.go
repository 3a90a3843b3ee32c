// Package scalertest has workers for tests of the scaler, and what all [scaler.Workers] have to do.
package scalertest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"darkroom/worker/internal/scaler"
)

// Fake are workers in memory. The zero Fake has none.
type Fake struct {
	mu    sync.Mutex
	count scaler.Count
	err   error
	sets  int
}

// Set changes what there is; with an error, nothing answers but that.
func (f *Fake) Set(c scaler.Count, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count, f.err = c, err
}

// Sets is how often the count was set.
func (f *Fake) Sets() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sets
}

// Count implements [scaler.Workers].
func (f *Fake) Count(ctx context.Context) (scaler.Count, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count, errors.Join(ctx.Err(), f.err)
}

// SetDesired implements [scaler.Workers].
func (f *Fake) SetDesired(ctx context.Context, n int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := errors.Join(ctx.Err(), f.err); err != nil {
		return err
	}
	f.count.Desired = n
	f.sets++
	return nil
}

// Conformance holds workers to what the scaler expects of them. start returns some of which two run and three are desired.
func Conformance(t *testing.T, start func(t *testing.T) scaler.Workers) {
	t.Run("count", func(t *testing.T) {
		if c, err := start(t).Count(t.Context()); err != nil || c != (scaler.Count{Desired: 3, Running: 2}) {
			t.Errorf("%+v, %v, want 3 desired and 2 running", c, err)
		}
	})
	t.Run("set", func(t *testing.T) {
		w := start(t)
		for _, n := range []int{7, 7, 4} {
			if err := w.SetDesired(t.Context(), n); err != nil {
				t.Fatal(err)
			}
			if c, err := w.Count(t.Context()); err != nil || c.Desired != n || c.Running != 2 {
				t.Errorf("set to %d: %+v, %v", n, c, err)
			}
		}
	})
	t.Run("too late", func(t *testing.T) {
		w := start(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.SetDesired(ctx, 9); err == nil {
			t.Error("a context that has ended: no error")
		}
		if _, err := w.Count(ctx); err == nil {
			t.Error("a count in a context that has ended: no error")
		}
		if c, err := w.Count(t.Context()); err != nil || c.Desired != 3 {
			t.Errorf("a context that had ended: %+v, %v", c, err)
		}
	})
}
