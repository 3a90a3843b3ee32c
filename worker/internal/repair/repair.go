// Package repair finds photos whose events were lost or never sent, and has the workers reconcile them. It compares the
// uploads bucket with the variants bucket and sends the queue an event about each photo that is not as it should be.
//
//   - [Repair.Backfill] finds originals that are not up to date: after the specifications of the variants have changed, or
//     where events were lost.
//   - [Repair.Sweep] finds what a lost event or a worker that died or froze has left behind: variants and manifests without
//     an original, originals that have had no manifest for long, and variants that no manifest names.
//
// A command could reconcile photos itself. Sending events instead leaves the work to the workers, with their limits,
// retries and dead-letter queue. The command needs no permission to write to a bucket, and loses nothing when it is
// interrupted. It can do no harm either: an event is a hint, a worker checks its own buckets, and refuses events of
// another bucket. So nothing is lost to a race with an upload, or to a command with the wrong buckets.
//
// A photo whose manifest a newer release wrote is left to that release: see [photo.ErrNewerManifest]. The exception is
// a photo that a user has removed and that is not yet erased.
//
// A run can be repeated at any time, and resumed after it was interrupted.
package repair

import (
	"context"
	"errors"
	"io"

	"darkroom/worker/internal/progress"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// Config says which photos to check. The zero value means all of them.
type Config struct {
	Prefix   string // beginning of the keys of originals
	After    string // key of the original after which to start
	Progress *progress.Line
	Notes    io.Writer // gets a line for each manifest that cannot be used or read, with the reason; default none
}

// Variants is the variants bucket as a Repair uses it.
type Variants interface {
	store.Reader
	// Head describes an object, with its SHA256 if the bucket knows it. See [store.Originals].
	Head(ctx context.Context, key string) (store.Object, error)
}

// Repair compares the two buckets. It is for one run, in one goroutine.
type Repair struct {
	cfg      Config
	uploads  store.Lister
	variants Variants
	events   *Events
	seen     string // key of the last photo that was checked; its event may be pending
	last     string // key of the last photo whose event has been sent, as have those of all photos before it

	budget float64 // US dollars that the run may cost; 0 for no limit
	spent  float64 // cost of the photos up to seen

	unreadInARow int   // photos that could not be read since the last manifest that could
	firstUnread  error // why the first photo of the run could not be read
}

// New returns a Repair that sends events.
func New(cfg Config, uploads store.Lister, variants Variants, events *Events) *Repair {
	if cfg.Notes == nil {
		cfg.Notes = io.Discard
	}
	return &Repair{cfg: cfg, uploads: uploads, variants: variants, events: events, seen: cfg.After, last: cfg.After}
}

// ErrSpent reports that the budget of a run does not suffice for another photo.
var ErrSpent = errors.New("the budget is spent")

// Found holds the counts of every run.
type Found struct {
	Orphans int    // photos without an original
	Strays  int    // keys that belong to no photo
	Stray   string // one of them
	Newer   int    // photos whose manifest a newer release wrote: they are left alone
	Unread  int    // photos with an object that could not be read: see [ErrUnread]
	Last    string // key of the last photo that needs no more work: a later run can start after it
}

// photos returns the photos to check. It counts the keys that belong to no photo.
func (r *Repair) photos(ctx context.Context, found *Found) func(yield func(item, error) bool) {
	return func(yield func(item, error) bool) {
		for p, err := range walk(ctx, r.uploads, r.variants, r.cfg.Prefix, r.cfg.After) {
			if p.stray != "" {
				found.Strays, found.Stray = found.Strays+1, p.stray
				continue
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// add records that a photo was checked, and sends an event about it unless the reason is empty. The error is an
// [ErrBudget] if no more events may be sent, and an [ErrSpent] if the photo would exceed the budget; add then sends
// none.
func (r *Repair) add(ctx context.Context, ref photo.Ref, v verdict) error {
	if r.budget > 0 && r.spent+v.price > r.budget {
		if failed := r.flush(ctx); failed != nil {
			return failed
		}
		return ErrSpent
	}
	if v.reason != "" {
		if err := r.events.Add(ctx, ref, v.name, v.reason); err != nil {
			if !errors.Is(err, ErrBudget) {
				return err
			}
			if failed := r.flush(ctx); failed != nil {
				return failed
			}
			return err
		}
	}
	r.spent += v.price
	r.seen = ref.Key()
	if !r.events.Pending() {
		r.last = r.seen
	}
	return nil
}

// flush sends the pending events.
func (r *Repair) flush(ctx context.Context) error {
	if err := r.events.Flush(ctx); err != nil {
		return err
	}
	r.last = r.seen
	return nil
}
