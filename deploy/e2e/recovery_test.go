package e2e

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// TestWorkersStoppedWhileProcessing stops workers while they process photos, with SIGTERM as ECS does and with SIGKILL.
func TestWorkersStoppedWhileProcessing(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			s := startSystem(t, func(c *stack.Config) {
				c.Workers = 2
				// A killed worker's messages return after their visibility timeout.
				c.WorkerEnv = append(c.WorkerEnv, "VISIBILITY_TIMEOUT=3s")
			})
			all, err := samples.Demo()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, append(slices.Clone(all), all...)...)
			ctx, cancel := context.WithCancel(t.Context())
			var killer sync.WaitGroup
			kills := 0
			killer.Go(func() {
				for ctx.Err() == nil && kills < 6 {
					// Stop a worker only while a message is in flight.
					if s.depth(t, s.Queues()...).InFlight > 0 {
						pids := s.WorkerPIDs()
						if err := syscall.Kill(pids[kills%len(pids)], signal); err == nil {
							kills++
						} else if !errors.Is(err, syscall.ESRCH) {
							t.Error(err)
						}
					}
					select {
					case <-ctx.Done():
					case <-time.After(100 * time.Millisecond):
					}
				}
			})
			outcomes := s.upload(t, all)
			cancel()
			killer.Wait()
			for i, out := range outcomes {
				s.check(t, all[i], out)
			}
			if kills == 0 {
				t.Error("no worker was stopped while a message was in flight")
			}
			s.wantQueuesEmpty(t)
		})
	}
}

// TestDataFolderSurvivesARestart stops the system while a photo waits in the queue.
func TestDataFolderSurvivesARestart(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	here := func(c *stack.Config) { c.Data = data }
	all, err := samples.Demo()
	if err != nil {
		t.Fatal(err)
	}
	first := startSystem(t, here)
	done := first.upload(t, all[1:2])[0]
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	// Without a worker the photo's message stays.
	second := startSystem(t, func(c *stack.Config) {
		here(c)
		c.DeferWorkers = true
	})
	body := all[2].Bytes
	g := second.requestUpload(t, second.token(t, "ann", "cats"), "cats", contract.UploadRequest{ContentType: all[2].ContentType, ContentLength: int64(len(body))}, http.StatusCreated)
	if status, answer := g.put(t, body, nil); status != http.StatusOK {
		t.Fatalf("PUT: %d %s", status, answer)
	}
	if d := second.depth(t, second.Queues()...); d.Visible != 1 {
		t.Fatalf("queue %+v, want one visible message", d)
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	third := startSystem(t, here)
	for _, id := range []photo.ID{done.ID, g.ID} {
		manifest := photo.Ref{Board: "cats", ID: id}.ManifestKey()
		eventually(t, manifest, func() bool { return slices.Contains(third.keys(t, fake.Variants), manifest) })
	}
	third.wantQueuesEmpty(t)
}
