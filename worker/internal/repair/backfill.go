package repair

import (
	"context"
	"errors"

	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// Backfilled is the result of a backfill.
type Backfilled struct {
	Found
	Originals int                     // originals that were checked
	UpToDate  int                     // originals that need nothing
	Stale     map[photo.Staleness]int // originals that got an event, by reason
	Spent     float64                 // estimate in US dollars, of a run with a budget
}

// BackfillConfig says when a photo is up to date.
type BackfillConfig struct {
	// Recipe is the workers' recipe. If it has no memory budget, the backfill leaves photos alone that were rejected by
	// another one.
	Recipe photo.Recipe
	// Verify also compares the digest of each variant. That costs a HEAD for each, and a GET for one that was stored
	// without a digest. Send the events as reconcile.EventVerify, so that a worker does the same.
	Verify bool
	// Budget is what the run may cost in US dollars, the work on its events included; 0 means no limit. Price estimates
	// the cost of a photo with an original of this size, with an event or without. The run ends with an [ErrSpent]
	// before the photo that would exceed the budget.
	Budget float64
	Price  func(bytes int64, event bool) float64
}

// Backfill sends an event about each original that is not up to date. The result includes the counts before an error.
// The error may be an [ErrBudget], an [ErrSpent], an [ErrUnread], or the end of ctx.
func (r *Repair) Backfill(ctx context.Context, cfg BackfillConfig) (Backfilled, error) {
	b := backfill{Repair: r, cfg: cfg, sum: Backfilled{Stale: map[photo.Staleness]int{}}}
	r.budget = cfg.Budget
	err := b.run(ctx)
	b.sum.Last, b.sum.Spent = r.last, r.spent
	return b.sum, err
}

type backfill struct {
	*Repair
	cfg BackfillConfig
	sum Backfilled
}

func (b *backfill) run(ctx context.Context) error {
	if b.cfg.Recipe.Name == "" {
		return errors.New("backfill: the name of the recipe is missing")
	}
	if b.cfg.Budget > 0 && b.cfg.Price == nil {
		return errors.New("backfill: a budget needs prices")
	}
	return b.inspect(ctx, &b.sum.Found, b.judgePriced, b.count)
}

// count counts a photo, after its event was added if it needs one.
func (b *backfill) count(p item, v verdict) {
	switch v.finding {
	case findingOrphan:
		b.sum.Orphans++
		return
	case findingNewer:
		b.sum.Newer++
	case findingUnread: // counted for all runs
	case findingNone:
		b.sum.UpToDate++
	default:
		b.sum.Stale[photo.Staleness(v.finding)]++
	}
	b.sum.Originals++
	b.Repair.cfg.Progress.Step(1, "%s, %d up to date, %s sent, at %s",
		plural.Count(b.sum.Originals, "original"), b.sum.UpToDate, plural.Count(b.events.SentCount(), "event"), p.ref)
}

// judgePriced is judge, with the price of the photo if the run has a budget.
func (b *backfill) judgePriced(ctx context.Context, p item) (verdict, error) {
	v, err := b.judge(ctx, p)
	if err == nil && b.cfg.Budget > 0 && p.original != nil {
		v.price = b.cfg.Price(p.original.Bytes, v.reason != "")
	}
	return v, err
}

// judge returns why a photo is not up to date. It knows the original only from a listing, so a new version with the
// same bytes counts as the same original.
func (b *backfill) judge(ctx context.Context, p item) (verdict, error) {
	if p.original == nil {
		return verdict{finding: findingOrphan}, nil
	}
	if !p.hasManifest() {
		return stale(photo.NoManifest), nil
	}
	m, _, err := b.readManifest(ctx, p.ref)
	switch {
	case errors.Is(err, photo.ErrNewerManifest):
		return verdict{finding: findingNewer, note: err}, nil
	case errors.Is(err, photo.ErrManifest):
		v := stale(photo.Unreadable)
		v.note = err
		return v, nil
	case err != nil:
		return verdict{}, err
	case m == nil: // deleted since the listing
		return stale(photo.NoManifest), nil
	case m.Newer() && m.State != photo.Removed:
		return verdict{finding: findingNewer}, nil
	}
	if reason := m.Staleness(b.cfg.Recipe, photo.Source{Bytes: p.original.Bytes, ETag: p.original.ETag}); reason != photo.UpToDate {
		return stale(reason), nil
	}
	if reason := m.CompareStored(p.sizes()); reason != photo.UpToDate || !b.cfg.Verify {
		return stale(reason), nil
	}
	reason, err := b.verify(ctx, m)
	return stale(reason), err
}

// stale returns the verdict on a photo that is not up to date for a reason, or is up to date if the reason is empty.
func stale(reason photo.Staleness) verdict {
	return verdict{finding: finding(reason), reason: string(reason)}
}
