package main

import (
	"context"

	"golang.org/x/sync/errgroup"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// asker asks the API for the state of a photo.
type asker interface {
	State(ctx context.Context, url string) (contract.Upload, error)
}

// answers compares the API's state of each photo with the expected one.
func (c *checker) answers(ctx context.Context, api asker, uploads []*upload) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(checkers)
	for _, u := range uploads {
		g.Go(func() error {
			out, err := api.State(ctx, u.status)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				c.report(wrong, u.ref.Key(), "the API does not say its state: %v", err)
				return nil
			}
			want := outcome(u.want.State, u.want.Reason)
			if u.remove {
				want = string(photo.Awaiting)
				if out.State == photo.Expired { // the same of an upload whose token has expired meanwhile
					want = string(photo.Expired)
				}
			}
			if u.removal.requests > 0 {
				want = string(photo.Removed)
			}
			if got := outcome(out.State, out.Reason); got != want {
				c.report(wrong, u.ref.Key(), "the API says %s, must be %s", got, want)
			}
			return nil
		})
	}
	return g.Wait()
}
