package jpegwrite

import (
	"context"
	"errors"
	"image"
	"math/rand/v2"
	"testing"
)

// endingContext ends at a given check.
type endingContext struct {
	context.Context
	checks, end int
}

func (c *endingContext) Err() error {
	if c.checks++; c.end > 0 && c.checks >= c.end {
		return context.Canceled
	}
	return nil
}

// TestEncodeEndsAtEveryCheck ends the context at each check in turn. No check may follow the one that ended it.
func TestEncodeEndsAtEveryCheck(t *testing.T) {
	p := picture(176, 144, image.Pt(2, 2), contents["noise"](rand.New(rand.NewPCG(11, 1))))
	for _, progressive := range []bool{false, true} {
		o := Options{Quality: 95, Progressive: progressive}
		whole := &endingContext{Context: t.Context()}
		if _, err := Encode(whole, p, o); err != nil {
			t.Fatal(err)
		}
		if rows := 144 / 16; whole.checks < rows+176*144*3/2*9/10/partTokens {
			t.Errorf("progressive %v: %d checks", progressive, whole.checks)
		}
		for end := 1; end <= whole.checks; end++ {
			ctx := &endingContext{Context: t.Context(), end: end}
			if _, err := Encode(ctx, p, o); !errors.Is(err, context.Canceled) || ctx.checks != end {
				t.Fatalf("progressive %v: a context that ends at check %d of %d: %v after %d", progressive, end, whole.checks, err, ctx.checks)
			}
		}
	}
}
