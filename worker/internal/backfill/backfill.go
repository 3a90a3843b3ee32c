// Package backfill has what is already in the uploads bucket reconciled: after the specifications of the variants have
// changed, or where events were lost or never sent.
//
// It compares the two buckets and sends an event, as package enqueue does, for each original whose manifest is not
// there, is of another recipe or another original, or promises a variant that is not there. What is up to date is left
// alone, so it can be run again at any time, and after it was interrupted.
package backfill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"darkroom/worker/internal/enqueue"
	"darkroom/worker/internal/progress"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/survey"
	"darkroom/worker/photo"
)

// Variants reads the variants bucket.
type Variants interface {
	survey.Bucket
	Get(ctx context.Context, key, etag string) (store.Object, io.ReadCloser, error)
}

// Config says what to go through. Recipe is required.
type Config struct {
	Prefix   string       // of the keys of originals; default all
	After    string       // the key of the original after which to begin; default the first
	Recipe   photo.Recipe // that manifests must be of; Memory 0 passes over photos rejected by another budget
	Progress *progress.Line
}

// Summary says what was found.
type Summary struct {
	Originals int                     // looked at
	UpToDate  int                     // of these
	Found     map[photo.Staleness]int // of these: an event was added for each
	Orphans   int                     // photos without an original, which a sweep removes
	Strays    int                     // keys that are of no photo
	Last      string                  // key of the last original that is dealt with: where to go on after
}

// Manifests are read so many at once, a chunk of photos at a time.
const (
	readers = 16
	chunk   = 8 * readers
)

// Run goes through the buckets. It returns what it has found also with an error, of which [enqueue.ErrBudget] and the
// end of ctx are two.
func Run(ctx context.Context, cfg Config, uploads survey.Bucket, variants Variants, events *enqueue.Events) (Summary, error) {
	r := &run{cfg: cfg, variants: variants, events: events, sum: Summary{Found: map[photo.Staleness]int{}, Last: cfg.After}}
	if cfg.Recipe.Name == "" {
		return r.sum, errors.New("the recipe has no name")
	}
	var photos []survey.Photo
	for p, err := range survey.Photos(ctx, uploads, variants, cfg.Prefix, cfg.After) {
		if err != nil {
			return r.sum, err
		}
		switch {
		case p.Stray != "":
			r.sum.Strays++
		case p.Original == nil:
			r.sum.Orphans++
		default:
			photos = append(photos, p)
		}
		if len(photos) == chunk {
			if err := r.look(ctx, photos); err != nil {
				return r.sum, err
			}
			photos = photos[:0]
		}
	}
	return r.sum, r.look(ctx, photos)
}

type run struct {
	cfg      Config
	variants Variants
	events   *enqueue.Events
	sum      Summary
}

// look compares a chunk of photos and adds their events. At its end they are sent.
func (r *run) look(ctx context.Context, photos []survey.Photo) error {
	reasons := make([]photo.Staleness, len(photos))
	g, reading := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for i, p := range photos {
		g.Go(func() (err error) {
			reasons[i], err = r.compare(reading, p)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	last := r.sum.Last
	for i, p := range photos {
		if reasons[i] != photo.UpToDate {
			if err := r.events.Add(ctx, p.Ref, string(reasons[i])); err != nil {
				if errors.Is(err, enqueue.ErrBudget) {
					if flushed := r.events.Flush(ctx); flushed != nil {
						return flushed
					}
					r.sum.Last = last
				}
				return err
			}
			r.sum.Found[reasons[i]]++
		} else {
			r.sum.UpToDate++
		}
		r.sum.Originals++
		last = p.Ref.Key()
		r.cfg.Progress.Step(1, "%d originals, %d up to date, %d events sent, at %s", r.sum.Originals, r.sum.UpToDate, r.events.Sent(), p.Ref)
	}
	if err := r.events.Flush(ctx); err != nil {
		return err
	}
	r.sum.Last = last
	return nil
}

// compare returns why a photo is to be reconciled, if it is. Of the original it knows what a listing tells, so a version
// of the same bytes counts as the same.
func (r *run) compare(ctx context.Context, p survey.Photo) (photo.Staleness, error) {
	if !p.HasManifest() {
		return photo.NoManifest, nil
	}
	_, body, err := r.variants.Get(ctx, p.Ref.ManifestKey(), "")
	if errors.Is(err, store.ErrNotFound) {
		return photo.NoManifest, nil
	}
	if err != nil {
		return "", fmt.Errorf("get manifest: %w", err)
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, photo.MaxManifestBytes))
	if err != nil {
		return "", fmt.Errorf("read manifest of %s: %w", p.Ref, err)
	}
	m, err := photo.ParseManifest(p.Ref, text)
	if err != nil {
		return photo.Unreadable, nil
	}
	source := photo.Source{Bytes: p.Original.Bytes, ETag: p.Original.ETag}
	return cmp.Or(m.Staleness(r.cfg.Recipe, source), m.Missing(p.Variants)), nil
}
