package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/deploy/soak/internal/check"
	"darkroom/deploy/soak/internal/report"
	"darkroom/worker/wait"
)

// checkErased waits until erasedWithin has passed since the photos were removed and since the last disturbance. It then
// requests all their content from S3 and the CDN.
func (s *soak) checkErased(ctx context.Context, r *report.Result) error {
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(check.Parallel)
	begun := time.Now()
	stop := s.progress.Follow(ctx, func() string {
		return fmt.Sprintf("seed %d: waiting for the time by which nothing of an erased photo may be left; %s so far", s.seed, time.Since(begun).Round(time.Second))
	})
	defer stop()
	for _, u := range r.Uploads {
		if u.Erased.IsZero() || u.Err != nil {
			continue
		}
		from := u.Erased
		if r.Calm.After(from) {
			from = r.Calm
		}
		if err := wait.Until(ctx, from.Add(s.erasedWithin)); err != nil {
			break // a check failed, which Wait reports, or the run is interrupted
		}
		g.Go(func() error {
			requests, findings, err := check.ReadErased(ctx, s.target, u)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			r.Erasures.Photos++
			if len(u.Views) > 0 {
				r.Erasures.Viewed++
			}
			r.Erasures.Requests += requests
			r.Findings = append(r.Findings, findings...)
			return nil
		})
	}
	return g.Wait()
}
