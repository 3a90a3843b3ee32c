package check

import (
	"context"

	"golang.org/x/sync/errgroup"

	"darkroom/deploy/soak/internal/load"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// stateReader reads the state of a photo from the API.
type stateReader interface {
	State(ctx context.Context, url string) (contract.Upload, error)
}

// CheckAPI compares the API's state of each photo with the expected one.
func (c *Checker) CheckAPI(ctx context.Context, api stateReader, uploads []*load.Upload) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(Parallel)
	for _, u := range uploads {
		g.Go(func() error {
			out, err := api.State(ctx, u.StatusURL)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				c.report(Wrong, u.Ref.Key(), "its state cannot be read from the API: %v", err)
				return nil
			}
			want := Outcome(u.Want.State, u.Want.Reason)
			if u.Remove {
				want = string(photo.Awaiting)
				if out.State == photo.Expired { // the upload token has expired since
					want = string(photo.Expired)
				}
			}
			if u.Removal.Requests > 0 {
				want = string(photo.Removed)
			}
			if got := Outcome(out.State, out.Reason); got != want {
				c.report(Wrong, u.Ref.Key(), "the API says %s, must be %s", got, want)
			}
			return nil
		})
	}
	return g.Wait()
}
