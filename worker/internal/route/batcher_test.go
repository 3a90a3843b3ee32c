package route_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/internal/queue"
	"darkroom/worker/s3event"
)

// TestBatchesWaitForNobody checks that a message alone is sent soon, and that a caller who gives up does not keep the
// others.
func TestBatchesWaitForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		begun := time.Now()
		if err := b.Handle(t.Context(), queue.Message{Body: s3event.Format(event("cats")), ReceiveCount: 1}); err != nil || time.Since(begun) > 50*time.Millisecond {
			t.Errorf("%v after %v, want nil at once", err, time.Since(begun))
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		var all sync.WaitGroup
		errs := make([]error, 3)
		together := func(callers ...context.Context) {
			for i, ctx := range callers {
				all.Go(func() {
					errs[i] = b.Handle(ctx, queue.Message{Body: s3event.Format(event("cats")), ReceiveCount: 1})
				})
				synctest.Wait()
			}
			all.Wait()
		}
		together(t.Context(), gone, t.Context())
		if errs[0] != nil || !errors.Is(errs[1], context.Canceled) || errs[2] != nil || len(b.photos.batches[1]) != 3 {
			t.Errorf("%v, batches %v", errs, b.photos.batches)
		}
		together(gone, t.Context(), t.Context()) // the first sends what all of them brought
		if errors.Join(errs...) != nil || len(b.photos.batches[2]) != 3 {
			t.Errorf("the first has given up: %v, batches %v", errs, b.photos.batches)
		}
	})
}
