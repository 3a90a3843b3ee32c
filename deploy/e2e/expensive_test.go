package e2e

import (
	"sync"
	"testing"

	"darkroom/deploy/client"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/worker/photo"
)

// TestExpensivePhoto uploads photos to a worker that has little processor time for each. One takes more: it is rejected
// at its first receive while others become ready. The first of these shows that the limit is not too low for every
// photo.
func TestExpensivePhoto(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) {
		c.WorkerEnv = []string{"RENDER_TIMEOUT=1s", `VARIANTS=[{"name":"slow","width":2000,"height":2000,"fit":"inside","formats":["avif"]}]`}
	})
	upload := func(name string, width, height int) client.Outcome {
		sample, err := samples.Photo(name, width, height, 0, 1)
		if err != nil {
			t.Error(err)
			return client.Outcome{}
		}
		out, err := s.client(t, "cats").Upload(t.Context(), client.FromBytes(sample.Name, "image/jpeg", sample.Bytes))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return out
	}
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			if out := upload("small.jpg", 32, 24); out.State != photo.Ready {
				t.Errorf("a small photo: %+v", out)
			}
		})
	}
	out := upload("large.jpg", 2000, 1500)
	others.Wait()
	if out.State != photo.Rejected || out.Reason != photo.ReasonTooExpensive || out.Detail != photo.TooSlow(photo.JPEG).Detail() {
		t.Errorf("the large photo: %+v", out)
	}
}
