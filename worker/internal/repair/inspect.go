package repair

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"darkroom/worker/internal/printable"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// A run reads manifests in parallel, and photos in chunks.
const (
	readers   = 16
	chunkSize = 8 * readers
)

// finding says what is wrong with a photo: a [photo.Staleness] or one of those below.
type finding string

const (
	findingNone   finding = ""
	findingOrphan finding = "no original"
	findingNewer  finding = "the manifest was written by a newer release"
)

// verdict is the result of comparing what the buckets hold of a photo.
type verdict struct {
	finding finding
	reason  string // why it gets an event, as a dry run prints it; empty if it gets none
	note    error  // why its manifest cannot be used; nil if it can
}

// inspect judges every photo of the run, several at a time, and then sends the events in the order of the keys. It counts
// each photo after its event was added, so that the sum agrees with what was sent if the run ends early.
func (r *Repair) inspect(ctx context.Context, found *Found, judge func(context.Context, item) (verdict, error), count func(item, verdict)) error {
	var chunk []item
	for p, err := range r.photos(ctx, found) {
		if err != nil {
			return err
		}
		if chunk = append(chunk, p); len(chunk) == chunkSize {
			if err := r.inspectChunk(ctx, chunk, judge, count); err != nil {
				return err
			}
			chunk = chunk[:0]
		}
	}
	return r.inspectChunk(ctx, chunk, judge, count)
}

func (r *Repair) inspectChunk(ctx context.Context, chunk []item, judge func(context.Context, item) (verdict, error), count func(item, verdict)) error {
	verdicts := make([]verdict, len(chunk))
	g, reading := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for i, p := range chunk {
		g.Go(func() (err error) {
			verdicts[i], err = judge(reading, p)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, p := range chunk {
		if err := r.add(ctx, p.ref, verdicts[i].reason); err != nil {
			return err
		}
		if note := verdicts[i].note; note != nil {
			if _, err := fmt.Fprintln(r.cfg.Notes, printable.Escape(note.Error())); err != nil {
				return err
			}
		}
		count(p, verdicts[i])
	}
	return r.flush(ctx)
}

// readManifest returns the manifest of a photo and the ETag of its object, or nil if there is none. The error may be a
// [photo.ErrManifest].
func (r *Repair) readManifest(ctx context.Context, ref photo.Ref) (m *photo.Manifest, etag string, err error) {
	object, body, err := r.variants.Get(ctx, ref.ManifestKey(), "")
	if errors.Is(err, store.ErrNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("get manifest: %w", err)
	}
	defer body.Close()
	m, err = photo.ReadManifest(ref, body)
	return m, object.ETag, err
}
