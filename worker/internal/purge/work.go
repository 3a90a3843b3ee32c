package purge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/worker/internal/queue"
	"darkroom/worker/photo"
)

// boardFrom is the number of photos of one board from which a purge names the board instead: it costs as much as one
// photo. The other photos of the board are then read from the bucket once more.
const boardFrom = 20

// tags returns the cache tags of all variants of the photos, each once and in order.
func tags(refs []photo.Ref) []string {
	photos := map[photo.Board]int{}
	for _, ref := range refs {
		photos[ref.Board]++
	}
	var all []string
	for _, ref := range refs {
		if photos[ref.Board] >= boardFrom {
			all = append(all, ref.Board.CacheTag())
		} else {
			all = append(all, ref.CacheTag())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// due is a photo whose purge is due.
type due struct {
	request
	ref photo.Ref
}

// begin begins a purge for all requests, and replaces their messages by one that names it.
func (l *Loop) begin(ctx context.Context, requests []received) {
	var photos []due
	asked := map[photo.Ref]bool{}
	for _, r := range requests {
		for i, ref := range r.refs {
			if !asked[ref] {
				asked[ref] = true
				photos = append(photos, due{r.Photos[i], ref})
			}
		}
	}
	// The request that replaces a forgotten purge has many photos, so one purge may not be enough.
	for chunk := range slices.Chunk(photos, MaxTags) {
		if err := l.purge(ctx, chunk); err != nil {
			l.putOff(ctx, err, requests...)
			return
		}
	}
	l.remove(ctx, requests...)
}

// purge begins a purge and sends the message that names it.
func (l *Loop) purge(ctx context.Context, photos []due) error {
	refs, m := make([]photo.Ref, len(photos)), message{Photos: make([]request, len(photos))}
	for i, p := range photos {
		refs[i], m.Photos[i] = p.ref, p.request
	}
	m.Began = time.Now().UTC()
	id, err := l.cdn.Purge(ctx, tags(refs))
	l.cfg.Metrics.called(opPurge, err)
	if err != nil {
		return err
	}
	l.cfg.Log.Info("began a purge", "purge", id, "photos", len(refs))
	m.Purge = id
	return l.send(ctx, m)
}

// check asks the CDN about a purge. If it is complete, check records that in the tombstones and deletes the message.
func (l *Loop) check(ctx context.Context, r received) {
	done, err := l.cdn.Done(ctx, r.Purge)
	l.cfg.Metrics.called(opStatus, err)
	switch {
	case errors.Is(err, ErrUnknown):
		l.cfg.Log.Warn("the CDN has forgotten a purge, which is requested again", "purge", r.Purge, "photos", len(r.refs))
		l.replace(ctx, r, message{Photos: r.Photos})
	case err != nil:
		l.putOff(ctx, fmt.Errorf("purge %s: %w", r.Purge, err), r)
	case !done:
		l.wait(ctx, r)
	default:
		if err := l.record(ctx, r); err != nil {
			l.putOff(ctx, err, r)
			return
		}
		l.cfg.Log.Info("a purge is complete", "purge", r.Purge, "photos", len(r.refs))
		l.remove(ctx, r)
	}
}

// recorders is how many tombstones are written at once.
const recorders = 8

// record writes into the tombstone of each photo that its purge is complete. If more of a photo was erased after this
// purge began, record requests another one.
func (l *Loop) record(ctx context.Context, r received) error {
	now := time.Now().UTC()
	covered := make([]bool, len(r.refs))
	g, writing := errgroup.WithContext(ctx)
	g.SetLimit(recorders)
	for i, ref := range r.refs {
		g.Go(func() (err error) {
			if covered[i], err = l.tombstones.Purged(writing, ref, r.Began, now); err != nil {
				return fmt.Errorf("record the purge of %s: %w", ref, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	again := message{}
	for i, p := range r.Photos {
		if !covered[i] {
			again.Photos = append(again.Photos, p)
			continue
		}
		l.cfg.Metrics.photos.WithLabelValues(photoPurged).Inc()
		l.cfg.Metrics.seconds.Observe(max(0, now.Sub(p.At).Seconds()))
	}
	if len(again.Photos) == 0 {
		return nil
	}
	return l.send(ctx, again)
}

// send adds a message to the queue.
func (l *Loop) send(ctx context.Context, m message) error {
	body, err := m.body()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	return errors.Join(l.queue.Send(ctx, []queue.Outgoing{{Body: body}})...)
}

// remove deletes messages from the queue. If that fails, they are received again, and their photos purged once more.
func (l *Loop) remove(ctx context.Context, messages ...received) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	for chunk := range slices.Chunk(messages, l.queue.Limits().Batch) {
		batch := make([]queue.Message, len(chunk))
		for i, r := range chunk {
			batch[i] = r.Message
		}
		l.settled(l.queue.Delete(ctx, batch))
	}
}

// settled logs the errors of a call that settles messages.
func (l *Loop) settled(errs []error) {
	for _, err := range errs {
		if err != nil && !errors.Is(err, queue.ErrNotInFlight) {
			l.cfg.Log.Warn("cannot settle a message in the queue of purges", "check", l.advice(err), "error", err)
			return
		}
	}
}
