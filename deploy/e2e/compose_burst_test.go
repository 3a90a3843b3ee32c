package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	"darkroom/deploy/client"
	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/samples"
	"darkroom/worker/photo"
)

// burst uploads 200 photos to three workers. Meanwhile it kills a worker and then restarts the fake S3 and SQS. Every
// photo must still become ready.
func (c *containers) burst(t *testing.T) {
	const photos, different = 200, 20
	before := len(c.keys(t, fake.Uploads))
	c.run(t.Context(), t, "up", "--detach", "--no-build", "--scale", "worker=3")
	workers := c.running(t, "worker")
	if len(workers) != 3 {
		t.Fatalf("%d workers, want 3", len(workers))
	}
	byName := map[string]samples.Sample{}
	var all []client.Photo
	for i := range photos {
		seed := i % different
		if i < different {
			s, err := samples.Photo(fmt.Sprintf("%d.jpg", i), 1024, 768, 0, uint32(i))
			if err != nil {
				t.Fatal(err)
			}
			byName[s.Name] = s
		}
		s := byName[fmt.Sprintf("%d.jpg", seed)]
		all = append(all, client.FromBytes(s.Name, s.ContentType, s.Bytes))
	}

	third, half := make(chan struct{}), make(chan struct{})
	uploading, done := context.WithCancel(t.Context())
	var trouble sync.WaitGroup
	trouble.Go(func() {
		<-third
		runDocker(t.Context(), t, "kill", c.busyWorker(uploading, t, workers))
		<-half
		c.run(t.Context(), t, "restart", "--timeout", "20", "aws")
	})
	var results []client.Result
	c.client(t, "burst").UploadAll(t.Context(), all, 64, func(r client.Result) {
		results = append(results, r)
		switch len(results) {
		case photos / 3:
			close(third)
		case photos / 2:
			close(half)
		}
	})
	done()
	trouble.Wait()
	var longest time.Duration
	if len(results) != photos {
		t.Errorf("%d results, want %d", len(results), photos)
	}
	for _, r := range results {
		if r.Err != nil || r.Outcome.State != photo.Ready {
			t.Errorf("%s: %s, %v", r.Photo.Name, r.Outcome.State, r.Err)
			continue
		}
		c.check(t, byName[r.Photo.Name], r.Outcome)
		longest = max(longest, r.Outcome.Took)
	}
	t.Logf("longest time to an outcome: %s; messages of the killed worker return after 30s", longest)
	c.wantQueuesEmpty(t)
	if n := len(c.keys(t, fake.Uploads)) - before; n != photos {
		t.Errorf("%d originals, want %d", n, photos)
	}
	if left := len(c.running(t, "worker")); left != 2 {
		t.Errorf("%d workers are running, want 2 of 3 after one kill", left)
	}
}

var slotsBusy = regexp.MustCompile(`(?m)^darkroom_slots_busy [1-9]`)

// busyWorker waits for a worker with messages in progress and returns it. When ctx ends it returns any worker.
func (c *containers) busyWorker(ctx context.Context, t *testing.T, workers []string) (id string) {
	t.Helper()
	addrs := map[string]string{}
	for _, w := range workers {
		addrs[w] = runDocker(t.Context(), t, "port", w, "9102/tcp")
	}
	for ctx.Err() == nil {
		for w, addr := range addrs {
			resp, err := http.Get("http://" + addr + "/metrics")
			if err != nil {
				t.Error(err)
				return w
			}
			text, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err == nil && slotsBusy.Match(text) {
				return w
			}
		}
	}
	return workers[0]
}
