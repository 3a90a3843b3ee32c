// Package scalertest holds what tests of the scaler share: workers in memory and the conformance suite that every
// [scaler.Workers] passes.
package scalertest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"darkroom/worker/internal/scaler"
)

// Fake is a set of workers in memory. The zero Fake is empty.
type Fake struct {
	mu    sync.Mutex
	tasks scaler.Tasks
	err   error
	sets  int
}

// Set changes the counts. With an error, every call returns that error.
func (f *Fake) Set(n scaler.Tasks, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tasks, f.err = n, err
}

// Sets returns how often the desired count was set.
func (f *Fake) Sets() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sets
}

// Count implements [scaler.Workers].
func (f *Fake) Count(ctx context.Context) (scaler.Tasks, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tasks, errors.Join(ctx.Err(), f.err)
}

// SetDesired implements [scaler.Workers].
func (f *Fake) SetDesired(ctx context.Context, n int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := errors.Join(ctx.Err(), f.err); err != nil {
		return err
	}
	f.tasks.Desired = n
	f.sets++
	return nil
}

// Conformance checks what the scaler relies on. start returns a service with three desired and two running workers.
func Conformance(t *testing.T, start func(t *testing.T) scaler.Workers) {
	t.Run("count", func(t *testing.T) {
		if c, err := start(t).Count(t.Context()); err != nil || c != (scaler.Tasks{Desired: 3, Running: 2}) {
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
