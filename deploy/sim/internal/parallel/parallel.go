// Package parallel runs a call for each of several numbers on all processors.
package parallel

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Run calls do with 0 to n-1, on all processors, until a call fails or ctx ends.
func Run(ctx context.Context, n int, do func(i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		g.Go(func() error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			return do(i)
		})
	}
	return g.Wait()
}
