// Package purge removes the copies of erased photos from a CDN.
//
// A worker that has erased a photo from the buckets calls [Requests.RequestPurge], which sends a message to a queue of
// its own. Every worker runs a [Loop], which works on that queue:
//
//  1. It collects the requests of many photos and asks the CDN, once for all of them, to remove what has their cache tags.
//  2. It sends one message with the id of that purge and its photos, and only then deletes the requests.
//  3. It asks the CDN about that purge each time the message is received, until the purge is complete.
//  4. It records the time in the tombstone of each photo, and deletes the message.
//
// The state of a purge is thus in the queue and nowhere else, and each step is safe to repeat. If a worker dies,
// another one receives the messages after their visibility timeout. Whatever fails, the messages stay: no number of
// receives moves or deletes them, and a message that the queue would soon discard for its age is sent again. A purge
// that is requested twice costs twice as much and does no other harm.
//
// The package depends on no particular queue or CDN. Package cloudfront implements the CDN of AWS.
package purge

import (
	"context"
	"errors"
	"time"

	"darkroom/worker/photo"
)

var (
	// ErrBusy reports that the CDN has too many purges in progress. The same purge succeeds later.
	ErrBusy = errors.New("too many purges are in progress")
	// ErrUnknown reports that the CDN has no purge with this id.
	ErrUnknown = errors.New("the CDN has no such purge")
)

// MaxTags is the most tags of one purge. CloudFront has at most 3,000 in progress at a time, in any number of purges:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/InvalidationLimits.html
const MaxTags = 100

// Purger is a CDN that removes answers by their cache tags: see [photo.Ref.CacheTag].
type Purger interface {
	// Purge begins to remove every answer that has one of the tags, 1 to [MaxTags], and returns the id of the purge. The
	// error wraps [ErrBusy] if there are too many in progress.
	Purge(ctx context.Context, tags []string) (id string, err error)
	// Done reports whether a purge is complete: no cache of the CDN serves what it removed. The error wraps [ErrUnknown]
	// if there is no purge with this id.
	Done(ctx context.Context, id string) (bool, error)
}

// Tombstones are the manifests of removed photos.
type Tombstones interface {
	// Purged records when the caches no longer held a photo, by a purge that began at another time. It reports false,
	// and records nothing, if something of the photo was erased after that purge began. It reports true and changes
	// nothing if a time is recorded already, or if the photo has no tombstone any more. It is safe to repeat.
	Purged(ctx context.Context, ref photo.Ref, began, at time.Time) (covered bool, err error)
}
