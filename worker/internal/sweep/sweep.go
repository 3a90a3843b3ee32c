// Package sweep finds what an event that was lost has left behind, and has it reconciled: variants and manifests
// without an original, and originals that have had no manifest for long.
//
// It deletes nothing itself. For each photo that it finds it sends an event, as package enqueue does, and a worker,
// which looks at both buckets again, removes or makes what there is to remove or make. So nothing is lost to a race
// with an upload, nor to a command that is given the wrong buckets.
package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/internal/enqueue"
	"darkroom/worker/internal/progress"
	"darkroom/worker/internal/survey"
)

// Config says what to go through.
type Config struct {
	Prefix    string        // of the keys of photos; default all
	After     string        // the key of the photo after which to begin; default the first
	OlderThan time.Duration // since an original was uploaded: a younger one is still in the queue
	Progress  *progress.Line
}

// Validate reports the first setting that is out of its range.
func (c Config) Validate() error {
	if c.OlderThan < 0 {
		return fmt.Errorf("older than: %v is less than nothing", c.OlderThan)
	}
	return nil
}

// What is wrong with a photo, as a dry run tells it.
const (
	orphan     = "no original"
	unfinished = "no manifest"
)

// Summary says what was found.
type Summary struct {
	Photos     int    // looked at
	Orphans    int    // of these, without an original
	Unfinished int    // of these, without a manifest for long
	Young      int    // of these, without a manifest and not old enough
	Strays     int    // keys that are of no photo
	Stray      string // one of them
	Last       string // key of the last photo that is dealt with: where to go on after
}

// Run goes through the buckets. It returns what it has found also with an error, of which [enqueue.ErrBudget] and the
// end of ctx are two.
func Run(ctx context.Context, cfg Config, uploads, variants survey.Bucket, events *enqueue.Events) (Summary, error) {
	sum := Summary{Last: cfg.After}
	if err := cfg.Validate(); err != nil {
		return sum, err
	}
	now := time.Now()
	last := cfg.After
	for p, err := range survey.Photos(ctx, uploads, variants, cfg.Prefix, cfg.After) {
		if err != nil {
			return sum, err
		}
		if p.Stray != "" {
			sum.Strays, sum.Stray = sum.Strays+1, p.Stray
			continue
		}
		reason, count := "", new(int)
		switch {
		case p.Original == nil:
			reason, count = orphan, &sum.Orphans
		case p.HasManifest():
		case now.Sub(p.Original.Modified) < cfg.OlderThan:
			sum.Young++
		default:
			reason, count = unfinished, &sum.Unfinished
		}
		if reason != "" {
			if err := events.Add(ctx, p.Ref, reason); errors.Is(err, enqueue.ErrBudget) {
				if flushed := events.Flush(ctx); flushed != nil {
					return sum, flushed
				}
				sum.Last = last
				return sum, err
			} else if err != nil {
				return sum, err
			}
			*count++
		}
		sum.Photos++
		last = p.Ref.Key()
		if !events.Pending() {
			sum.Last = last
		}
		cfg.Progress.Step(1, "%d photos, %d without an original, %d without a manifest, at %s", sum.Photos, sum.Orphans, sum.Unfinished, p.Ref)
	}
	if err := events.Flush(ctx); err != nil {
		return sum, err
	}
	sum.Last = last
	return sum, nil
}
