package repair

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"darkroom/worker/internal/printable"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// A run reads manifests in parallel, and photos in chunks.
const (
	readers   = 16
	chunkSize = 8 * readers
)

// maxUnread is how many photos in a row may be unreadable before the bucket counts as unreadable, and the run ends.
const maxUnread = 10

// ErrUnread reports that the objects of some photos could not be read although those of others could: an archived
// object, or a policy about one key. The run went on without them.
var ErrUnread = errors.New("could not be read")

// finding says what is wrong with a photo: a [photo.Staleness] or one of those below.
type finding string

const (
	findingNone   finding = ""
	findingOrphan finding = "no original"
	findingNewer  finding = "the manifest was written by a newer release"
	findingUnread finding = "an object could not be read"
)

// verdict is the result of comparing what the buckets hold of a photo.
type verdict struct {
	finding finding
	reason  string  // why it gets an event, as a dry run prints it; empty if it gets none
	name    string  // name of the event; empty for that of the run
	price   float64 // US dollars, in a run with a budget: to check the photo, and to render it if it gets an event
	note    error   // why its manifest cannot be used or read; nil if it can
}

// inspect judges every photo of the run, several at a time, and then sends the events in the order of the keys. It
// counts each photo after its event was added, so the counts agree with the sent events if the run ends early.
//
// A photo that cannot be read is noted and skipped, and the error at the end is an [ErrUnread]. An outage ends the run,
// and so do maxUnread such photos in a row.
func (r *Repair) inspect(ctx context.Context, found *Found, judge func(context.Context, item) (verdict, error), count func(item, verdict)) error {
	var chunk []item
	for p, err := range r.photos(ctx, found) {
		if err != nil {
			return err
		}
		if chunk = append(chunk, p); len(chunk) == chunkSize {
			if err := r.inspectChunk(ctx, chunk, found, judge, count); err != nil {
				return err
			}
			chunk = chunk[:0]
		}
	}
	if err := r.inspectChunk(ctx, chunk, found, judge, count); err != nil {
		return err
	}
	if found.Unread > 0 {
		return fmt.Errorf("%s %w, the first one: %w", plural.Count(found.Unread, "photo"), ErrUnread, r.firstUnread)
	}
	return nil
}

func (r *Repair) inspectChunk(ctx context.Context, chunk []item, found *Found, judge func(context.Context, item) (verdict, error), count func(item, verdict)) error {
	verdicts := make([]verdict, len(chunk))
	g, reading := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for i, p := range chunk {
		g.Go(func() (err error) {
			verdicts[i], err = judge(reading, p)
			if err == nil || reading.Err() != nil || errors.Is(err, store.ErrUnavailable) {
				return err
			}
			verdicts[i] = verdict{finding: findingUnread, note: fmt.Errorf("%s: %w", p.ref, err)}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, p := range chunk {
		switch v := verdicts[i]; {
		case v.finding == findingUnread:
			if r.unreadInARow++; r.unreadInARow == maxUnread {
				return fmt.Errorf("%s in a row could not be read: %w", plural.Count(maxUnread, "photo"), v.note)
			}
		case p.hasManifest():
			r.unreadInARow = 0
		}
	}
	for i, p := range chunk {
		if verdicts[i].finding == findingUnread {
			if found.Unread++; found.Unread == 1 {
				r.firstUnread = verdicts[i].note
			}
		}
		if err := r.add(ctx, p.ref, verdicts[i]); err != nil {
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
