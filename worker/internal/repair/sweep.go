package repair

import (
	"context"
	"fmt"
	"time"

	"darkroom/worker/plural"
)

// Swept is the result of a sweep.
type Swept struct {
	Found
	Photos     int // photos that were looked at, orphans included
	Unfinished int // originals that have had no manifest for long
	Young      int // originals without a manifest that are not old enough
}

// Reasons for an event, as a dry run prints them.
const (
	orphan     = "no original"
	unfinished = "no manifest"
)

// Sweep sends an event of each photo without an original, and of each original without a manifest that is older than
// olderThan. The event of a younger one is still in the queue. The result counts what was found before an error too. The
// error may be an [ErrBudget], or the end of ctx.
func (r *Repair) Sweep(ctx context.Context, olderThan time.Duration) (Swept, error) {
	s := sweep{Repair: r, olderThan: olderThan}
	err := s.run(ctx)
	s.sum.Last = r.last
	return s.sum, err
}

type sweep struct {
	*Repair
	olderThan time.Duration
	sum       Swept
}

func (s *sweep) run(ctx context.Context) error {
	if s.olderThan < 0 {
		return fmt.Errorf("sweep: age %v is negative", s.olderThan)
	}
	now := time.Now()
	for p, err := range s.photos(ctx, &s.sum.Found) {
		if err != nil {
			return err
		}
		reason, count := "", new(int)
		switch {
		case p.original == nil:
			reason, count = orphan, &s.sum.Orphans
		case p.hasManifest():
		case now.Sub(p.original.Modified) < s.olderThan:
			count = &s.sum.Young
		default:
			reason, count = unfinished, &s.sum.Unfinished
		}
		if err := s.add(ctx, p.ref, reason); err != nil {
			return err
		}
		*count++
		s.sum.Photos++
		s.cfg.Progress.Step(1, "%s, %d without an original, %d without a manifest, at %s", plural.Count(s.sum.Photos, "photo"), s.sum.Orphans, s.sum.Unfinished, p.ref)
	}
	return s.flush(ctx)
}
