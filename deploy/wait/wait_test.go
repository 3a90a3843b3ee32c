package wait

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if err := Until(t.Context(), begin.Add(time.Minute)); err != nil || time.Since(begin) != time.Minute {
			t.Errorf("waited %s, %v; want a minute", time.Since(begin), err)
		}
		cause := errors.New("the system failed")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
		defer cancel()
		begin = time.Now()
		if err := For(ctx, time.Hour); err != cause || time.Since(begin) != time.Second {
			t.Errorf("waited %s, %v; want one second, %v", time.Since(begin), err, cause)
		}
	})
}
