package wait

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestUntil(t *testing.T) {
	why := errors.New("why it ended")
	for name, c := range map[string]struct {
		wait, end time.Duration // after the start; end 0: the context lasts
		took      time.Duration
		want      error
	}{
		"to its end":           {wait: time.Minute, took: time.Minute},
		"of nothing":           {},
		"until a past time":    {wait: -time.Minute},
		"cut off":              {wait: time.Minute, end: time.Second, took: time.Second, want: why},
		"of an ended context":  {wait: time.Minute, end: -1, want: why},
		"of nothing, but late": {wait: -time.Minute, end: -1, want: why},
	} {
		for range 20 { // a select between two ready channels would be random
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				switch {
				case c.end < 0:
					cancel(why)
				case c.end > 0:
					time.AfterFunc(c.end, func() { cancel(why) })
				}
				start := time.Now()
				if err := Until(ctx, start.Add(c.wait)); err != c.want || time.Since(start) != c.took {
					t.Errorf("%s: %v after %v", name, err, time.Since(start))
				}
			})
		}
	}
}
