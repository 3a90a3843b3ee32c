package repair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// Backfilled is the result of a backfill.
type Backfilled struct {
	Found
	Originals int                     // originals that were looked at
	UpToDate  int                     // those that need nothing
	Stale     map[photo.Staleness]int // those that got an event, by the reason
}

// A backfill reads manifests in parallel, and photos in chunks.
const (
	readers   = 16
	chunkSize = 8 * readers
)

// Backfill sends an event of each original that is not up to date for this recipe. If the recipe has no memory budget, it
// passes over the photos that were rejected by another one. The result counts what was found before an error too. The
// error may be an [ErrBudget], or the end of ctx.
func (r *Repair) Backfill(ctx context.Context, recipe photo.Recipe) (Backfilled, error) {
	b := backfill{Repair: r, recipe: recipe, sum: Backfilled{Stale: map[photo.Staleness]int{}}}
	err := b.run(ctx)
	b.sum.Last = r.last
	return b.sum, err
}

type backfill struct {
	*Repair
	recipe photo.Recipe
	sum    Backfilled
}

func (b *backfill) run(ctx context.Context) error {
	if b.recipe.Name == "" {
		return errors.New("backfill: the name of the recipe is missing")
	}
	var chunk []item
	for p, err := range b.photos(ctx, &b.sum.Found) {
		if err != nil {
			return err
		}
		if p.original == nil {
			b.sum.Orphans++
			continue
		}
		if chunk = append(chunk, p); len(chunk) == chunkSize {
			if err := b.compare(ctx, chunk); err != nil {
				return err
			}
			chunk = chunk[:0]
		}
	}
	return b.compare(ctx, chunk)
}

// compare looks at a chunk of photos and sends their events.
func (b *backfill) compare(ctx context.Context, chunk []item) error {
	reasons := make([]photo.Staleness, len(chunk))
	g, reading := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for i, p := range chunk {
		g.Go(func() (err error) {
			reasons[i], err = b.staleness(reading, p)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, p := range chunk {
		if err := b.add(ctx, p.ref, string(reasons[i])); err != nil {
			return err
		}
		b.sum.Originals++
		if reasons[i] == photo.UpToDate {
			b.sum.UpToDate++
		} else {
			b.sum.Stale[reasons[i]]++
		}
		b.cfg.Progress.Step(1, "%s, %d up to date, %s sent, at %s", plural.Count(b.sum.Originals, "original"), b.sum.UpToDate, plural.Count(b.events.Sent(), "event"), p.ref)
	}
	return b.flush(ctx)
}

// staleness returns why a photo is not up to date. It knows of the original what a listing says, so a new version with
// the same bytes counts as the same original.
func (b *backfill) staleness(ctx context.Context, p item) (photo.Staleness, error) {
	if !p.hasManifest() {
		return photo.NoManifest, nil
	}
	_, body, err := b.variants.Get(ctx, p.ref.ManifestKey(), "")
	if errors.Is(err, store.ErrNotFound) {
		return photo.NoManifest, nil
	}
	if err != nil {
		return "", fmt.Errorf("get manifest: %w", err)
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, photo.MaxManifestBytes))
	if err != nil {
		return "", fmt.Errorf("read manifest of %s: %w", p.ref, err)
	}
	m, err := photo.ParseManifest(p.ref, text)
	if err != nil {
		return photo.Unreadable, nil
	}
	source := photo.Source{Bytes: p.original.Bytes, ETag: p.original.ETag}
	return cmp.Or(m.Staleness(b.recipe, source), m.Missing(p.variants)), nil
}
