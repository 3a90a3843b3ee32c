// Package ctxcheck tests that long work ends with its context. It counts how often the work checks the context instead
// of measuring time.
package ctxcheck

import (
	"context"
	"errors"
	"testing"
)

// counting is a context that counts the calls of Err and ends at a given one.
type counting struct {
	context.Context
	checks int
	end    int // number of the check at which it ends; 0 for never
}

func (c *counting) Err() error {
	c.checks++
	if c.end > 0 && c.checks >= c.end {
		return context.Canceled
	}
	return nil
}

// surplus is how many checks may follow the one at which a context ends: those of callers.
const surplus = 4

// Ends calls work with a context that never ends, and then with contexts that end at the first check, in the middle and
// at the last one. Each time, work must return the error of the context, and soon. The whole work must check the
// context at least this many times.
func Ends(t testing.TB, least int, work func(ctx context.Context) error) {
	t.Helper()
	whole := &counting{Context: t.Context()}
	if err := work(whole); err != nil {
		t.Fatalf("a context that does not end: %v", err)
	}
	if whole.checks < least {
		t.Errorf("%d checks, want at least %d", whole.checks, least)
	}
	for _, end := range []int{1, 2, whole.checks / 4, whole.checks / 2, whole.checks - 1, whole.checks} {
		if end < 1 || end > whole.checks {
			continue
		}
		ctx := &counting{Context: t.Context(), end: end}
		if err := work(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("a context that ends at check %d of %d: %v", end, whole.checks, err)
		}
		if ctx.checks > end+surplus {
			t.Errorf("a context that ends at check %d of %d: %d checks", end, whole.checks, ctx.checks)
		}
	}
}
