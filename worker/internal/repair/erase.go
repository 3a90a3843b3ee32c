package repair

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/time/rate"

	"darkroom/worker/photo"
	"darkroom/worker/plural"
	"darkroom/worker/prices"
)

// ErasePrice is about the cost of the removal and the erasure of one photo in US dollars: a GET, a HEAD and a PUT to
// remove it, 2 PUT, 2 LIST and 2 GET by the worker, 3 requests to SQS, and the requests that find the photo.
const ErasePrice = 5*prices.S3Put + 5*prices.S3Get + 3*prices.SQSRequest

// EraseConfig bounds the erasure of a board.
type EraseConfig struct {
	Rate   float64   // photos a second; 0 means any rate
	Max    int       // photos; 0 means any number
	Budget float64   // US dollars, by ErasePrice; 0 means any
	DryRun bool      // remove nothing, and print what would be removed
	Out    io.Writer // gets the lines of a dry run
	// Remove removes a photo.
	Remove func(ctx context.Context, ref photo.Ref) error
}

// Erased is the result of an erasure.
type Erased struct {
	Found
	Photos  int // photos that were checked
	Removed int // photos that were removed, or would be
	Already int // photos that had been removed before
}

// Erase removes every photo that it finds, also those without an original. It writes what a user's removal writes, so
// the workers erase the rest. The result includes the counts before an error. The error may be an [ErrBudget], an
// [ErrSpent], or the end of ctx.
func (r *Repair) Erase(ctx context.Context, cfg EraseConfig) (sum Erased, err error) {
	limit := rate.NewLimiter(rate.Inf, 0)
	if cfg.Rate > 0 {
		limit = rate.NewLimiter(rate.Limit(cfg.Rate), max(1, int(cfg.Rate)))
	}
	defer func() { sum.Last = r.last }()
	for p, err := range r.photos(ctx, &sum.Found) {
		if err != nil {
			return sum, err
		}
		already, err := r.removed(ctx, p)
		if err != nil {
			return sum, err
		}
		if !already {
			switch {
			case cfg.Max > 0 && sum.Removed == cfg.Max:
				return sum, ErrBudget
			case cfg.Budget > 0 && float64(sum.Removed+1)*ErasePrice > cfg.Budget:
				return sum, ErrSpent
			}
			if err := r.eraseOne(ctx, cfg, limit, p.ref); err != nil {
				return sum, err
			}
			sum.Removed++
		} else {
			sum.Already++
		}
		sum.Photos++
		r.last = p.ref.Key()
		r.cfg.Progress.Step(1, "%s, %d removed, at %s", plural.Count(sum.Photos, "photo"), sum.Removed, p.ref)
	}
	return sum, nil
}

// eraseOne removes a photo, or prints it in a dry run.
func (r *Repair) eraseOne(ctx context.Context, cfg EraseConfig, limit *rate.Limiter, ref photo.Ref) error {
	if cfg.DryRun {
		_, err := fmt.Fprintln(cfg.Out, ref.Key())
		return err
	}
	if err := limit.Wait(ctx); err != nil {
		return err
	}
	if err := cfg.Remove(ctx, ref); err != nil {
		return fmt.Errorf("remove %s: %w", ref, err)
	}
	return nil
}

// removed reports whether a photo has been removed already. Only one without an original can be.
func (r *Repair) removed(ctx context.Context, p item) (bool, error) {
	if p.original != nil || !p.hasManifest() {
		return false, nil
	}
	m, _, err := r.readManifest(ctx, p.ref)
	if err != nil && !errors.Is(err, photo.ErrManifest) {
		return false, err
	}
	return m != nil && m.State == photo.Removed, nil
}
