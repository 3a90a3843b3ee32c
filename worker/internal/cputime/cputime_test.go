package cputime_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/internal/cputime"
)

// spin works until its context ends.
func spin(ctx context.Context) error {
	for ctx.Err() == nil {
	}
	return ctx.Err()
}

func TestWorkExceedsTheLimit(t *testing.T) {
	err := cputime.Run(t.Context(), time.Millisecond, spin)
	if !errors.Is(err, cputime.ErrExceeded) || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestWaitingDoesNotExceedTheLimit checks that waiting takes no processor time, however long it lasts.
func TestWaitingDoesNotExceedTheLimit(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has a clock of a thread's processor time")
	}
	synctest.Test(t, func(t *testing.T) {
		if err := cputime.Run(t.Context(), time.Second, func(ctx context.Context) error {
			time.Sleep(time.Hour)
			return ctx.Err()
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestCancelledFromOutside(t *testing.T) {
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	err := cputime.Run(ctx, time.Hour, func(ctx context.Context) error {
		cancel(stop)
		err := spin(ctx)
		if context.Cause(ctx) != stop {
			t.Errorf("cause %v", context.Cause(ctx))
		}
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestOwnError checks that the function's own error is kept, and that a function without an error has not exceeded its
// limit.
func TestOwnError(t *testing.T) {
	own := errors.New("own")
	if err := cputime.Run(t.Context(), time.Hour, func(context.Context) error { return own }); err != own {
		t.Errorf("got %v", err)
	}
	if err := cputime.Run(t.Context(), time.Millisecond, func(ctx context.Context) error {
		_ = spin(ctx)
		return nil
	}); err != nil {
		t.Errorf("got %v", err)
	}
}
