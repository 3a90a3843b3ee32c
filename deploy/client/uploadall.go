package client

import (
	"context"
	"sync"
)

// Result is the outcome of one photo among many, or the error that prevented one.
type Result struct {
	Photo   Photo
	Outcome Outcome
	Err     error
}

// UploadAll uploads the photos, at most parallel at a time. It calls each with every result, one call at a time. If ctx
// ends, there is no result for the photos that had not begun.
func (c *Client) UploadAll(ctx context.Context, photos []Photo, parallel int, each func(Result)) {
	queue := make(chan Photo)
	done := make(chan Result)
	var workers sync.WaitGroup
	for range max(1, min(parallel, len(photos))) {
		workers.Go(func() {
			for p := range queue {
				out, err := c.Upload(ctx, p)
				done <- Result{p, out, err}
			}
		})
	}
	go func() {
		defer close(done)
		defer workers.Wait()
		defer close(queue)
		for _, p := range photos {
			if ctx.Err() != nil {
				return
			}
			select {
			case queue <- p:
			case <-ctx.Done():
				return
			}
		}
	}()
	for r := range done {
		each(r)
	}
}
